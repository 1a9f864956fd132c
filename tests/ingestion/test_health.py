"""A source's health is a function of what it was and what happened; its reasons are for editors."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.health import (
    FIRST_WAIT,
    LONGEST_WAIT,
    NOTE_MAX_CHARS,
    REASON_MAX_CHARS,
    Health,
    explain,
    failed,
    succeeded,
    unchanged,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CODES = st.sampled_from(["http_404", "http_410", "http_429", "http_503", "timeout", "not_a_feed", "bug", "new_code"])
ASKED = st.none() | st.floats(min_value=0, max_value=1e12)
# What happens to a source one thing after another: (code, asked wait, seconds until then), or None for a success.
FAILURES = st.tuples(CODES, ASKED, st.integers(0, 10**6))


@pytest.mark.parametrize(
    ("failures", "asked_seconds", "wait"),
    [
        (0, None, FIRST_WAIT),
        (1, None, FIRST_WAIT * 2),
        (3, None, FIRST_WAIT * 8),
        (6, None, FIRST_WAIT * 64),
        (7, None, LONGEST_WAIT),
        (10**9, None, LONGEST_WAIT),
        (0, 7200, timedelta(hours=2)),
        (0, 5, FIRST_WAIT),
        (0, 0, FIRST_WAIT),
        (0, 10**30, LONGEST_WAIT),
        (2, 7200, timedelta(hours=2)),
        (5, 7200, FIRST_WAIT * 32),
    ],
)
def test_each_failure_in_a_row_waits_longer_and_no_shorter_than_asked(
    failures: int, asked_seconds: float | None, wait: timedelta
) -> None:
    after = failed(Health(failures), "http_429", "", now=NOON, asked_seconds=asked_seconds)

    assert after.next_attempt_at == NOON + wait
    assert after.consecutive_failures == failures + 1


@given(st.lists(FAILURES, min_size=1, max_size=20))
def test_failures_in_a_row_never_make_the_next_attempt_earlier(happened: list[tuple[str, float | None, int]]) -> None:
    now, health = NOON, Health()
    for code, asked, seconds in happened:
        now += timedelta(seconds=seconds)
        before, health = health, failed(health, code, "detail", now=now, asked_seconds=asked)
        assert health.next_attempt_at is not None
        assert now + FIRST_WAIT <= health.next_attempt_at
        assert before.next_attempt_at is None or before.next_attempt_at <= health.next_attempt_at
        assert health.next_attempt_at <= now + LONGEST_WAIT
        assert health.consecutive_failures == before.consecutive_failures + 1
        assert health.reason
        assert health == failed(before, code, "detail", now=now, asked_seconds=asked)


@given(st.lists(FAILURES, max_size=5), st.lists(st.text(max_size=400), max_size=40))
def test_a_success_forgets_all_that_went_wrong(happened: list[tuple[str, float | None, int]], notes: list[str]) -> None:
    health = Health()
    for code, asked, _ in happened:
        health = failed(health, code, "detail", now=NOON, asked_seconds=asked)

    assert succeeded() == Health()
    assert unchanged(health) == Health()
    read = succeeded(notes)
    assert (read.consecutive_failures, read.next_attempt_at, read.is_active) == (0, None, True)
    assert len(read.reason) <= REASON_MAX_CHARS
    assert read.reason.isprintable()


def test_what_was_odd_stays_through_a_304() -> None:
    assert unchanged(succeeded(["feed is valid but lists no entries"])).reason == "feed is valid but lists no entries"


@pytest.mark.parametrize(
    ("failures", "code", "detail", "reason"),
    [
        (0, "http_503", "", "The server said 503 (service unavailable); next try after 2026-03-01 12:15 UTC"),
        (
            2,
            "http_503",
            "",
            "The server said 503 (service unavailable); 3 failures in a row; next try after 2026-03-01 13:00 UTC",
        ),
        (
            9,
            "timeout",
            "not done within 30 s",
            "The server took too long (not done within 30 s); 10 failures in a row; "
            "next try after 2026-03-02 12:00 UTC",
        ),
        (
            0,
            "http_410",
            "",
            "The server said 410 (gone): this feed is closed for good, so the source was switched off on 2026-03-01. "
            "What it announced before is still fetched. If it has moved, correct its address and switch it on.",
        ),
    ],
)
def test_a_reason_says_what_how_often_and_when_next(failures: int, code: str, detail: str, reason: str) -> None:
    assert failed(Health(failures), code, detail, now=NOON).reason == reason


@pytest.mark.parametrize(
    ("code", "detail", "words"),
    [
        ("http_404", "", "The server said 404 (not found)"),
        ("http_599", "", "The server said 599"),
        ("html_instead_of_feed", "titled “Sign in”", "A web page came in place of the feed (titled “Sign in”)"),
        ("empty_document", "the document is empty", "The document is empty"),
        ("never_heard_of", "", "Never heard of"),
        ("never_heard_of", "odd", "Never heard of (odd)"),
        ("bad_response", "a\x00b\nc\ud800", "The server's reply is broken (a b c)"),
    ],
)
def test_codes_become_words(code: str, detail: str, words: str) -> None:
    assert explain(code, detail) == words


def test_only_a_feed_that_is_gone_switches_its_source_off() -> None:
    statuses = range(400, 600)
    off = [status for status in statuses if not failed(Health(), f"http_{status}", "", now=NOON).is_active]
    assert off == [410]


def test_long_notes_are_cut_and_many_are_counted() -> None:
    assert succeeded(["x" * 1000]).reason == "x" * (NOTE_MAX_CHARS - 1) + "…"

    reason = succeeded([f"note {number} {'x' * 80}" for number in range(50)]).reason

    assert reason.startswith("note 0 ")
    shown = reason.count("note ")
    assert reason.endswith(f"; and {50 - shown} more")
    assert len(succeeded(["odd", "\x00", "odder"]).reason.split("; ")) == 2
