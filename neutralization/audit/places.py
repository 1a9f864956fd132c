"""Grounding: a number, date or name stands where the body has it, and not in the place of another."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from neutralization.audit import cues
from neutralization.audit.alignment import Range
from neutralization.audit.origins import Origins
from neutralization.audit.reading import Sentence, Token
from neutralization.audit.subject import Subject, Text
from neutralization.types import Output
from ntrl.text.names import name_tokens, unknown_names, vocabulary
from ntrl.text.numbers import Number

# So much of a sentence's words another has, for which it may be that one with something exchanged.
_MIN_SHARE = 0.4
# More tokens than these in one place are another wording, and no exchange.
_MAX_EXCHANGED_TOKENS = 5
# A sentence that shares so many words with the output's, and has the number or name, accounts for it.
_MIN_SHARED = 2
# Names that stand so near each other somewhere may be one: "the President, Ann Lee".
_NEAR_TOKENS = 6


def exchanged(subject: Subject, output: Output) -> Iterator[str]:
    """Numbers, dates and names of the body in the place of others."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        matches = origins.matches(origins.telling(sentence.tokens))
        best = max(matches, key=lambda index: matches[index].share, default=None)
        if best is None or matches[best].share < _MIN_SHARE:
            continue
        for start, end in _Exchange(subject, output, sentence, best).found():
            yield subject[output].text[start:end]


class _Exchange:
    """An output's sentence beside the body's from which it comes."""

    def __init__(self, subject: Subject, output: Output, mine: Sentence, known: int) -> None:
        self._origins: Origins = subject.origins
        self._text = subject[output]
        self._body = subject.body
        self._mine = mine.tokens
        self._home = known
        self._known = subject.origins.sentences[known].tokens

    def found(self) -> Iterator[Range]:
        """The ranges of the output's text that are exchanged."""
        keys = [[_key(token) for token in tokens] for tokens in (self._known, self._mine)]
        for tag, low, high, start, end in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
            if tag != "replace" or max(high - low, end - start) > _MAX_EXCHANGED_TOKENS:
                continue
            mine, known = self._mine[start:end], self._known[low:high]
            if self._is_framed(start, end) and (self._other_number(mine, known) or self._other_name(mine, known)):
                yield mine[0].start, mine[-1].end

    def _is_framed(self, start: int, end: int) -> bool:
        """Whether the words around are the same and tell something: "for 12 days from _ July after"."""
        around = self._mine[max(start - 2, 0) : start] + self._mine[end : end + 2]
        return any(token.tells or token.low in cues.MONTHS for token in around)

    def _other_number(self, mine: Sequence[Token], known: Sequence[Token]) -> bool:
        dates, known_dates = ({_key(token) for token in each if _is_date_word(token)} for each in (mine, known))
        if dates and known_dates and not dates & known_dates:
            return not self._is_accounted(mine, dates)
        values = _numbers_in(self._text, mine)
        if not values or not _numbers_in(self._body, known):
            return False
        here = {reading for number in _numbers_in(self._body, self._known) for reading in number.readings}
        digits = {token.stem for token in mine if token.stem[0].isdecimal()}
        return not any(number.matches(here) for number in values) and not self._is_accounted(mine, digits)

    def _other_name(self, mine: Sequence[Token], known: Sequence[Token]) -> bool:
        names, known_names = (
            {token.stem for token in each if self._origins.is_name(token) and not _is_date_word(token)}
            for each in (mine, known)
        )
        moved = names & {token.stem for token in self._known} or known_names & {token.stem for token in self._mine}
        if not names or not known_names or moved:
            return False
        known_words = vocabulary(name_tokens(_text_of(self._body.text, known)))
        # "GSU" is the General Services Union, "Canadian" is of Canada.
        if not unknown_names(name_tokens(_text_of(self._text.text, mine)), known_words):
            return False
        return not self._are_near(names, known_names) and not self._is_accounted(mine, names)

    def _are_near(self, names: set[str], known: set[str]) -> bool:
        """Whether the body has two names side by side somewhere, and so perhaps for one."""
        places = self._origins.places
        return any(
            (sentence, at) != (other, beside) and sentence == other and abs(at - beside) <= _NEAR_TOKENS
            for name in names
            for sentence, at in places.get(name, ())
            for known_name in known
            for other, beside in places.get(known_name, ())
        )

    def _is_accounted(self, mine: Sequence[Token], items: set[str]) -> bool:
        """Whether another sentence of the body has these items together with other words of the sentence."""
        others = [token for token in self._mine if token not in mine and not token.low[0].isdecimal()]
        matches = self._origins.matches(self._origins.telling(others))
        homes = {index for item in items for index, _ in self._origins.places.get(item, ())}
        return any(index in matches and len(matches[index].shared) >= _MIN_SHARED for index in homes - {self._home})


def _key(token: Token) -> str:
    """What tokens are compared by; months by their first letters."""
    return token.low[:3] if token.low in cues.MONTHS else token.stem


def _is_date_word(token: Token) -> bool:
    return token.has_capital and token.low in cues.CALENDAR


def _numbers_in(text: Text, tokens: Sequence[Token]) -> list[Number]:
    """The numbers that begin among these tokens of a text."""
    start, end = (bisect_left(text.numbers, at, key=lambda number: number.start) for at in (tokens[0].start, tokens[-1].end))
    return text.numbers[start:end]


def _text_of(text: str, tokens: Sequence[Token]) -> str:
    return text[tokens[0].start : tokens[-1].end]
