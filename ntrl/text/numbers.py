"""Numbers of a text by value and unit, so that "$2 bn" and "two billion dollars" compare as equal."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from ntrl.text import clock, numerals

# Longer runs of digits are compared as text: turning them into integers would cost quadratic time.
MAX_DIGITS = 30

# Groups of thousands are bounded so that no input makes the search start over more than a few digits.
_TOKEN = re.compile(
    r"\d{1,2}:\d\d(?!\d)|\d{1,3}(?:[,\u00a0\u2009\u202f]\d{3}){1,8}(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
    r"|[A-Za-z]+|[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞$£€¥₹%]"
)
_CONNECTORS = frozenset({"-", "–", "—", "to", "and", "or", ",", ", and", ", or"})

Value = Fraction | str
Reading = tuple[Value, str]


@dataclass(frozen=True, slots=True)
class Number:
    """A number at `text[start:end]`.

    `unit` is "percent", a currency's sign, "decade", "time" (of day, in minutes), "vague" ("millions") or empty.
    `readings` are the (value, unit) pairs that the words may mean: "5m" is five million or five metres, "half" is 50
    percent. `hint` is one more, which counts only where another text has it: "at 11.40" is a time when that says 11:40.
    `is_weak` marks words that count and often only colour: "one", "first", "half", "millions".
    """

    start: int
    end: int
    value: Value
    unit: str
    readings: tuple[Reading, ...]
    is_weak: bool = False
    hint: Reading | None = None

    def matches(self, readings: Collection[Reading]) -> bool:
        """Tell whether one of the meanings is among `readings` (best a set)."""
        return self.hint in readings or any(reading in readings for reading in self.readings)


class _Token(NamedTuple):
    start: int
    end: int
    text: str

    @property
    def is_literal(self) -> bool:
        return self.text[0].isdecimal() or self.text in numerals.FRACTION_SIGNS


@dataclass(slots=True)
class _Found:
    """A number while it is read."""

    index: int
    value: Value
    readings: list[Reading]
    unit: str = ""
    is_weak: bool = False
    hint: Reading | None = None


def numbers(text: str) -> list[Number]:
    """Return the numbers of `text` in order, written in digits or in English words.

    Read are thousands groups, decimals, scales ("2bn", "2 billion"), fractions ("two-thirds", "2/3", "½"), ordinals,
    decades, percentages, currencies and times of day. Signs are not: "-5" is 5. Time is linear in the text.
    """
    return _share_units(text, _Reader(text).read())


class _Reader:
    """Reads tokens from left to right; each method takes the index of a token and never looks back."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [_Token(m.start(), m.end(), m.group()) for m in _TOKEN.finditer(text)]
        self._words = [token.text.lower() for token in self._tokens]

    def read(self) -> list[Number]:
        found: list[Number] = []
        index = 0
        while index < len(self._tokens):
            number = self._number(index)
            if number is None:
                index += 1
                continue
            start = self._currency_start(index)
            end = self._tokens[number.index - 1].end
            readings = tuple(number.readings)
            found.append(Number(start, end, number.value, number.unit, readings, number.is_weak, number.hint))
            index = number.index
        return found

    def _number(self, index: int) -> _Found | None:
        if self._tokens[index].is_literal:
            found: _Found | None = self._literal(index)
        elif self._words[index] in numerals.OPENING_WORDS:
            found = self._worded(index)
        else:
            return None
        return self._with_unit(index, found) if found else None

    def _gap(self, index: int) -> str:
        """What stands between token `index - 1` and token `index`, white space as one space."""
        if not 0 < index < len(self._tokens):
            return "\n"
        gap = self._text[self._tokens[index - 1].end : self._tokens[index].start]
        return gap if gap in ("", " ", "-") else _plain_gap(gap)

    def _word(self, index: int, *gaps: str) -> str:
        """The word at `index` when one of `gaps` stands before it, else nothing."""
        return self._words[index] if self._gap(index) in gaps else ""

    def _literal(self, index: int) -> _Found:
        token = self._tokens[index]
        if ":" in token.text:
            hours, minutes = token.text.split(":")
            moment = Fraction(int(hours) * 60 + int(minutes))
            return _Found(index + 1, moment, [(moment, "time")], "time")
        if (fraction := self._slashed(index)) is not None:
            return _fraction(index + 2, fraction)
        if token.text in numerals.FRACTION_SIGNS:
            return _fraction(index + 1, numerals.FRACTION_SIGNS[token.text])
        value = _value(token.text)
        sign = self._words[index + 1] if self._gap(index + 1) in ("", " ") else ""
        if isinstance(value, Fraction) and sign in numerals.FRACTION_SIGNS:
            value += numerals.FRACTION_SIGNS[sign]
            return self._scaled(_Found(index + 2, value, [(value, "")]))
        return self._suffixed(index, _Found(index + 1, value, [(value, "")]))

    def _slashed(self, index: int) -> Fraction | None:
        """The fraction in "2/3"; not in "9/11" or "20/50/30"."""
        above = self._words[index]
        below = self._words[index + 1] if self._gap(index + 1) == "/" else ""
        if self._gap(index) == "/" or self._gap(index + 2) == "/" or not (above.isascii() and below.isascii()):
            return None
        if len(above) > 1 or len(below) > 2 or not (above.isdecimal() and below.isdecimal()):
            return None
        return Fraction(int(above), int(below)) if 0 < int(above) < int(below) <= 10 else None

    def _suffixed(self, index: int, found: _Found) -> _Found:
        suffix = self._word(index + 1, "")
        value = found.value
        if suffix in numerals.ORDINAL_SUFFIXES:
            found.index += 1
        elif suffix == "s" and isinstance(value, Fraction):
            return _decade(index + 2, value)
        elif suffix in numerals.LETTER_SCALES and isinstance(value, Fraction):
            scaled = value * numerals.LETTER_SCALES[suffix]
            found.readings = [(scaled, "")] if suffix[-1] == "n" else [(scaled, ""), (value, "")]
            found.index, found.value = index + 2, scaled
        else:
            return self._scaled(found)
        return found

    def _scaled(self, found: _Found) -> _Found:
        """Read the words of scale that follow: "2.5 million", "two and a half dozen"."""
        word = self._word(found.index, " ", "-")
        while isinstance(found.value, Fraction) and word in numerals.SCALES_AFTER_DIGITS:
            found.value *= numerals.SCALES_AFTER_DIGITS[word]
            found.readings = [(found.value, "")]
            found.index += 1
            word = self._word(found.index, " ", "-")
        return found

    def _worded(self, index: int) -> _Found | None:
        word = self._words[index]
        if word in numerals.DECADES:
            return _decade(index + 1, Fraction(numerals.DECADES[word]))
        if word in numerals.VAGUE:
            amount = Fraction(numerals.VAGUE[word])
            return _Found(index + 1, amount, [(amount, "vague")], "vague", True)
        if word == "half":
            return self._half(index)
        if word == "a":
            return self._part(index)
        if word == "one" and not self._counts(index):
            return None
        return self._composed(index)

    def _half(self, index: int) -> _Found | None:
        if self._word(index - 1, " ", "-", "\n") in numerals.NOT_BEFORE_HALF and index:
            return None
        at = index + 1
        if self._word(at, " ", "-") in ("a", "an"):
            at += 1
        if self._word(at, " ", "-") in numerals.SCALES_AFTER_DIGITS:
            return self._scaled(_Found(at, Fraction(1, 2), []))
        return _fraction(index + 1, Fraction(1, 2), is_weak=True)

    def _part(self, index: int) -> _Found | None:
        """ "a third of": a fraction only with its "of", for "a third man" is an ordinal."""
        below = numerals.DENOMINATORS.get(self._word(index + 1, " "))
        if below is None or self._word(index + 2, " ") != "of":
            return None
        scale = numerals.SCALES_AFTER_DIGITS.get(self._word(index + 4, " "))
        if scale and scale > below and self._word(index + 3, " ") == "a":  # "a quarter of a million"
            return _Found(index + 5, scale / Fraction(below), [(scale / Fraction(below), "")])
        return _fraction(index + 2, Fraction(1, below))

    def _counts(self, index: int) -> bool:
        """Whether "one" at `index` counts something; it is a pronoun far more often."""
        following, before = self._word(index + 1, " ", "-"), self._word(index, " ") and self._words[index - 1]
        if before == "to" and self._is_score(index - 1):
            return True
        if following == "in" and self._word(index + 2, " ") in numerals.BELOW_HUNDRED:
            return True
        return bool(following) and following not in numerals.NOT_AFTER_ONE and before not in numerals.NOT_BEFORE_ONE

    def _is_score(self, to: int) -> bool:
        """Whether a number stands before the "to" at `to`, or before the word before it: "four votes to one"."""
        words = [self._word(to, " ") and self._words[to - 1], self._word(to - 1, " ") and self._words[to - 2]]
        return any(word and (word in numerals.BELOW_HUNDRED or word[0].isdecimal()) for word in words if to >= 2)

    def _composed(self, index: int) -> _Found | None:
        """Read "two hundred and fifty thousand", as far as it makes one number."""
        sum_ = numerals.Sum()
        at = index
        while at < len(self._words):
            joined = at == index or self._gap(at) in (" ", "-")
            goes_on = sum_.add(self._words[at]) or (sum_.takes_and and self._is_and_more(at)) if joined else False
            if not goes_on:
                break
            at += 1
        if at == index:
            return None
        found = _Found(at, sum_.value, [(sum_.value, "")], is_weak=sum_.is_weak and at == index + 1)
        return found if sum_.is_closed else self._fractional(found)

    def _is_and_more(self, index: int) -> bool:
        return self._words[index] == "and" and self._word(index + 1, " ") in numerals.BELOW_HUNDRED

    def _fractional(self, found: _Found) -> _Found:
        """Read what makes a whole number a fraction: "two-thirds", "two and a half"."""
        below = numerals.DENOMINATORS.get(self._word(found.index, " ", "-").removesuffix("s"))
        assert isinstance(found.value, Fraction)
        if below and 0 < found.value < below and (found.value == 1) != self._words[found.index].endswith("s"):
            return _fraction(found.index + 1, found.value / below)
        tail = [self._word(found.index + step, " ") for step in range(3)]
        if tail == ["and", "a", "half"]:
            found.value += Fraction(1, 2)
            found.index += 3
            found.readings = [(found.value, "")]
            return self._scaled(found)
        return found

    def _with_unit(self, index: int, found: _Found) -> _Found:
        if found.unit in ("", "time") and found.index > index:
            end = self._tokens[found.index - 1].end
            moment = clock.at_hour(self._written(index, found), self._text, end)
            if moment is not None:
                return _Found(found.index, moment, [(moment, "time")], "time")
        if found.unit == "":
            unit, found.index = self._unit(index, found.index)
            if unit:
                found.unit = unit
                found.readings = [(found.readings[0][0], unit)]
            elif self._word(index, " ") and self._words[index - 1] in clock.BEFORE_TIME:
                found.hint = _as_time(self._written(index, found))
        return found

    def _written(self, index: int, found: _Found) -> str:
        """The number as a clock would show it; a small one in words, in digits."""
        if self._tokens[index].is_literal:
            return self._tokens[index].text if found.index == index + 1 else ""
        return str(found.value) if isinstance(found.value, Fraction) and found.value <= 12 else ""

    def _unit(self, index: int, at: int) -> tuple[str, int]:
        """The unit of the number of tokens `index` to `at`, and the index after it."""
        word = self._word(at, "", " ", "-")
        if word in ("percent", "percentage", "pc", "pct", "%"):
            return "percent", at + 1
        if word == "per" and self._word(at + 1, " ") == "cent":
            return "percent", at + 2
        if word in numerals.CURRENCIES and (word.isalpha()):
            return numerals.CURRENCIES[word], at + 1
        before = self._words[index - 1] if self._gap(index) in ("", " ") else ""
        return numerals.CURRENCIES.get(before, "") if before in numerals.CURRENCIES_BEFORE else "", at

    def _currency_start(self, index: int) -> int:
        has_sign = self._gap(index) in ("", " ") and self._words[index - 1] in numerals.CURRENCIES_BEFORE
        return self._tokens[index - 1 if has_sign else index].start


def _plain_gap(gap: str) -> str:
    """A gap with dashes and white space made plain; one too long to join words is a line's end."""
    if len(gap) > 3:
        return "\n"
    if "\n" in gap.strip(" ") and gap.count("\n") > 1:
        return "\n"
    return "-" if gap.strip() in ("-", "‐", "‑") else gap.strip() or " "


def _value(digits: str) -> Value:
    plain = re.sub(r"[^\d.]", "", digits)
    if len(plain) > MAX_DIGITS:
        return plain
    whole, _, part = plain.partition(".")
    return Fraction(int(whole + part), 10 ** len(part)) if part else Fraction(int(whole))


def _fraction(index: int, value: Fraction, *, is_weak: bool = False) -> _Found:
    return _Found(index, value, [(value, ""), (value * 100, "percent")], is_weak=is_weak)


def _as_time(written: str) -> Reading | None:
    moment = clock.unmarked(written) if clock.is_dotted(written) else None
    return None if moment is None else (moment, "time")


def _decade(index: int, value: Fraction) -> _Found:
    short = value % 100
    readings: list[Reading] = [(value, "decade")]
    if short != value:
        readings.append((short, "decade"))
    return _Found(index, value, readings, "decade")


def _share_units(text: str, found: list[Number]) -> list[Number]:
    """Give the ends of a range what only one of them states: "10 to 20 percent", "$2-3 million"."""
    shared = list(found)
    for place in range(len(found) - 2, -1, -1):
        left, right = shared[place], shared[place + 1]
        gap = text[left.end : right.start]
        if len(gap) <= 6 and gap.strip() in _CONNECTORS:
            shared[place] = _also_read(left, right, text[right.start : right.end])
            shared[place + 1] = _also_read(right, left, text[left.start : left.end])
    return shared


def _also_read(number: Number, other: Number, other_text: str) -> Number:
    """Add the readings with the other end's unit, and with its scale when that is the larger number's."""
    value = number.value
    if "time" in (number.unit, other.unit):
        return _also_read_as_time(number, other)
    units = {number.unit} if number.unit else {"", other.unit} - {"vague"}
    values: set[Value] = {value}
    has_scale = any(char.isalpha() for char in other_text)
    if has_scale and isinstance(value, Fraction) and isinstance(other.value, Fraction) and value < 1000 <= other.value:
        values.add(value * max(scale for scale in numerals.SHARED_SCALES if scale <= other.value))
    extra = {(each, unit) for each in values for unit in units} - set(number.readings)
    return replace(number, readings=(*number.readings, *sorted(extra, key=str)))


def _also_read_as_time(number: Number, other: Number) -> Number:
    """Add the time that the start of a range is by its end: the nine of "9 to 11 a.m."."""
    if other.start < number.start or other.unit != "time" or not isinstance(other.value, Fraction):
        return number
    start = number.hint[0] if number.hint else number.value
    if isinstance(start, str) or (number.unit and number.unit != "time"):
        return number
    moment = start if number.unit or number.hint else start * 60
    if moment.denominator > 1 or moment >= 13 * 60:
        return number
    reading = (clock.until(moment, other.value), "time")
    return replace(number, readings=tuple(dict.fromkeys((*number.readings, reading))))
