"""What cuts and compression leave of a sentence is found; the same words in good order are not blamed."""

import pytest

from neutralization.types import Output
from tests.neutralization.audit_case import BODY, FULL, GOOD, broken

REST = GOOD.detail_brief[GOOD.detail_brief.index("\n\n") :]


def brief(sentence: str, body: str = BODY) -> bool:
    return "form.whole_sentences" in broken(Output.DETAIL_BRIEF, sentence + REST, body=body)


@pytest.mark.parametrize(
    "sentence",
    [
        "The wards were closed, enough.",
        "The plan was welcomed, especially.",
        "The director said that wards.",
        "A 14 million beds a year are planned.",
        "It covers a 1,200 beds in the north.",
        "Critics called the of the plan late.",
        "The director welcomed a for the wards.",
        "1,200 beds are covered, and that the director welcomed the plan.",
    ],
)
def test_a_sentence_that_lost_a_part_is_found(sentence: str) -> None:
    assert brief(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The wards were closed, too.",
        "The wards were closed, he said.",
        "The director said that himself.",
        "Critics said that wards were closed.",
        "A $2 billion plan covers 1,200 beds.",
        "A 20 percent rise is planned.",
        "A 2019 crisis closed wards.",
        "The plan was late but on the up and up.",
        "Critics said the plan was late, and that the wards were closed.",
        "The director has an A for effort.",
    ],
)
def test_a_whole_sentence_is_not_blamed(sentence: str) -> None:
    assert not brief(sentence)


def test_what_the_body_itself_has_is_not_blamed() -> None:
    assert not brief("The wards were closed, enough.", BODY + " In Leeds the wards were closed, enough.")


@pytest.mark.parametrize(
    "text",
    [
        "But the plan is late",
        "And wards were closed",
        "He said 20 percent of wards were closed",
        "They declined to comment",
        "Its director welcomed the plan",
        "It covers 1,200 beds",
    ],
)
def test_a_title_does_not_point_back(text: str) -> None:
    assert "form.stands_alone" in broken(Output.FEED_TITLE, text)
    assert "form.stands_alone" in broken(Output.DETAIL_TITLE, text)
    assert "form.stands_alone" in broken(Output.FEED_SUMMARY, text + ".")


@pytest.mark.parametrize(
    "text", ["It is time for a vote, Lee says", "This plan covers 1,200 beds", "Orders for beds rise", "Her NHS plan"]
)
def test_a_title_that_points_at_nothing_before_it(text: str) -> None:
    assert "form.stands_alone" not in broken(Output.FEED_TITLE, text)


def test_what_an_edit_leaves_is_judged_in_the_full_text() -> None:
    full = FULL.replace("which critics called late, covers", "which critics called, enough. It covers")
    assert "form.whole_sentences" in broken(Output.DETAIL_FULL, full)
