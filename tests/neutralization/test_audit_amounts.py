"""Amounts: a number keeps its unit, its word and its fellow, and may be told in other words."""

import pytest

from neutralization.audit import audit
from neutralization.types import Output, Outputs

BODY = (
    "The reservoir at Dunlow holds 640 acres of water and lies 12 feet below the old church. "
    "The level fell to 31 metres, 75 centimetres below the mark at which barges may not pass.\n\n"
    "The town council voted 6-3 on Monday to close the lock for 90 minutes a day; eight people had spoken. "
    "The office opens at 7 and takes about 300 calls in a week, a quarter of them from farms.\n\n"
    "Eleven walkers were rescued, two of whom lost their boots in the mud. "
    "The warden, Ada Quist, who is serving a three-year term, has worked there for 20 months. "
    "The shop sold 45 maps and received 18 complaints."
)


def broken(text: str, output: Output = Output.DETAIL_BRIEF) -> set[str]:
    outputs = Outputs(**{each: text if each is output else "" for each in Output})
    verdicts = audit(BODY, outputs, spans=[])
    return {each.rule_id for each in verdicts if each.rule_id.startswith("grounding.") and not each.passed}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("The reservoir at Dunlow holds 640 hectares of water.", "units"),
        ("The office takes about 300 calls in a month, a quarter of them from farms.", "units"),
        ("The reservoir lies 12 metres below the old church.", "units"),
        ("The level fell to 31 metres below the mark at which barges may not pass.", "amounts"),
        ("Ada Quist, the warden, is serving a term of 20 months there.", "amounts"),
        ("The shop received 45 complaints.", "amounts"),
        ("Eleven walkers lost their boots in the mud.", "parts"),
        ("The council voted 8-3 to close the lock.", "numbers"),
        ("The office opens at 9 a.m. on most days.", "numbers"),
        ("The lock will be closed for an hour and 40 minutes a day.", "numbers"),
        ("One in five of the calls come from farms.", "numbers"),
    ],
)
def test_an_amount_that_is_something_elses_is_found(text: str, rule: str) -> None:
    assert f"grounding.{rule}" in broken(text)


@pytest.mark.parametrize(
    "text",
    [
        "The reservoir at Dunlow, 12 feet below the old church, holds 640 acres of water.",
        "About 300 calls come in weekly, a quarter of them from farms.",
        "The level fell to 31 metres. That is 75 centimetres below the mark.",
        "The warden has worked there for 20 months.",
        "The shop sold 45 maps. It received 18 complaints.",
        "Two of the eleven walkers lost their boots in the mud.",
        "Eleven walkers were rescued.",
        "By six votes to three the council closed the lock for 90 minutes a day.",
        "The council voted 6 to 3 on Monday.",
        "The office opens at 7 a.m. and takes about 300 calls a week.",
        "The lock is to be closed for one hour and 30 minutes a day.",
        "One in four of about 300 calls come from farms.",
    ],
)
def test_the_same_amount_in_other_words_is_none(text: str) -> None:
    assert broken(text) == set()


def test_the_number_sign_is_no_name() -> None:
    body = "The 14 tram will stop running in May, the company said."
    for text in ("The No. 14 tram will stop running in May, the company said.", "The Nos. 14 will stop in May."):
        verdicts = audit(body, Outputs("", "", "", text, ""), spans=[])
        assert [each.evidence for each in verdicts if each.rule_id == "grounding.names" and not each.passed] == []
