"""Sentences of the body in which only a number or a name has changed its place or been exchanged."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction

from neutralization.audit.cues import CALENDAR
from ntrl.text.common_words import OPENERS, SAME_NAME
from ntrl.text.names import name_key
from ntrl.text.numbers import Value, numbers
from ntrl.text.numerals import BELOW_HUNDRED

_TOKEN = re.compile(r"[^\W_]+(?:[.,:'-][^\W_]+)*|[^\w\s]")
# Fewer words than these around the slots may be like another sentence's by chance.
_MIN_FIXED_WORDS = 3
# A table's rows may be alike by the thousand; more comparisons than these tell nothing new.
_MAX_LIKE_SENTENCES = 50

Skeleton = tuple[str, ...]


class Skeletons:
    """The body's sentences without their numbers and names, for asking what stood in the slots."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._slots: defaultdict[Skeleton, list[Skeleton]] = defaultdict(list)
        for sentence in sentences:
            skeleton, slots = _read(sentence)
            if _is_telling(skeleton):
                self._slots[skeleton].append(slots)

    def exchanged(self, sentence: str) -> list[str]:
        """Return the words of `sentence` in the slots that differ from every like sentence of the body."""
        skeleton, slots = _read(sentence)
        known = self._slots.get(skeleton)
        if not known:
            return []
        differing = [_differing(slots, others) for others in known[:_MAX_LIKE_SENTENCES]]
        return min(differing, key=len)


def is_numeral(word: str) -> bool:
    """Whether `word` is written in digits or is a small number's word."""
    return word.lower() in BELOW_HUNDRED if word.isalpha() else any(char.isdecimal() for char in word)


def _read(sentence: str) -> tuple[Skeleton, Skeleton]:
    """Part a sentence into its fixed words, with an empty string for each slot, and what fills the slots.

    Names that follow each other fill one slot.
    """
    skeleton: list[str] = []
    slots: list[str] = []
    follows_name = False
    for token in _TOKEN.findall(sentence):
        # The capital of a sentence's "It" and "The" is no name's.
        is_name = token != token.lower() and not is_numeral(token) and token.lower() not in OPENERS
        if is_name and follows_name:
            slots[-1] += " " + token
        elif is_name or is_numeral(token):
            skeleton.append("")
            slots.append(token)
        else:
            skeleton.append(token)
        follows_name = is_name
    return tuple(skeleton), tuple(_day_first(skeleton, slots))


def _day_first(skeleton: Sequence[str], slots: list[str]) -> list[str]:
    """The slots with each "July 12" in the order of "12 July"."""
    places = [at for at, word in enumerate(skeleton) if not word]
    for left in range(len(slots) - 1):
        month, day = slots[left : left + 2]
        if month.lower() in CALENDAR and is_numeral(day) and places[left + 1] == places[left] + 1:
            slots[left : left + 2] = day, month
    return slots


def _is_telling(skeleton: Skeleton) -> bool:
    return sum(word.isalpha() for word in skeleton) >= _MIN_FIXED_WORDS


def _differing(slots: Skeleton, others: Skeleton) -> list[str]:
    return [slot for slot, other in zip(slots, others, strict=True) if not _is_same(slot, other)]


def _is_same(one: str, other: str) -> bool:
    """Whether two slots name the same: "Ann Lee" is "Lee", "Sen. Lee" is "Senator Lee", "5" is "five"."""
    if is_numeral(one) and is_numeral(other):
        # "18.30" and "18:30" are one time; which of the two may stand here, grounding has to tell.
        return one.replace(":", ".") == other.replace(":", ".") or _values(one) == _values(other)
    ones, others = _keys(one), _keys(other)
    return ones <= others or others <= ones


def _values(numeral: str) -> list[Value]:
    """What a numeral counts. "One" by itself is read as a pronoun; here it fills a number's slot."""
    small = BELOW_HUNDRED.get(numeral.lower())
    return [Fraction(small)] if small is not None else [number.value for number in numbers(numeral)]


def _keys(names: str) -> set[str]:
    """The names' keys, of titles and peoples always the same one."""
    keys = (name_key(name) for name in names.split())
    return {min((key, *SAME_NAME.get(key, ()))) for key in keys}
