"""Which extractions become fingerprints."""

from typing import Any

import pytest

from narratives.fingerprints import BadFingerprint, clean_focus, from_extraction
from tests.narratives.rules import ALIASES

BODY = "Dogecoin rose 14% on Monday. The U.S. Federal Reserve said nothing, and Robinhood little. A bit of it is gone."
ACTORS = "Kraken, Upbit, Kaiko and Coinbase were busy."


def a_reply(**fields: Any) -> dict[str, Any]:
    return {
        "actors": ["Robinhood", "Federal Reserve", "Dogecoin", "the Fed", "Kaiko", "Upbit", "Coinbase", "Kraken"],
        "actor_salience": {"Kraken": 5, "Robinhood": 4, "Upbit": 3, "Kaiko": 2},
        "nucleus_entity": "DOGE",
        "narrative_focus": "Price surge",
        "actions": ["rose", "said", "bought", "sold"],
        "tensions": [],
        "summary": "",
        **fields,
    }


def test_the_most_salient_others_and_the_first_actions_stay() -> None:
    made = from_extraction(a_reply(), body=f"{BODY} {ACTORS}", aliases=ALIASES)
    assert (made.nucleus_entity, made.narrative_focus) == ("DOGE", "price surge")
    assert made.top_actors == ("Kraken", "Robinhood", "Upbit", "Kaiko", "Federal Reserve")
    assert made.key_actions == ("rose", "said", "bought")


def test_an_actor_whom_the_body_does_not_name_is_left_out() -> None:
    assert from_extraction(a_reply(), body=BODY, aliases=ALIASES).top_actors == ("Robinhood", "Federal Reserve")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"nucleus_entity": "Bitcoin"}, "nucleus_not_in_body"),
        ({"nucleus_entity": "Doge coin"}, "nucleus_not_in_body"),
        ({"nucleus_entity": "Bitc"}, "nucleus_not_in_body"),
        ({"nucleus_entity": "IT"}, "nucleus_not_in_body"),
        ({"nucleus_entity": "—"}, "nucleus_missing"),
        ({"nucleus_entity": None}, "not_a_fingerprint"),
        ({"narrative_focus": 7}, "not_a_fingerprint"),
        ({"narrative_focus": "surge"}, "focus_length"),
        ({"narrative_focus": "one two three four five six"}, "focus_length"),
        ({"narrative_focus": ""}, "focus_length"),
        ({"narrative_focus": "focus unknown"}, "focus_unknown"),
        ({"narrative_focus": "i can't help with that"}, "focus_not_a_phrase"),
        ({"narrative_focus": "sorry, no event found"}, "focus_not_a_phrase"),
        ({"narrative_focus": "Focus phrase: price surge"}, "focus_not_a_phrase"),
        ({"narrative_focus": '{"focus": "price surge"}'}, "focus_not_a_phrase"),
        ({"narrative_focus": "price <b>surge</b> again"}, "focus_not_a_phrase"),
        ({"narrative_focus": "price\u202e surge"}, "focus_not_a_phrase"),
        ({"nucleus_entity": "the Fed", "narrative_focus": "federal reserve"}, "focus_is_nucleus"),
        ({"narrative_focus": "— …"}, "focus_is_nucleus"),
    ],
)
def test_what_says_nothing_or_what_the_body_does_not_is_refused(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadFingerprint) as refusal:
        from_extraction(a_reply(**fields), body=BODY, aliases=ALIASES)
    assert refusal.value.reason == reason


def test_a_name_that_is_a_word_counts_in_capitals_only() -> None:
    reply = a_reply(nucleus_entity="United States", narrative_focus="border talks")
    assert from_extraction(reply, body="The U.S. said so.", aliases=ALIASES)
    with pytest.raises(BadFingerprint):
        from_extraction(reply, body="They told us so.", aliases=ALIASES)


def test_lists_of_the_wrong_kind_are_empty() -> None:
    made = from_extraction(a_reply(actors="Robinhood", actor_salience=[], actions=[1, " "]), body=BODY, aliases=ALIASES)
    assert (made.top_actors, made.key_actions) == ((), ())


@pytest.mark.parametrize(
    "said", [' "Price  Surge." ', "price surge", "“price surge”", "**Price surge**", "`price\nsurge`"]
)
def test_a_focus_has_one_form(said: str) -> None:
    assert clean_focus(said) == "price surge"


@pytest.mark.parametrize(
    "focus", ["u.s.-china talks", "q&a session row", "$100k price record", "king's coronation", "phase i trial"]
)
def test_phrases_of_news_may_stand(focus: str) -> None:
    assert from_extraction(a_reply(narrative_focus=focus), body=BODY, aliases=ALIASES).narrative_focus == focus
