"""Numbers compare by value and unit, however they are written."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntrl.text.numbers import MAX_DIGITS, numbers


def readings(text: str) -> list[tuple[object, str]]:
    return [(number.value, number.unit) for number in numbers(text)]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("five", 5, ""),
        ("1,200", 1200, ""),
        ("10\u00a0000", 10_000, ""),
        ("1.5", Fraction(3, 2), ""),
        ("2½ hours", Fraction(5, 2), ""),
        ("٣", 3, ""),
        ("20%", 20, "percent"),
        ("20 per cent", 20, "percent"),
        ("twenty percent", 20, "percent"),
        ("20 percentage points", 20, "percent"),
        ("$2 bn", 2 * 10**9, "$"),
        ("$2bn", 2 * 10**9, "$"),
        ("2 billion dollars", 2 * 10**9, "$"),
        ("two-billion-dollar", 2 * 10**9, "$"),
        ("£1.2m", 1_200_000, "£"),
        ("€5k", 5000, "€"),
        ("USD 40", 40, "$"),
        ("5th", 5, ""),
        ("fifth", 5, ""),
        ("twenty-first", 21, ""),
        ("twenty-five", 25, ""),
        ("a hundred and fifty", 150, ""),
        ("two hundred and fifty thousand", 250_000, ""),
        ("one hundred and one thousand two hundred and two", 101_202, ""),
        ("two and a half million", 2_500_000, ""),
        ("half a million", 500_000, ""),
        ("half-dozen", 6, ""),
        ("two dozen", 24, ""),
        ("two-thirds", Fraction(2, 3), ""),
        ("two thirds", Fraction(2, 3), ""),
        ("2/3", Fraction(2, 3), ""),
        ("a third of", Fraction(1, 3), ""),
        ("three quarters", Fraction(3, 4), ""),
        ("the 1980s", 1980, "decade"),
        ("in her thirties", 30, "decade"),
        ("3 p.m.", 900, "time"),
        ("3pm", 900, "time"),
        ("three p.m.", 900, "time"),
        ("3:30 a.m.", 210, "time"),
        ("12.05 a.m.", 5, "time"),
        ("12 p.m.", 720, "time"),
        ("14:05", 845, "time"),
        ("14.05 GMT", 845, "time"),
        ("11.40 tonnes", Fraction("11.4"), ""),
        ("millions", 10**6, "vague"),
        ("G7", 7, ""),
        ("one man", 1, ""),
    ],
)
def test_one_number(text: str, value: object, unit: str) -> None:
    assert readings(text) == [(value, unit)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("two and three", [2, 3]),
        ("between five and ten", [5, 10]),
        ("9/11", [9, 11]),
        ("20/50/30", [20, 50, 30]),
        ("won 3-2", [3, 2]),
        ("nineteen eighty-four", [19, 84]),
        ("1,234,5678", [1234, 5678]),
        ("March 3, 2024", [3, 2024]),
        ("five\n\nsix", [5, 6]),
        ("no one", []),
        ("one of them", []),
        ("the one that", []),
        ("one another", []),
        ("that one in eight", [1, 8]),
        ("one in the hand", []),
        ("the first half", [1]),
        ("a quarterback", []),
        ("", []),
    ],
)
def test_several_numbers_or_none(text: str, values: list[int]) -> None:
    assert [number.value for number in numbers(text)] == values


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("half", "50 percent"),
        ("10 to 20 percent", "10% to 20%"),
        ("$2-3 million", "$2 million to $3 million"),
        ("the 1980s", "the '80s"),
        ("5m", "5 million"),
        ("1,000,000", "a million"),
        ("4.15pm", "16:15"),
        ("4:15 p.m.", "4.15 PM"),
        ("from 9 to 11 p.m.", "from 9 p.m. to 11 p.m."),
        ("from 9 to 5 p.m.", "from 9 a.m. to 5 p.m."),
        ("from 9.30 to 11.45am", "from 09:30 to 11:45"),
        ("2-5pm", "14:00–17:00"),
    ],
)
def test_writings_that_mean_the_same(one: str, other: str) -> None:
    for left, right in zip(numbers(one), numbers(other), strict=True):
        assert left.matches(right.readings)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("20", "20%"),
        ("$20", "20"),
        ("$20", "£20"),
        ("1980", "the 1980s"),
        ("3 a.m.", "3 p.m."),
        ("$2", "$2bn"),
        ("3 p.m.", "3"),
        ("4:15 p.m.", "4:15"),
        ("rose 11.40 points", "11:40"),
        ("at $6.30", "6.30 a.m."),
    ],
)
def test_units_are_part_of_a_number(one: str, other: str) -> None:
    assert not numbers(one)[0].matches(numbers(other)[0].readings)


def test_a_decimal_is_a_time_only_where_the_other_text_has_that_time() -> None:
    assert numbers("it ended at 11.40")[0].matches(numbers("11:40")[0].readings)
    assert not numbers("it ended at 11.40")[0].matches(numbers("11.40pm")[0].readings)
    assert not numbers("at 11:40")[0].matches(numbers("at 11.40")[0].readings)


@pytest.mark.parametrize(("text", "is_weak"), [("one man", True), ("first", True), ("two", False), ("1", False)])
def test_words_that_may_only_colour_are_weak(text: str, is_weak: bool) -> None:
    assert [number.is_weak for number in numbers(text)] == [is_weak]


def test_huge_numbers_compare_as_text() -> None:
    digits = "9" * (MAX_DIGITS + 5000)
    assert readings(digits) == [(digits, "")]


@given(st.integers(0, 10**9))
def test_grouped_and_plain_digits_are_equal(value: int) -> None:
    assert readings(f"{value:,}") == readings(str(value)) == [(value, "")]


@given(st.text())
def test_any_text_gives_ranges_in_order(text: str) -> None:
    found = numbers(text)
    assert all(0 <= number.start < number.end <= len(text) for number in found)
    assert all(left.end <= right.start for left, right in pairwise(found))


WORDS = [
    "two",
    "hundred",
    "and",
    "a",
    "half",
    "third",
    "of",
    "million",
    "5",
    "-",
    "%",
    "$",
    "/",
    ",",
    "bn",
    "one",
    "dozen",
]


@given(st.lists(st.sampled_from(WORDS)))
def test_any_order_of_number_words_is_read(words: list[str]) -> None:
    assert all(number.readings for number in numbers(" ".join(words)))
