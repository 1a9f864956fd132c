"""Numbers that a text tells in other words than the body: "an hour and ten minutes" is 70 minutes."""

from bisect import bisect_left
from collections.abc import Iterator
from fractions import Fraction

from neutralization.audit.texts import Text
from ntrl.text.numbers import Number, Reading

_MINUTES = 60
_ONE_HOUR = ("an hour and", "one hour and", "1 hour and")
# As much of a text as holds such words.
_WORD_CHARS = 14


def is_retold(body: Text, text: Text, number: Number) -> bool:
    """Whether the body has one of the text's numbers in other words."""
    place = bisect_left(text.numbers, number.start, key=lambda each: each.start)
    told = _part(text, place) or _duration(text, place)
    return any(reading in body.readings for reading in told) or _is_hour_of(body, number)


def _part(text: Text, place: int) -> list[Reading]:
    """ "One in three" as a third, for either of the two numbers."""
    for first in (place - 1, place):
        if 0 <= first < len(text.numbers) - 1:
            one, of = text.numbers[first : first + 2]
            if one.value == 1 and _between(text, one, of) == "in" and isinstance(of.value, Fraction) and of.value:
                return [(1 / of.value, "")]
    return []


def _duration(text: Text, place: int) -> list[Reading]:
    """Hours and minutes together, for either of the two numbers."""
    return [(minutes, "") for first in (place - 1, place) if first >= -1 for minutes in _minutes(text, first)]


def _minutes(text: Text, first: int) -> Iterator[Fraction]:
    """The minutes of the hours at number `first` and those at the next one; of "an hour and", only the latter."""
    numbers = text.numbers
    if not -1 <= first < len(numbers) - 1:
        return
    rest = numbers[first + 1]
    if not isinstance(rest.value, Fraction) or not _after(text, rest).startswith("minute"):
        return
    if _before(text, rest).endswith(_ONE_HOUR):
        yield _MINUTES + rest.value
    hours = numbers[first] if first >= 0 else None
    if hours and isinstance(hours.value, Fraction) and _between(text, hours, rest) in ("hours and", "hour and"):
        yield _MINUTES * hours.value + rest.value


def _is_hour_of(body: Text, number: Number) -> bool:
    """Whether the body has the whole hour of "8 a.m." without saying which half of the day: "open at 8"."""
    if number.unit != "time" or not isinstance(number.value, Fraction) or number.value % _MINUTES:
        return False
    hour = number.value / _MINUTES % 12 or Fraction(12)
    return hour in body.hours


def _between(text: Text, one: Number, other: Number) -> str:
    return text.text[one.end : min(other.start, one.end + _WORD_CHARS)].strip().lower()


def _before(text: Text, number: Number) -> str:
    return text.text[max(number.start - _WORD_CHARS, 0) : number.start].rstrip().lower()


def _after(text: Text, number: Number) -> str:
    return text.text[number.end : number.end + _WORD_CHARS].lstrip(" -").lower()
