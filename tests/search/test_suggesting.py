"""Which labels go by what was typed."""

import pytest

from search.suggesting import MAX_SUGGESTIONS, like

LABELS = [("us", "U.S."), ("business", "Business"), ("herald", "Evening Herald"), ("zrh", "Zürich Post")]


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("bus", ["business"]),
        ("BUSINESS", ["business"]),
        ("her", ["herald"]),
        ("evening her", ["herald"]),
        ("erald", []),
        ("u.s", ["us"]),
        ("zur", ["zrh"]),
        ("Zürich P", ["zrh"]),
        ("b", []),
        ("", []),
        ("…🙂", []),
        ("business news", []),
    ],
)
def test_like(typed: str, values: list[str]) -> None:
    assert [value for value, _ in like(typed, LABELS)] == values


def test_there_are_not_too_many() -> None:
    assert len(like("paper", [(str(number), f"Paper {number}") for number in range(9)])) == MAX_SUGGESTIONS
