"""Matches are true and rising, as many as can be where texts are close, and cost little whatever the texts are."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntrl.text.alignment import matches
from ntrl.text.myers import common_by_shortest_edits
from tests.support.scaling import assert_linear

items = st.lists(st.sampled_from("abcd"), max_size=30)
WORDS = [f"word{number}" for number in range(3000)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("a", "", []),
        ("", "a", []),
        ("a", "b", []),
        ("abc", "abc", [(0, 0), (1, 1), (2, 2)]),
        ("abc", "ac", [(0, 0), (2, 1)]),
        ("ac", "abc", [(0, 0), (1, 2)]),
        ("axc", "ayc", [(0, 0), (2, 2)]),
        ("abcxdefyghi", "abcdefghi", [(0, 0), (1, 1), (2, 2), (4, 3), (5, 4), (6, 5), (8, 6), (9, 7), (10, 8)]),
        ("xaya", "za", [(3, 1)]),
        ("abcdefgh", "defghabc", [(3, 0), (4, 1), (5, 2), (6, 3), (7, 4)]),
    ],
)
def test_matches(old: str, new: str, expected: list[tuple[int, int]]) -> None:
    assert matches(old, new) == expected


def common(old: list[str], new: list[str]) -> int:
    """The length of the longest common subsequence, the plain way."""
    row = [0] * (len(new) + 1)
    for one in old:
        above = row[:]
        for place, other in enumerate(new, 1):
            row[place] = above[place - 1] + 1 if one == other else max(above[place], row[place - 1])
    return row[-1]


@given(items, items)
def test_matches_are_equal_items_in_rising_order(old: list[str], new: list[str]) -> None:
    found = matches(old, new)
    assert all(old[left] == new[right] for left, right in found)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(found))


@given(items, items)
def test_no_common_series_is_longer_than_the_one_by_shortest_edits(old: list[str], new: list[str]) -> None:
    found = common_by_shortest_edits(old, new, max_edits=60)
    assert len(found) == common(old, new)
    assert all(old[left] == new[right] for left, right in found)
    assert common_by_shortest_edits(old, new, max_edits=len(old) + len(new) - 2 * len(found)) == found


def test_more_edits_than_allowed_match_nothing() -> None:
    assert common_by_shortest_edits("abcd", "axcy", max_edits=4) == [(0, 0), (2, 2)]
    assert common_by_shortest_edits("abcd", "axcy", max_edits=3) == []


@given(st.lists(st.integers(0, 2999), max_size=12, unique=True))
def test_every_other_item_is_matched_when_a_few_are_gone(gone: list[int]) -> None:
    kept = [place for place in range(len(WORDS)) if place not in gone]
    assert matches(WORDS, [WORDS[place] for place in kept]) == [(place, index) for index, place in enumerate(kept)]


def test_a_few_edits_in_endless_repetition_are_found() -> None:
    old = ["ha"] * 5000 + ["he"] + ["ha"] * 5000 + ["he"] + ["ha"] * 5000
    new = ["ha"] * 5000 + ["ho"] + ["ha"] * 5000 + ["ha"] * 5000
    assert len(matches(old, new)) == 15000


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda words: words[::-1], id="reversed"),
        pytest.param(lambda words: [word[::-1] for word in words], id="other words"),
        pytest.param(lambda words: words[1::2] + words[::2], id="shuffled"),
        pytest.param(lambda words: ["a", "b"] * (len(words) // 2), id="two words for ever"),
        pytest.param(lambda words: words[::2], id="every other word"),
    ],
)
@pytest.mark.parametrize("kinds", [2, 50, 10**6])
def test_hostile_texts_cost_little(rewrite, kinds) -> None:
    def work(text: str) -> None:
        words = [str(place * place % 7919 % kinds) for place in range(len(text))]
        matches(words, rewrite(words))

    assert_linear(work, "x" * 16000)
