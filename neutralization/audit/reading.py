"""Sentences as the rules of attribution read them: what is claimed in them, by whom, and what is in doubt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from neutralization.audit import cues
from neutralization.audit.claims import Claim, asides, charging, claims_in
from neutralization.audit.ranges import Range
from neutralization.audit.scopes import IsCue, dependents
from neutralization.audit.words import Token, tokens_in


@dataclass(frozen=True)
class Sentence:
    """One sentence, read."""

    tokens: tuple[Token, ...]

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where each stem stands."""
        found: dict[str, list[int]] = {}
        for at, token in enumerate(self.tokens):
            found.setdefault(token.stem, []).append(at)
        return found

    @cached_property
    def lows(self) -> frozenset[str]:
        """The words, in small letters."""
        return frozenset(token.low for token in self.tokens)

    @cached_property
    def telling(self) -> tuple[Token, ...]:
        """The words that tell what it is about, each once."""
        return telling(self.tokens)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """What is claimed in it."""
        return tuple(claims_in(self.tokens))

    @cached_property
    def answered(self) -> frozenset[int]:
        """The places of the tokens for which a speaker answers."""
        return frozenset(at for claim in self.claims for at in range(claim.start, claim.end))

    @cached_property
    def claimed(self) -> frozenset[int]:
        """Of these, the ones that are surely his word: an aside is the article's."""
        places = self.answered
        return places.difference(*(range(*aside) for aside in asides(self.tokens))) if places else places

    def under(self, is_cue: IsCue) -> frozenset[int]:
        """The places of the words that depend on such cues."""
        if is_cue not in self._under:
            self._under[is_cue] = dependents(self.tokens, is_cue)
        return self._under[is_cue]

    @cached_property
    def _under(self) -> dict[IsCue, frozenset[int]]:
        return {}

    @cached_property
    def charging(self) -> frozenset[int]:
        """The places of the accusing verbs that tell of what."""
        return charging(self.tokens)


def read(text: str, start: int, end: int) -> Sentence:
    """Read the sentence at `text[start:end]`."""
    return Sentence(tokens_in(text, start, end))


def telling(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """The words that tell what the tokens are about, each once."""
    return tuple({token.stem: token for token in tokens if token.tells}.values())


def speakers_in(sentences: Sequence[Sentence]) -> list[list[frozenset[str]]]:
    """For each sentence, by its claims, the words that tell whose word it is.

    For a pronoun these are the names that stand before it in its sentence and in the one before, or else whoever spoke
    last.
    """
    named: list[list[frozenset[str]]] = []
    last: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    for sentence in sentences:
        here = []
        for claim in sentence.claims:
            own = described(sentence, claim.speaker)
            here.append(own or before | _names(sentence, claim.speaker[0]) or last)
            last = own or last
        named.append(here)
        before = _names(sentence, len(sentence.tokens))
    return named


def described(sentence: Sentence, words: Range) -> frozenset[str]:
    """The stems of the telling words among the sentence's tokens `words`."""
    return frozenset(token.stem for token in sentence.tokens[slice(*words)] if token.tells and not _is_date(token))


def _names(sentence: Sentence, end: int) -> frozenset[str]:
    """The words with a capital among the first `end` tokens."""
    return frozenset(token.stem for token in sentence.tokens[:end] if token.has_capital and token.tells)


def _is_date(token: Token) -> bool:
    return token.low[0].isdecimal() or token.low in cues.CALENDAR
