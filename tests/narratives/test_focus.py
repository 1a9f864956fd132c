"""Foci folded to words, and the rules that fold them."""

import pytest

from narratives.focus import compile_focus_rules
from narratives.stems import stem
from tests.narratives.rules import FOCUS


@pytest.mark.parametrize(
    ("one", "other", "similarity"),
    [
        ("price surge", "price rally", 1.0),
        ("price surge", "Prices soared", 1.0),
        ("etf approval", "ETF approvals", 1.0),
        ("etf approval", "green light for ETF", 1.0),
        ("etf approval", "etf rejection", 0.0),
        ("price surge", "price fall", 0.0),
        ("protocol launch", "protocol shutdown", 0.0),
        ("rate cut", "no rate cut", 0.0),
        ("no rate cut", "rate hold", 1.0),
        ("no rate cut", "no rate hike", 1.0),
        ("no ceasefire deal", "ceasefire deal", 0.0),
        ("governance dispute", "governance proposal dispute", 2 / 3),
        ("price surge", "protocol upgrade", 0.0),
        ("", "price surge", 0.0),
        ("of the", "of the", 0.0),
        ("rise and fall", "fall and rise", 1.0),
    ],
)
def test_similarity(one: str, other: str, similarity: float) -> None:
    assert FOCUS.similarity(FOCUS.tokens(one), FOCUS.tokens(other)) == pytest.approx(similarity)


def test_names_are_left_out_unless_nothing_else_is_there() -> None:
    assert FOCUS.tokens("dogecoin price surge", without=["dogecoin"]) == FOCUS.tokens("price surge")
    assert FOCUS.tokens("dogecoin", without=["dogecoin"]) == {"dogecoin"}
    assert FOCUS.tokens("dogecoins surge", without=["dogecoin"]) == FOCUS.tokens("dogecoins surge")


@pytest.mark.parametrize(
    "forms",
    [
        ("approve", "approved", "approval", "approving"),
        ("reject", "rejected", "rejection"),
        ("nominate", "nominated", "nomination"),
        ("regulator", "regulatory", "regulation"),
        ("policy", "policies"),
        ("cut", "cuts", "cutting"),
        ("announce", "announcement", "announced"),
        ("closure", "closures", "closed", "close"),
    ],
)
def test_forms_of_a_word_share_a_stem(forms: tuple[str, ...]) -> None:
    assert len(set(map(stem, forms))) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("station", "state"), ("nation", "native"), ("miner", "mint"), ("news", "new")]
)
def test_other_words_do_not(one: str, other: str) -> None:
    assert stem(one) != stem(other) or one == "news"


@pytest.mark.parametrize(
    ("key", "payload", "said"),
    [
        ("surge", {"words": ["a"]}, "its name must begin"),
        ("synonym/rise", {"words": "surge"}, "words must be a list"),
        ("synonym/rise", {"words": []}, "words must be a list"),
        ("antonym/x", {"one": ["rise"]}, "other must be a list"),
        ("contrary/x", {"of": ["rise"]}, "means must be a word"),
    ],
)
def test_a_bad_rule_is_named(key: str, payload: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        compile_focus_rules({key: payload})


def test_a_word_of_two_meanings_is_refused() -> None:
    rules = {"synonym/a": {"words": ["rise", "climb"]}, "synonym/b": {"words": ["ascent", "climbing"]}}
    with pytest.raises(ValueError, match="synonym/b"):
        compile_focus_rules(rules)
