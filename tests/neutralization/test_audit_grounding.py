"""Grounding: what is not in the body is found, and what is there in other words is not blamed."""

import pytest

from neutralization.types import Output
from tests.neutralization.audit_case import BODY, FULL, broken

BRIEF_END = "\n\nA vote is expected in April.\n\nThe NHS Confederation welcomed the plan."


def brief(first: str) -> set[str]:
    return {rule for rule in broken(Output.DETAIL_BRIEF, first + BRIEF_END) if rule.startswith("grounding.")}


@pytest.mark.parametrize(
    "sentence",
    [
        "It would spend two billion dollars.",
        "It would spend $2bn by the 3rd of March.",
        "Ann Lee said 5 hospitals with 1200 beds are planned.",
        "Twenty per cent of wards were closed in 2019.",
        'Ann Lee said: "We will build five new hospitals in the north."',
        "Ann Lee said they will build “five new hospitals”.",
        "Reporters in Britain heard Ann Lee.",
        "London expects a vote on Tuesday.",
        "Spending on wards was welcomed by O’Brien.",
        "The UK Parliament members declined to comment.",
    ],
)
def test_other_words_for_the_same_are_grounded(sentence: str) -> None:
    assert brief(sentence) == set()


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("It would spend $3 billion.", "numbers"),
        ("It would spend 2 billion.", "numbers"),
        ("It would spend $2 million.", "numbers"),
        ("Some 20 wards were closed.", "numbers"),
        ("Six hospitals are planned.", "numbers"),
        ("Half of wards were closed.", "numbers"),
        ("Wards were closed in 2020.", "dates"),
        ("It would spend it by March 20.", "dates"),
        ("It would spend it by April 3.", "dates"),
        ("It would spend it by March 3, 2019.", "dates"),
        ("It said so on Wednesday.", "dates"),
        ("It said so yesterday.", "dates"),
        ("A vote is expected in May.", "dates"),
        ("Ann Lee said “the plan will save many lives”.", "quotations"),
        ("Ann Lee said “We will build six new hospitals in the north”.", "quotations"),
        ("Ann Lee said “it would spend $2 billion on hospitals”.", "quotations"),
        ("Ann Lee called it ‘a disgrace’.", "quotations"),
        ("Ann Smith told reporters.", "names"),
        ("The Treasury said it would spend $2 billion.", "names"),
        ("Johnson told reporters.", "names"),
        ("A member of Parliament from York declined to comment.", "names"),
    ],
)
def test_what_the_body_does_not_say_is_found(sentence: str, rule: str) -> None:
    assert f"grounding.{rule}" in brief(sentence)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("20 percent of wards were closed in 2019", "2019 percent of wards were closed in 20", "numbers"),
        ("covers 1,200 beds", "covers 2019 beds", "numbers"),
        ("Tom O'Brien", "Ann Lee", "names"),
        ("Parliament from Leeds", "Leeds from Parliament", "names"),
    ],
)
def test_numbers_and_names_that_changed_places(old: str, new: str, rule: str) -> None:
    assert old in BODY
    assert f"grounding.{rule}" in broken(Output.DETAIL_FULL, BODY.replace(old, new))


@pytest.mark.parametrize(
    ("title", "is_good"),
    [
        ("British Government Plans Hospitals", True),
        ("Hospitals to get $2bn, says Ann Lee", True),
        ("British Government Plans Hospitals in Wales", False),
        ("Hospitals to get $2bn, says Keir Lee", False),
    ],
)
def test_capitals_of_titles(title: str, is_good: bool) -> None:
    assert ("grounding.names" not in broken(Output.FEED_TITLE, title)) is is_good


def test_a_shorter_body_grounds_less() -> None:
    assert "grounding.names" in broken(Output.FEED_TITLE, "NHS gets $2 billion", body="It gets $2 billion.")


@pytest.mark.parametrize("time", ["6:30 p.m.", "6.30pm", "18:30", "18.30"])
def test_a_time_of_day_may_be_written_otherwise(time: str) -> None:
    body = BODY.replace("expected in April", "expected at 18:30 in April")
    assert broken(Output.FEED_SUMMARY, f"A vote is expected at {time} in April.", body=body) == set()


@pytest.mark.parametrize("time", ["7:30 p.m.", "6:45 p.m.", "6:30 a.m.", "6.30am", "18:31", "17.30", "6:30", "6.30"])
def test_an_invented_time_of_day_is_caught(time: str) -> None:
    body = BODY.replace("expected in April", "expected at 18:30 in April")
    assert "grounding.numbers" in broken(Output.FEED_SUMMARY, f"A vote is expected at {time} in April.", body=body)


def test_a_time_whose_half_of_the_day_is_swapped_is_lost_in_the_full_text() -> None:
    body = BODY.replace("expected in April", "expected at 6.30am in April")
    full = FULL.replace("expected in April", "expected at 6.30pm in April")
    assert {"grounding.numbers", "preservation.numbers"} <= broken(Output.DETAIL_FULL, full, body=body)
