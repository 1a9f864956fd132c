"""Where an output's words come from: the body's sentences that share them, as somebody's word or the article's own."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log

from neutralization.audit import cues
from neutralization.audit.reading import Sentence, described, speakers_in
from neutralization.audit.words import Token

# A word of more sentences than these tells nothing of where another comes from, and would cost time.
_MAX_SENTENCES_OF_WORD = 60
# Names tell what a story is of; what they do there is told by the other words.
_NAME_WEIGHT = 0.4
# An output's own words weigh less than those of the body that it could have taken.
_STRANGE_WEIGHT = 0.5
# A speaker's descriptions in one article have fewer words together.
_MAX_RELATED_WORDS = 100


@dataclass(slots=True)
class Match:
    """How much of some words one sentence of the body has: as somebody's word, and as the article's own."""

    claimed: float = 0.0
    bare: float = 0.0
    shared: set[str] = field(default_factory=set)

    @property
    def share(self) -> float:
        """All of it, between 0 and 1."""
        return self.claimed + self.bare


class Origins:
    """A text's sentences, for asking which of them some words come from."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        self.sentences = sentences
        self.homes: defaultdict[str, list[int]] = defaultdict(list)
        self._matches: dict[tuple[tuple[str, bool, bool], ...], dict[int, Match]] = {}
        self._capitals: set[str] = set()
        self._smalls: set[str] = set()
        for index, sentence in enumerate(self.sentences):
            for stem in sentence.places:
                self.homes[stem].append(index)
            words = [token for token in sentence.tokens if token.low[0].isalnum()]
            self._smalls.update(token.stem for token in words if not token.has_capital)
            self._capitals.update(token.stem for token in words if token.has_capital and not token.opens)

    def few_with(self, stem: str, most: int) -> list[Sentence]:
        """The sentences with a word, when they are no more than `most`."""
        homes = self.homes.get(stem, ())
        return [self.sentences[index] for index in homes] if len(homes) <= most else []

    @cached_property
    def speakers(self) -> list[list[frozenset[str]]]:
        """For each sentence, by its claims, the words that tell whose word it is."""
        return speakers_in(self.sentences)

    def speakers_of(self, index: int) -> frozenset[str]:
        """All of them of one sentence together."""
        return frozenset().union(*self.speakers[index])

    def introduced_after(self, index: int) -> frozenset[str]:
        """The names that the next sentence gives to a speaker without one: "its maker said"; "The company, X,"."""
        following = self.speakers[index + 1 : index + 2]
        if not following or any(self.is_name_stem(stem) for stem in self.speakers_of(index)):
            return frozenset()
        words = next(iter(following[0]), frozenset())
        names = frozenset(stem for stem in words if self.is_name_stem(stem))
        return names if words - names and words - names <= cues.ANYBODY else frozenset()

    def is_name(self, token: Token) -> bool:
        """Whether the word has a capital that means something: the text never writes it small."""
        has_meaning = token.has_capital and (not token.opens or token.stem in self._capitals)
        return has_meaning and token.stem not in self._smalls and token.low not in cues.EMPTY

    def is_name_stem(self, stem: str) -> bool:
        """The same of a word's stem, as the text has it."""
        return stem in self._capitals and stem not in self._smalls

    def matches(self, words: Sequence[Token], weights: "Origins | None" = None) -> dict[int, Match]:
        """The sentences that share some of the telling `words`, weighed by how rare they are here or in `weights`."""
        if weights is not None:
            return self._find(words, weights)
        # Each rule asks for the same sentences and clauses.
        key = tuple((token.stem, token.has_capital, token.opens) for token in words)
        if key not in self._matches:
            self._matches[key] = self._find(words, self)
        return self._matches[key]

    def source(self, words: Sequence[Token], least: float) -> int | None:
        """The sentence that shares most of the telling `words`, if it shares so much."""
        matches = self.matches(words)
        best = max(matches, key=lambda index: matches[index].share, default=None)
        return best if best is not None and matches[best].share >= least else None

    def sources(self, words: Sequence[Token], count: int) -> list[int]:
        """The `count` sentences that share most of the telling `words`, the nearest first."""
        matches = self.matches(words)
        return sorted(matches, key=lambda index: -matches[index].share)[:count]

    def _find(self, words: Sequence[Token], weights: "Origins") -> dict[int, Match]:
        weigh = weights.weight
        total = sum(weigh(token) for token in words)
        found: defaultdict[int, Match] = defaultdict(Match)
        for token in words:
            share = weigh(token) / total
            homes = self.homes.get(token.stem, ())
            for index in homes if len(homes) <= _MAX_SENTENCES_OF_WORD else ():
                match = found[index]
                match.shared.add(token.stem)
                if self.is_claimed(index, token.stem):
                    match.claimed += share
                else:
                    match.bare += share
        return found

    def is_claimed(self, index: int, stem: str) -> bool:
        """Whether a sentence has a word as part of a claim only."""
        sentence = self.sentences[index]
        return all(at in sentence.claimed for at in sentence.places.get(stem, ()))

    def weight(self, token: Token) -> float:
        """How much a word tells: the fewer sentences have it the more, and a name less than a deed."""
        spread = len(self.homes.get(token.stem, ()))
        weight = log(1 + len(self.sentences) / spread) if spread else _STRANGE_WEIGHT * log(2 + len(self.sentences))
        return weight * (_NAME_WEIGHT if self.is_name(token) else 1.0)

    def may_be_same(self, mine: frozenset[str], known: frozenset[str]) -> bool:
        """Whether two descriptions may be of one speaker: they share a name, or a word where one of them has none.

        A name brings with it how the body describes who bears it: "GSU" is "the union", and so its secretary's.
        """
        names, known_names = ({stem for stem in each if self.is_name_stem(stem)} for each in (mine, known))
        if names & known_names or (not (names and known_names) and mine & known):
            return True
        return bool(names) and bool((self._related(names) & self._related(known)) - cues.ANYBODY)

    def _related(self, words: Iterable[str]) -> set[str]:
        """`words`, and those that describe the bearers of their names elsewhere."""
        return set(words).union(*(self._descriptions.get(word, ()) for word in words))

    @cached_property
    def _descriptions(self) -> dict[str, set[str]]:
        """For each name, the words by which its bearer is described where he speaks."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for sentence, claim in ((each, claim) for each in self.sentences for claim in each.claims):
            description = described(sentence, claim.speaker)
            for stem in description:
                if self.is_name_stem(stem) and len(found[stem]) < _MAX_RELATED_WORDS:
                    found[stem] |= description
        return found
