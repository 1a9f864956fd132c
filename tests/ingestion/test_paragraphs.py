"""Paragraphs: made of lines, each said once, and what counts as the beginning of an article only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.paragraphs import (
    REPEATED_MIN_CHARS,
    clean_text,
    drop_repeated_paragraphs,
    join_paragraphs,
    paragraph_key,
    split_lines,
)
from ingestion.truncation import BODY_MIN_CHARS, truncation_reason, without_notices

LONG = "This paragraph is said twice, and it has more than fifty characters."
SHORT = "Yes, it is."


@pytest.mark.parametrize(
    ("paragraphs", "expected"),
    [
        ([LONG, SHORT, LONG], [LONG, SHORT]),
        ([LONG, LONG.upper()], [LONG]),
        ([LONG, LONG.replace(" ", "  \n ")], [LONG]),
        ([SHORT, LONG, SHORT, SHORT], [SHORT, LONG, SHORT, SHORT]),
        (["x" * REPEATED_MIN_CHARS] * 2, ["x" * REPEATED_MIN_CHARS] * 2),
        (["x" * (REPEATED_MIN_CHARS + 1)] * 2, ["x" * (REPEATED_MIN_CHARS + 1)]),
        ([], []),
    ],
)
def test_long_repeated_paragraphs_go(paragraphs: list[str], expected: list[str]) -> None:
    assert drop_repeated_paragraphs(paragraphs) == expected


@given(st.lists(st.one_of(st.sampled_from([LONG, SHORT, LONG.lower()]), st.text())))
def test_repetition_is_all_that_goes(paragraphs: list[str]) -> None:
    kept = drop_repeated_paragraphs(paragraphs)
    assert drop_repeated_paragraphs(kept) == kept
    assert {paragraph_key(paragraph) for paragraph in kept} == {paragraph_key(paragraph) for paragraph in paragraphs}
    rest = iter(paragraphs)
    assert all(paragraph in rest for paragraph in kept)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One.\nTwo.\n\n\n  Three.  ", ["One.", "Two.", "Three."]),
        ("  • first\n* second\n- third\n\t· fourth", ["- first", "- second", "- third", "- fourth"]),
        ("•\n-\n\u200b\n", []),
        ("-5 degrees\n– said", ["-5 degrees", "– said"]),
        ("| 1 | Ann |\n| 2 | Bea |", ["1 | Ann", "2 | Bea"]),
        ("co\u00adoperate\u200b \u00a0 now", ["cooperate now"]),
        ("a\u2028b\x0cc", ["a", "b", "c"]),
        ("", []),
    ],
)
def test_lines_become_paragraphs(text: str, expected: list[str]) -> None:
    assert split_lines(text) == expected


@given(st.text(st.characters()))
def test_paragraphs_can_be_stored_and_split_again(text: str) -> None:
    paragraphs = split_lines(text)
    body = join_paragraphs(paragraphs)
    body.encode("utf-8")
    assert "\x00" not in body
    assert split_lines(body) == paragraphs
    assert [part for part in body.split("\n\n") if part] == paragraphs


def test_cleaning_keeps_text_and_drops_what_cannot_be_stored() -> None:
    assert clean_text("a\x00b\ud800c\ufffe\td\n") == "abc\td\n"


NOTICES = [
    "Subscribe to continue reading",
    "To continue reading, log in or register.",
    "Sign in to read the full story",
    "To read the full article, become a member today.",
    "To read the rest of this story, start your free trial.",
    "Continue reading →",
    "Already a subscriber? Log in",
    "This article is for subscribers only.",
    "This content is reserved for our premium members.",
    "Subscribers only",
    "You have reached your limit of free articles this month.",
    "You’ve read your last free article.",
    "Please enable JS and disable any ad blocker",
    "The rest of this is only available to subscribers.",
    "The bank said […]",
    "The bank said… [+2304 chars]",
]

PROSE = [
    "She learned to read the room before she spoke.",
    "He has continued reading to the children since 2004.",
    "The library is open to members and to subscribers of its newsletter.",
    "The club, for members only, closed in May.",
    "“You have reached your limit,” the judge told the lawyer.",
    "The company gained 300,000 subscribers.",
    "Ministers voted to unlock the funds.",
    "What happens next?",
]


@pytest.mark.parametrize("notice", NOTICES)
def test_a_paywalls_notice_is_known_and_goes(notice: str) -> None:
    assert without_notices([LONG, notice, "Related stories"]) == ([LONG, "Related stories"], True)


@pytest.mark.parametrize("paragraph", PROSE)
def test_prose_is_no_notice(paragraph: str) -> None:
    assert without_notices([LONG, paragraph]) == ([LONG, paragraph], False)


def test_a_notice_far_from_the_end_is_the_articles() -> None:
    paragraphs = ["Subscribe to continue reading", *[LONG] * 6]
    assert without_notices(paragraphs) == (paragraphs, False)


@pytest.mark.parametrize(
    ("text", "had_notice", "expected"),
    [
        ("x" * BODY_MIN_CHARS, False, ""),
        ("x" * (BODY_MIN_CHARS - 1), False, "too_short"),
        ("x" * 3_000, True, "paywall_notice"),
        ("x" * 600 + "…", False, "ends_midway"),
        ("x" * 600 + "...", False, "ends_midway"),
        ("x" * 3_000 + "…", False, ""),
        ("", False, "too_short"),
    ],
)
def test_truncation(text: str, had_notice: bool, expected: str) -> None:
    assert truncation_reason(text, had_notice=had_notice) == expected
