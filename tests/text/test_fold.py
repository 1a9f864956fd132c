"""fold() keeps every offset."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntrl.text.fold import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("SHOCKING", "shocking"),
        ("İstanbul Straße", "İstanbul straße"),
        ("STRAẞE", "straße"),
        ("Σίσυφος", "σίσυφοσ"),
        ("ﬁne", "ﬁne"),
        ("“quoted” and ‘single’ don’t", "\"quoted\" and 'single' don't"),
        ("a–b—c‑d−e", "a-b-c-d-e"),
        ("one\ntwo\tthree\xa0four", "one two three four"),
        ("", ""),
    ],
)
def test_folds(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_length_never_changes(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


def test_every_code_point_stays_one_and_stable() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    folded = fold(every)
    assert len(folded) == len(every)
    assert fold(folded) == folded
