"""The one sentence that says what was changed."""

import pytest

from neutralization.disclosure import disclose
from neutralization.models import Method
from neutralization.taxonomy import Action, Category
from neutralization.types import Span


def spans(**counts: int) -> list[Span]:
    return [
        Span(0, 1, "x", Category.CLICKBAIT, Action(action), "", "")
        for action, number in counts.items()
        for _ in range(number)
    ]


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, ""),
        ({"removed": 1}, "NTRL removed 1 phrase of this article by rules, without a language model."),
        ({"removed": 2}, "NTRL removed 2 phrases of this article by rules, without a language model."),
        (
            {"softened": 1, "removed": 3},
            "NTRL removed 3 phrases and softened 1 phrase of this article by rules, without a language model.",
        ),
        (
            {"softened": 1, "replaced": 2, "removed": 1},
            "NTRL removed 1 phrase, replaced 2 phrases and softened 1 phrase of this article by rules, "
            "without a language model.",
        ),
    ],
)
def test_each_action_is_counted(counts: dict[str, int], sentence: str) -> None:
    assert disclose(spans(**counts), method="lexicon") == sentence


@pytest.mark.parametrize("method", list(Method))
def test_every_method_has_its_words(method: Method) -> None:
    assert disclose(spans(removed=1), method=method) in (
        "NTRL removed 1 phrase of this article by rules, without a language model.",
        "NTRL removed 1 phrase of this article by a language model.",
        "NTRL removed 1 phrase of this article, checked by an editor.",
    )
    assert disclose([], method=method) == ""
