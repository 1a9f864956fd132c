"""Where an output's words come from: the body's sentences that share them, and whether they are somebody's word there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import log

from neutralization.audit import cues
from neutralization.audit.alignment import Range
from neutralization.audit.reading import Sentence, Token, read, speakers_in

# A word of more sentences than these tells nothing of where another comes from, and would cost time.
_MAX_SENTENCES_OF_WORD = 60
# Names tell what a story is of; what they do there is told by the other words.
_NAME_WEIGHT = 0.4
# An output's own words weigh less than those of the body that it could have taken.
_STRANGE_WEIGHT = 0.5


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
    """The body's sentences, for asking which of them some words come from."""

    def __init__(self, text: str, ranges: Iterable[Range]) -> None:
        self.sentences: list[Sentence] = [read(text, start, end) for start, end in ranges]
        self.places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self.capitals: set[str] = set()
        self._smalls: set[str] = set()
        for index, sentence in enumerate(self.sentences):
            for at, token in enumerate(sentence.tokens):
                if token.low[0].isalnum():
                    self.places[token.stem].append((index, at))
                    (self.capitals if token.has_capital else self._smalls).add(token.stem)
        self._spread = {stem: len({index for index, _ in places}) for stem, places in self.places.items()}
        self.speakers = speakers_in(self.sentences)

    def is_name(self, token: Token) -> bool:
        """Whether the word has a capital that means something: the body never writes it small."""
        return token.has_capital and token.stem not in self._smalls and token.low not in cues.EMPTY

    def is_name_stem(self, stem: str) -> bool:
        """The same of a word's stem, wherever it stands in the body or the outputs with a capital."""
        return stem in self.capitals and stem not in self._smalls

    def telling(self, tokens: Iterable[Token]) -> list[Token]:
        """The words that tell what the tokens are about, each once."""
        return list({token.stem: token for token in tokens if token.tells}.values())

    def matches(self, tokens: Sequence[Token], weights: "Origins | None" = None) -> dict[int, Match]:
        """The sentences that share telling words with `tokens`, weighed by how rare they are here or in `weights`."""
        weigh = (weights or self).weight
        total = sum(weigh(token) for token in tokens)
        found: defaultdict[int, Match] = defaultdict(Match)
        for token in tokens:
            share = weigh(token) / total
            if not 0 < self._spread.get(token.stem, 0) <= _MAX_SENTENCES_OF_WORD:
                continue
            for index, claimed in self._in_sentences(token.stem).items():
                match = found[index]
                match.shared.add(token.stem)
                match.claimed += share if claimed else 0.0
                match.bare += 0.0 if claimed else share
        return found

    def _in_sentences(self, stem: str) -> dict[int, bool]:
        """The sentences with the word, and whether it stands in each only as part of a claim."""
        found: dict[int, bool] = {}
        for index, at in self.places[stem]:
            found[index] = found.get(index, True) and at in self.sentences[index].claimed
        return found

    def weight(self, token: Token) -> float:
        """How much a word tells: the fewer sentences have it the more, and a name less than a deed."""
        spread = self._spread.get(token.stem, 0)
        weight = log(1 + len(self.sentences) / spread) if spread else _STRANGE_WEIGHT * log(2 + len(self.sentences))
        return weight * (_NAME_WEIGHT if self.is_name(token) else 1.0)

    def may_be_same(self, mine: frozenset[str], known: frozenset[str]) -> bool:
        """Whether two descriptions may be of one speaker: they share a name, or a word where one of them has none.

        A name brings with it how the body describes who bears it: "GSU" is "the union", and so its secretary's.
        """
        names, known_names = ({stem for stem in each if self.is_name_stem(stem)} for each in (mine, known))
        if names & known_names or (not (names and known_names) and mine & known):
            return True
        return bool(names) and bool((self._related(frozenset(names)) & self._related(known)) - cues.ANYBODY)

    def _related(self, words: frozenset[str]) -> frozenset[str]:
        """`words`, and those that describe the bearers of their names elsewhere."""
        known = words
        for here in self.speakers:
            for description in here:
                if any(self.is_name_stem(stem) for stem in description & words):
                    known |= description
        return known
