"""When a failed item is tried again: retry after its wait, quarantine never by itself, a bug with the next release."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

import ntrl
from ntrl.stages import claims
from ntrl.stages.errors import Quarantined, RetryLater
from ntrl.stages.failures import FIRST_RETRY_WAIT, LONGEST_RETRY_WAIT, judge
from ntrl.stages.models import Claim, FailureKind, PipelineLog
from ntrl.stages.owner import Owner, this_process
from tests.support.stages import FakeStage, run, saved_keys

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_due() -> None:
    Claim.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("attempt", "wait"),
    [
        (1, FIRST_RETRY_WAIT),
        (2, FIRST_RETRY_WAIT * 2),
        (3, FIRST_RETRY_WAIT * 4),
        (9, LONGEST_RETRY_WAIT),
        (10_000, LONGEST_RETRY_WAIT),
    ],
)
def test_each_try_waits_twice_as_long_up_to_the_longest(attempt: int, wait: timedelta) -> None:
    failure = judge(RetryLater("http_503", "busy"), attempt=attempt, max_attempts=20_000, now=NOW)

    assert (failure.kind, failure.reason, failure.detail) == (FailureKind.RETRY, "http_503", "busy")
    assert failure.retry_at == NOW + wait


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        (timedelta(hours=3), timedelta(hours=3)),
        (timedelta(seconds=1), FIRST_RETRY_WAIT),
        (-timedelta(1), FIRST_RETRY_WAIT),
    ],
)
def test_no_try_is_made_before_the_other_side_allows_one(asked: timedelta, wait: timedelta) -> None:
    error = RetryLater("http_429", not_before=NOW + asked)

    assert judge(error, attempt=1, max_attempts=3, now=NOW).retry_at == NOW + wait


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (RetryLater("http_503"), FailureKind.QUARANTINE, "http_503"),
        (Quarantined("no_article"), FailureKind.QUARANTINE, "no_article"),
        (OperationalError("database is locked"), FailureKind.QUARANTINE, "OperationalError"),
        (ValueError("odd"), FailureKind.BUG, "ValueError"),
        (SystemExit(1), FailureKind.BUG, "SystemExit"),
    ],
)
def test_what_the_last_attempt_makes_of_an_error(error: BaseException, kind: str, reason: str) -> None:
    failure = judge(error, attempt=3, max_attempts=3, now=NOW)

    assert (failure.kind, failure.reason, failure.retry_at) == (kind, reason, None)


def test_a_locked_database_is_worth_another_try() -> None:
    assert judge(OperationalError("locked"), attempt=1, max_attempts=3, now=NOW).kind == FailureKind.RETRY


@pytest.mark.django_db
def test_an_item_that_waits_is_left_alone_and_then_succeeds() -> None:
    stage = FakeStage(["a"], {"a": [RetryLater("http_503"), "fine"]})

    run(stage)
    assert stage.computed == ["a"]
    run(stage)
    assert stage.computed == ["a"]
    make_due()
    report = run(stage)

    assert stage.computed == ["a", "a"]
    assert (saved_keys(), Claim.objects.count()) == (["a"], 0)
    assert dict(report.counts) == {"total": 1, "success": 1}
    assert list(PipelineLog.objects.order_by("pk").values_list("status", "retry_count")) == [
        ("failed", 0),
        ("completed", 1),
    ]


@pytest.mark.django_db
def test_attempts_used_up_end_in_quarantine_and_stay_there() -> None:
    stage = FakeStage(["a"], {"a": [RetryLater("http_503", "busy")]})

    for _ in range(5):
        run(stage)
        make_due()

    assert stage.computed == ["a"] * stage.max_attempts
    claim = Claim.objects.get()
    assert (claim.failure_kind, claim.attempts) == (FailureKind.QUARANTINE, 3)
    assert claim.reason == "http_503: busy (gave up after 3 attempts)"


@pytest.mark.django_db
def test_quarantine_ends_when_the_input_changes_and_counts_attempts_anew() -> None:
    stage = FakeStage(["a"], {"a": [Quarantined("odd"), RetryLater("http_503"), "fine"]}, hashes={"a": "one"})
    run(stage)
    run(stage)
    assert stage.computed == ["a"]

    stage.hashes["a"] = "two"
    run(stage)

    assert stage.computed == ["a", "a"]
    claim = Claim.objects.get()
    assert (claim.failure_kind, claim.attempts, claim.input_hash) == (FailureKind.RETRY, 1, "two")


@pytest.mark.django_db
@pytest.mark.parametrize("error", [Quarantined("odd"), RetryLater("http_503"), ValueError("bug")])
def test_force_takes_what_failed_and_is_not_due(error: Exception) -> None:
    stage = FakeStage(["a"], {"a": [error, "fine"]})
    run(stage)

    run(stage, force=True)

    assert (saved_keys(), Claim.objects.count()) == (["a"], 0)


@pytest.mark.django_db
def test_force_takes_nothing_out_of_anothers_hands() -> None:
    claims.take(
        stage="fake",
        item_key="a",
        input_hash="",
        code_version="1",
        owner=str(this_process()),
        lease=timedelta(minutes=5),
        now=timezone.now(),
    )

    report = run(FakeStage(["a"]), force=True)

    assert not report.counts


@pytest.mark.django_db
def test_a_bug_waits_for_the_next_release_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = FakeStage(["a"], {"a": [ValueError("odd"), "fine"]})
    run(stage)
    run(stage)
    assert stage.computed == ["a"]
    assert claims.due_keys("fake", now=timezone.now(), code_version=ntrl.__version__) == []

    monkeypatch.setattr(ntrl, "__version__", "99.0")
    assert claims.due_keys("fake", now=timezone.now(), code_version="99.0") == ["a"]
    run(stage)

    assert saved_keys() == ["a"]


@pytest.mark.django_db
def test_ten_bugs_in_a_row_stop_the_stage() -> None:
    items = [f"{number:02}" for number in range(30)]
    stage = FakeStage(items, {item: [ValueError("odd")] for item in items})

    report = run(stage, workers=1)

    assert report.counts["bug"] in (10, 11), "the next item may be done by then"
    assert (report.status, report.stopped) == ("partial", "10 items in a row ended in a bug")
    assert Claim.objects.count() == report.counts["bug"], "what was taken and not begun is put back"


@pytest.mark.django_db
@pytest.mark.parametrize("relief", ["fine", Quarantined("gone"), RetryLater("http_503")])
def test_anything_else_in_between_ends_the_row_of_bugs(relief: object) -> None:
    items = [f"{number:02}" for number in range(17)]
    replies = {item: [ValueError("odd")] for item in items} | {"08": [relief]}

    report = run(FakeStage(items, replies), workers=1)

    assert (report.counts["bug"], report.stopped) == (16, "")


@pytest.mark.django_db
def test_an_item_whose_failure_cannot_be_saved_counts_as_one_bug() -> None:
    def broken(item: str, failure: object) -> dict[str, int]:
        raise OSError("disk full")

    items = [f"{number:02}" for number in range(30)]
    stage = FakeStage(items, {item: [RetryLater("http_503")] for item in items}, on_failure=broken)

    assert run(stage, workers=1).counts["bug"] in (10, 11)


@pytest.mark.django_db
@pytest.mark.parametrize("error", [RetryLater("http_503"), ValueError("bug")])
def test_a_kill_during_another_try_does_not_hide_that_the_item_is_due(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(FakeStage(["a"], {"a": [error]}))
    make_due()
    monkeypatch.setattr(ntrl, "__version__", "99.0")
    dead = Owner(this_process().host, 2**22 + 1, 1.0)
    now = timezone.now()
    taken = claims.take(
        stage="fake",
        item_key="a",
        input_hash="",
        code_version="99.0",
        owner=str(dead),
        lease=timedelta(minutes=5),
        now=now,
    )
    assert taken is not None

    assert claims.due_keys("fake", now=now, code_version="99.0") == ["a"]
    run(FakeStage(["a"]))

    assert saved_keys() == ["a"]
