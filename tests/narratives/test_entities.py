"""Names folded, aliases followed, whole words only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narratives.entities import compile_aliases, fold_name, has_words, resolved
from tests.narratives.rules import ALIASES


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DOGE", "Dogecoin"),
        ("the Fed", "Federal Reserve"),
        ("The Federal Reserve", "FED"),
        ("ETH", "Ethereum"),
        ("U.S.", "United States"),
        ("Nestlé", "NESTLE"),
        ("Société Générale", "societe generale"),
        ("Trump’s", "Trump"),
        ("S.E.C.", "Securities and Exchange Commission"),
    ],
)
def test_one_entity(one: str, other: str) -> None:
    assert ALIASES.key(one) == ALIASES.key(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Bit", "Bitcoin"), ("Ethereum Foundation", "Ethereum"), ("Fed", "FedEx")])
def test_two_entities(one: str, other: str) -> None:
    assert ALIASES.key(one) != ALIASES.key(other)


def test_whole_words_only() -> None:
    assert has_words("bit", "a bit of it")
    assert not has_words("bit", "bitcoin rose")
    assert not has_words("", "anything")


def test_aliases_of_aliases_are_followed_and_rings_end() -> None:
    assert resolved({"a": "b", "b": "c"}).key("A") == "c"
    ring = resolved({"a": "b", "b": "a"})
    assert ring.key("a") == ring.key("b")


def test_an_alias_of_two_entities_is_refused() -> None:
    with pytest.raises(ValueError, match="means"):
        compile_aliases({"Mercury Bank": {"aliases": ["Mercury"]}, "Mercury Records": {"aliases": ["Mercury"]}})


@given(st.text())
def test_folding_twice_changes_nothing(name: str) -> None:
    assert fold_name(fold_name(name)) == fold_name(name)
