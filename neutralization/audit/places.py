"""Grounding: a number, date or name stands where the body has it, and not in the place of another."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from neutralization.audit import cues
from neutralization.audit.origins import Origins
from neutralization.audit.ranges import Range
from neutralization.audit.reading import Sentence, telling
from neutralization.audit.retold import is_retold
from neutralization.audit.subject import Subject
from neutralization.audit.texts import Text
from neutralization.audit.words import Token
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
_BEFORE_AMOUNTS = frozenset({"for", "at", "to", "by", "of", *cues.CURRENCY_SIGNS})
_DASHES = frozenset("—–")
_WITHIN_NAMES = frozenset({"of", "the", "and", "for"})
# Of so many sentences with a name the neighbours are looked at.
_MAX_HOMES = 60


def exchanged(subject: Subject, output: Output) -> Iterator[str]:
    """Numbers, dates and names of the body in the place of others."""
    origins = subject.origins
    for _, sentence in subject.own_sentences(output):
        best = origins.source(sentence.telling, _MIN_SHARE)
        if best is None:
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
        known_keys, keys = ([_key(token) for token in tokens] for tokens in (self._known, self._mine))
        matcher = SequenceMatcher(None, known_keys, keys, autojunk=False)
        places = [
            (low, high, start, end)
            for tag, low, high, start, end in matcher.get_opcodes()
            if tag == "replace" and max(high - low, end - start) <= _MAX_EXCHANGED_TOKENS
        ]
        names = [self._names_alone(self._mine[start:end], self._known[low:high]) for low, high, start, end in places]
        for (low, high, start, end), (here, there) in zip(places, names, strict=True):
            mine, known = self._mine[start:end], self._known[low:high]
            is_swapped = bool(here and there) and (there, here) in names
            is_other = self._is_framed(low, start, end) and (
                self._other_number(mine, known) or self._other_name(mine, known)
            )
            if is_swapped or is_other:
                yield mine[0].start, mine[-1].end

    def _names_alone(self, mine: Sequence[Token], known: Sequence[Token]) -> tuple[frozenset[str], frozenset[str]]:
        """The names in two places, when there is nothing else in them."""
        if not _is_name_alone((*mine, *known)):
            return frozenset(), frozenset()
        here, there = (frozenset(each.stem for each in side if self._origins.is_name(each)) for side in (mine, known))
        return here, there

    def _is_framed(self, low: int, start: int, end: int) -> bool:
        """Whether what stands around is the same: "for 12 days from _ July after", "the harbour master, _, said"."""
        behind = [token for token in self._mine[end : end + 1] if token.low not in cues.FULL_STOPS]
        before = (self._known[max(low - 2, 0) : low], self._mine[max(start - 2, 0) : start])
        is_same_before = start > 1 and [_key(token) for token in before[0]] == [_key(token) for token in before[1]]
        if not behind:
            # "For £18.5m" at the end, whatever goes before.
            is_linked = start > 0 and low > 0 and self._mine[start - 1].low in _BEFORE_AMOUNTS
            return is_same_before or (is_linked and self._known[low - 1].low == self._mine[start - 1].low)
        return behind[0].tells or behind[0].low in cues.MONTHS or is_same_before

    def _other_number(self, mine: Sequence[Token], known: Sequence[Token]) -> bool:
        dates, known_dates = ({_key(token) for token in each if _is_date_word(token)} for each in (mine, known))
        if dates and known_dates and not dates & known_dates:
            return not self._is_accounted(mine, dates)
        values = [number for number in _numbers_in(self._text, mine) if not number.is_weak]
        if not values or not _numbers_in(self._body, known):
            return False
        here = {reading for number in _numbers_in(self._body, self._known) for reading in number.readings}
        digits = {token.stem for token in mine if token.stem[0].isdecimal()}
        is_told = any(number.matches(here) or is_retold(self._body, self._text, number) for number in values)
        return not is_told and not self._is_accounted(mine, digits)

    def _other_name(self, mine: Sequence[Token], known: Sequence[Token]) -> bool:
        names, known_names = (
            {token.stem for token in each if self._origins.is_name(token) and not _is_date_word(token)}
            for each in (mine, known)
        )
        # "PORT HALVERSON — A rocket …": what opens a report names its place, and is part of no sentence.
        if any(token.low in _DASHES for token in known):
            return False
        moved = names & {token.stem for token in self._known} or known_names & {token.stem for token in self._mine}
        if not names or not known_names or moved:
            return False
        if not _is_name_alone((*mine, *known)) or not names <= self._origins.homes.keys():
            return False
        known_words = vocabulary(name_tokens(_text_of(self._body.text, known)))
        # "GSU" is the General Services Union, "Canadian" is of Canada.
        if not unknown_names(name_tokens(_text_of(self._text.text, mine)), known_words):
            return False
        return not self._are_near(names, known_names) and not self._is_accounted(mine, names)

    def _are_near(self, names: set[str], known: set[str]) -> bool:
        """Whether the body has two names side by side somewhere, and so perhaps for one."""
        for name in names:
            for index in self._origins.homes[name][:_MAX_HOMES]:
                places = self._origins.sentences[index].places
                beside = [at for known_name in known for at in places.get(known_name, ())]
                if any(abs(at - other) <= _NEAR_TOKENS for at in places[name] for other in beside):
                    return True
        return False

    def _is_accounted(self, mine: Sequence[Token], items: set[str]) -> bool:
        """Whether another sentence of the body has these items together with other words of the sentence."""
        others = telling(token for token in self._mine if token not in mine and not token.low[0].isdecimal())
        for index, match in self._origins.matches(others).items():
            tells = index != self._home and len(match.shared) >= _MIN_SHARED
            if tells and items & self._origins.sentences[index].places.keys():
                return True
        return False


def _is_name_alone(tokens: Sequence[Token]) -> bool:
    return all(token.has_capital or not token.low[0].isalnum() or token.low in _WITHIN_NAMES for token in tokens)


def _key(token: Token) -> str:
    """What tokens are compared by; months by their first letters."""
    return token.low[:3] if token.low in cues.MONTHS else token.stem


def _is_date_word(token: Token) -> bool:
    return token.has_capital and token.low in cues.CALENDAR


def _numbers_in(text: Text, tokens: Sequence[Token]) -> list[Number]:
    """The numbers that these tokens of a text are part of."""
    start = bisect_right(text.numbers, tokens[0].start, key=lambda number: number.end)
    end = bisect_left(text.numbers, tokens[-1].end, key=lambda number: number.start)
    return text.numbers[start:end]


def _text_of(text: str, tokens: Sequence[Token]) -> str:
    return text[tokens[0].start : tokens[-1].end]
