"""Dates of a text by their parts, so that "March 3" and "the 3rd of March" compare as equal."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, combinations

from ntrl.text import common_words
from ntrl.text.fold import fold

_MONTHS = common_words.word_list(
    "january february march april may june july august september october november december"
)
_WEEKDAYS = common_words.word_list("monday tuesday wednesday thursday friday saturday sunday")
_SHORT_MONTHS = {month[:3]: index for index, month in enumerate(_MONTHS, start=1)} | {"sept": 9}
_MONTH_NUMBERS = {month: index for index, month in enumerate(_MONTHS, start=1)} | _SHORT_MONTHS

_MONTH = (
    r"(January|February|March|April|May|June|July|August|September|October|November|December"
    r"|JANUARY|FEBRUARY|MARCH|APRIL|MAY|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?"
)
_DAY = r"([12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?(?![.,:]?\d|%| ?(?:[ap]\.?m\b|per|million|billion|thousand|o'clock))"
_YEAR = r"(1\d{3}|20\d\d|21\d\d)(?!\d|[.,]\d|s\b)"
_JOINT = r"(?:\s?[-–]\s?|\s(?:to|and)\s)"
_MONTH_FIRST = re.compile(rf"\b{_MONTH}\s{{1,2}}(?:the\s)?{_DAY}(?:{_JOINT}{_DAY})?(?:,?\s{{1,2}}{_YEAR})?")
_DAY_FIRST = re.compile(rf"(?<![\d.,$£€])(?:{_DAY}{_JOINT})?\b{_DAY}\s{{1,2}}(?:of\s)?{_MONTH}(?:,?\s{{1,2}}{_YEAR})?")
_MONTH_YEAR = re.compile(rf"\b{_MONTH},?\s{{1,2}}(?:of\s)?{_YEAR}")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)")
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4}|\d\d)(?![\d/])")
# "May" and "March" are also verbs: alone, a month counts only behind a word that dates something.
_MONTH_ALONE = re.compile(
    r"(?<![\w-])(?:in|of|since|until|till|by|from|to|through|during|before|after|last|next|this|early|late|mid|every)"
    rf"[\s-]{_MONTH}",
)
_YEAR_ALONE = re.compile(
    rf"(?<![\w-])(?:in|of|since|until|till|by|from|to|through|during|before|after|early|late|mid)[\s-]{_YEAR}(?![-–/]\d)",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?\b")
_RELATIVE = re.compile(
    r"\b(?:yesterday|tomorrow|(?:last|next) (?:week|month|year|decade|century|spring"
    r"|summer|autumn|fall|winter|night))\b"
)

Part = tuple[str, int | str]


@dataclass(frozen=True, slots=True)
class Date:
    """A date as `text`; `readings` are the sets of parts it may mean: {("month", 3), ("day", 3)}."""

    text: str
    readings: tuple[frozenset[Part], ...]


def dates(text: str) -> list[Date]:
    """Return the dates of `text`: days, months, years, weekdays and relative ones. Linear in the text."""
    return [*_calendar(text), *_weekdays(fold(text))]


class KnownDates:
    """The dates of a text, for asking whether another date is among them; `years` are numbers that may be years."""

    def __init__(self, known: Iterable[Date], years: Iterable[int] = ()) -> None:
        readings = {reading for date in known for reading in date.readings}
        self._years: set[Part] = {part for reading in readings for part in reading if part[0] == "year"}
        self._years.update(("year", year) for year in years)
        self._held = {frozenset(some) for reading in readings for some in _subsets(reading)}
        yearless = {reading for reading in readings if not any(name == "year" for name, _ in reading)}
        self._yearless = {frozenset(some) for reading in yearless for some in _subsets(reading)}

    def hold(self, date: Date) -> bool:
        """Tell whether some known date has all parts of one reading; a date without a year takes any known year."""
        return any(reading in self._held or self._holds_apart(reading) for reading in date.readings)

    def _holds_apart(self, reading: frozenset[Part]) -> bool:
        years = reading & self._years
        return bool(years) and (reading == years or reading - years in self._yearless)


def _subsets(reading: frozenset[Part]) -> Iterator[tuple[Part, ...]]:
    return chain.from_iterable(combinations(reading, size) for size in range(1, len(reading) + 1))


def _calendar(text: str) -> Iterator[Date]:
    for match in _MONTH_FIRST.finditer(text):
        yield from (_date(match.group(), match[1], day, match[4]) for day in match.group(2, 3) if day)
    for match in _DAY_FIRST.finditer(text):
        yield from (_date(match.group(), match[3], day, match[4]) for day in match.group(1, 2) if day)
    for match in _MONTH_YEAR.finditer(text):
        yield _date(match.group(), match[1], None, match[2])
    for match in _MONTH_ALONE.finditer(text):
        yield _date(match.group(), match[1], None, None)
    for match in _YEAR_ALONE.finditer(text):
        yield Date(match.group(), (frozenset({("year", int(match[1]))}),))
    for match in _ISO.finditer(text):
        year, month, day = (int(part) for part in match.groups())
        yield Date(match.group(), (_parts(year, month, day),))
    for match in _SLASHED.finditer(text):
        first, second, year = (int(part) for part in match.groups())
        year += 2000 if year < 100 else 0
        yield Date(match.group(), (_parts(year, first, second), _parts(year, second, first)))


def _weekdays(folded: str) -> Iterator[Date]:
    for match in _WEEKDAY.finditer(folded):
        yield Date(match.group(), (frozenset({("weekday", match[1])}),))
    for match in _RELATIVE.finditer(folded):
        yield Date(match.group(), (frozenset({("relative", match.group())}),))


def _date(text: str, month: str, day: str | None, year: str | None) -> Date:
    parts: set[Part] = {("month", _MONTH_NUMBERS[month.lower()])}
    if day:
        parts.add(("day", int(day)))
    if year:
        parts.add(("year", int(year)))
    return Date(text, (frozenset(parts),))


def _parts(year: int, month: int, day: int) -> frozenset[Part]:
    return frozenset({("year", year), ("month", month), ("day", day)})
