"""Names are compared by token; a capital that says nothing is not a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntrl.text.names import name_key, name_tokens, unknown_names, vocabulary

BODY = (
    "WASHINGTON (AP) — President Barack Obama met German leaders and the World Health Organization. "
    "Sen. John O'Brien's bill passed on Tuesday. The U.S. economy grew, as officials had said. "
    "Al-Assad wrote to Canada’s minister, Zoë, about Yahoo! and iPhone sales. However, nobody answered."
)


def unknown(text: str, body: str = BODY) -> list[str]:
    return [token.text for token in unknown_names(name_tokens(text), vocabulary(name_tokens(body)))]


@pytest.mark.parametrize(
    "text",
    [
        "Obama met Canada's minister",
        "Washington was silent",
        "Officials had said the economy grew",
        "Leaders answered",
        "Passing the bill took long",
        "Lawmakers met on Friday in May",
        "Senator O’Brien wrote",
        "The US, the U.S. and WHO",
        "Canadian and Germany's leaders met Zoe",
        "“However,” he wrote: Nobody answered",
        "President Obama Met Leaders Over Bill",
        "Leaders of Al-Assad's and I met Mr. Obama",
        "iPhone sales grew",
        "Citing the economy, leaders met",
        "Separately, temperatures grew",
        "Temperatures grew",
        "Pre-bill sales grew",
        "",
    ],
)
def test_known_names_and_ordinary_words(text: str) -> None:
    assert unknown(text) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Obama met Merkel", ["Merkel"]),
        ("Musk said so", ["Musk"]),
        ("Walker answered", ["Walker"]),
        ("Fleming answered", ["Fleming"]),
        ("Officials met Robert", ["Robert"]),
        ("The bill of Obamas", ["Obamas"]),
        ("Obama met NATO", ["NATO"]),
        ("he met Bill", ["Bill"]),
        ("officials answered that leaders met Obama United", ["United"]),
        ("officials answered that leaders met the World Health Board", ["Board"]),
        ("In Paris, leaders met", ["Paris"]),
        ("Obama Met Merkel Over Bill", ["Merkel"]),
        ("Obama met a Kremlin-backed minister", ["Kremlin"]),
    ],
)
def test_names_that_the_body_does_not_have(text: str, names: list[str]) -> None:
    assert unknown(text) == names


@pytest.mark.parametrize(
    ("one", "other"), [("U.S.", "US"), ("O’Brien's", "O'Brien"), ("Zoë", "ZOE"), ("Zoe\u0308", "Zoë"), ("NASA", "Nasa")]
)
def test_keys_are_equal(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@given(st.text())
def test_a_text_knows_its_own_names(text: str) -> None:
    assert unknown(text, text) == []


@given(st.text())
def test_tokens_stand_where_they_say(text: str) -> None:
    assert all(text[token.start : token.end] == token.text for token in name_tokens(text))


@pytest.mark.parametrize(
    ("office", "initials"),
    [("chief technology officer", "CTO"), ("chief executive", "CEO"), ("prime minister", "PM")],
)
def test_an_office_may_be_told_by_its_initials(office: str, initials: str) -> None:
    assert unknown(f"he asked the {initials}", f"The {office} said so.") == []
    assert unknown(f"he asked the {initials}", "The officer said so.") == [initials]
