"""words() gives words with true ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntrl.text.tokens import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't stop.", ["Don't", "stop"]),
        ("a well‑known, state-of-the-art thing", ["a", "well‑known", "state-of-the-art", "thing"]),
        ("then—nothing -- at all", ["then", "nothing", "at", "all"]),
        ("players’ union", ["players", "union"]),
        ("so\u00adcalled e\u0301lan", ["so\u00adcalled", "e\u0301lan"]),
        ("'quoted'", ["quoted"]),
        (" \n…", []),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert [word.text for word in words(text)] == expected


@given(st.text())
def test_ranges_are_true_sorted_and_disjoint(text: str) -> None:
    end = 0
    for word in words(text):
        assert end <= word.start < word.end
        assert text[word.start : word.end] == word.text
        end = word.end
