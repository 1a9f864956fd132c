"""What one item's end leaves behind: rows of success, failure and doubt, each in one transaction."""

import threading
from uuid import uuid4

import pytest

import ntrl
from ntrl.rules.models import Rule
from ntrl.stages.errors import Quarantined, RetryLater
from ntrl.stages.models import Claim, FailureKind, PipelineLog, RunStatus, StageRun
from ntrl.stages.stage import Outcome, Saved
from tests.support.stages import FakeStage, Recorder, run, saved_keys

pytestmark = pytest.mark.django_db


def test_a_success_deletes_its_claim_and_leaves_a_log_row_and_counts() -> None:
    stage = FakeStage(["a"], on_save=lambda item, result: Saved(counts={"bytes": 7}))

    report = run(stage)

    assert saved_keys() == ["a"]
    assert not Claim.objects.exists()
    log = PipelineLog.objects.get()
    assert (log.stage, log.status, log.item_key, log.trace_id) == ("fake", "completed", "a", "t" * 32)
    assert (log.story_raw_id, log.entry_url, log.entry_url_hash) == (stage.story, "https://example.org/a", "h" * 64)
    assert (log.retry_count, log.failure_reason, log.error_message) == (0, "", "")
    assert log.started_at <= log.finished_at
    row = StageRun.objects.get()
    assert row.counts == {"total": 1, "success": 1, "bytes": 7} == dict(report.counts)
    assert (row.status, row.reason) == (RunStatus.COMPLETED, "")
    assert row.finished_at is not None


def test_the_log_uses_the_stages_word_for_itself() -> None:
    stage = FakeStage(["a"])
    stage.log_name = "other"  # type: ignore[misc]

    run(stage)

    assert PipelineLog.objects.get().stage == "other"
    assert StageRun.objects.get().stage == "fake"


@pytest.mark.parametrize(
    ("saved", "logged", "counted"),
    [
        (Saved(Outcome.SKIPPED, "no_body", "dead link"), "skipped", {"total": 1, "skipped": 1}),
        (Saved(Outcome.FAILED, "no_evidence", "nothing"), "failed", {"total": 1, "failed": 1}),
    ],
)
def test_an_item_that_was_skipped_or_judged_is_saved_without_a_claim(
    saved: Saved, logged: str, counted: dict[str, int]
) -> None:
    report = run(FakeStage(["a"], on_save=lambda item, result: saved))

    assert not Claim.objects.exists()
    assert saved_keys() == ["a"]
    log = PipelineLog.objects.get()
    assert (log.status, log.failure_reason, log.error_message) == (logged, saved.reason, saved.detail)
    assert dict(report.counts) == counted
    assert report.status == RunStatus.COMPLETED
    assert report.failures == [f"a: {saved.reason}: {saved.detail}"]


def test_an_exception_in_save_leaves_neither_row_nor_success_and_the_claim_as_a_bug() -> None:
    def save(item: str, result: object) -> Saved:
        raise ZeroDivisionError("in save")

    report = run(FakeStage(["a"], on_save=save))

    assert saved_keys() == []
    claim = Claim.objects.get()
    assert (claim.failure_kind, claim.reason, claim.owner, claim.until) == (
        FailureKind.BUG,
        "ZeroDivisionError: in save",
        "",
        None,
    )
    assert claim.code_version == ntrl.__version__
    log = PipelineLog.objects.get()
    assert (log.status, log.failure_reason, log.error_message) == ("failed", "ZeroDivisionError", "in save")
    assert StageRun.objects.get().counts == {"total": 1, "bug": 1} == dict(report.counts)
    assert report.status == RunStatus.PARTIAL


def test_what_fails_is_kept_with_its_reason_and_the_others_go_on() -> None:
    replies: dict[str, list[Exception]] = {
        "b": [RetryLater("http_503", "busy")],
        "c": [Quarantined("no_article", "a menu")],
        "d": [KeyError("x")],
    }

    report = run(FakeStage("abcde", replies))

    assert saved_keys() == ["a", "e"]
    assert {claim.item_key: (claim.failure_kind, claim.reason) for claim in Claim.objects.all()} == {
        "b": ("retry", "http_503: busy"),
        "c": ("quarantine", "no_article: a menu"),
        "d": ("bug", "KeyError: 'x'"),
    }
    assert dict(report.counts) == {"total": 5, "success": 2, "retry": 1, "quarantine": 1, "bug": 1}
    assert sorted(report.failures) == ["b: http_503: busy", "c: no_article: a menu", "d: KeyError: 'x'"]


def test_a_report_names_failures_as_people_do() -> None:
    class Labelled(FakeStage):
        def label(self, item: str) -> str:
            return f"https://example.org/{item}"

    report = run(Labelled("a", {"a": [Quarantined("http_404", "the page is gone")]}))

    assert report.failures == ["https://example.org/a: http_404: the page is gone"]
    assert Claim.objects.get().item_key == "a"


def test_the_row_of_a_failure_is_written_with_its_claim_and_its_counts() -> None:
    def keep(item: str, failure: object) -> dict[str, int]:
        Rule.objects.create(rule_set="fake", key=f"failed {item}")
        return {"body_failed": 1}

    report = run(FakeStage(["a"], {"a": [Quarantined("gone")]}, on_failure=keep))

    assert saved_keys() == ["failed a"]
    assert report.counts["body_failed"] == 1


@pytest.mark.parametrize("error", [RetryLater("http_503", "busy"), Quarantined("gone"), ValueError("odd")])
def test_when_even_the_failures_row_fails_the_claim_keeps_a_reason(error: Exception) -> None:
    def keep(item: str, failure: object) -> dict[str, int]:
        Rule.objects.create(rule_set="fake", key="half")
        raise OSError("disk full")

    report = run(FakeStage(["a", "b"], {"a": [error]}, on_failure=keep))

    assert saved_keys() == ["b"]
    claim = Claim.objects.get()
    assert (claim.item_key, claim.failure_kind, claim.reason) == ("a", "bug", "OSError: disk full")
    assert PipelineLog.objects.get(item_key="a").failure_reason == "OSError"
    assert report.status == RunStatus.PARTIAL


class Thief:
    """Takes b's claim over when a is saved; b is computed until then, and ends in `error` if there is one."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self._stolen = threading.Event()

    def __call__(self, item: str, result: object) -> Saved:
        Claim.objects.filter(item_key="b").update(token=uuid4())
        self._stolen.set()
        return Saved()

    def wait(self, item: str) -> None:
        self._stolen.wait(5)
        if self._error:
            raise self._error


def test_a_result_whose_claim_was_taken_over_meanwhile_is_dropped() -> None:
    thief = Thief()
    report = run(FakeStage(["a", "b"], {"b": [thief.wait]}, on_save=thief), workers=1)

    assert saved_keys() == ["a"]
    assert Claim.objects.get().item_key == "b"
    assert dict(report.counts) == {"total": 1, "success": 1, "lost": 1}
    assert StageRun.objects.get().counts["lost"] == 1
    assert not PipelineLog.objects.filter(item_key="b").exists()


def test_a_failure_whose_claim_was_taken_over_meanwhile_is_dropped() -> None:
    thief = Thief(Quarantined("gone"))
    report = run(FakeStage(["a", "b"], {"b": [thief.wait]}, on_save=thief), workers=1)

    assert report.counts["lost"] == 1
    assert Claim.objects.get().failure_kind == ""


@pytest.mark.parametrize("detail", ["nul \x00 in it", "half a pair \ud83d", "x" * 200_000])
def test_a_detail_from_outside_is_kept_whatever_is_in_it(detail: str) -> None:
    run(FakeStage(["a"], {"a": [Quarantined("odd", detail)]}))

    claim = Claim.objects.get()
    assert (claim.failure_kind, claim.reason[:5]) == ("quarantine", "odd: ")
    assert PipelineLog.objects.get().error_message


def test_progress_is_told_of_the_start_of_each_item_and_of_the_end() -> None:
    progress = Recorder()

    run(FakeStage("ab", {"b": [Quarantined("gone")]}), progress=progress, limit=10)

    assert progress.calls[0] == ("start", "fake", 2)
    assert sorted(progress.calls[1:3]) == [("advance", "a"), ("advance", "b")]
    assert progress.calls[3:] == [("finish",)]


def test_progress_expects_no_more_than_the_limit() -> None:
    progress = Recorder()

    run(FakeStage("abc"), progress=progress, limit=2)

    assert progress.calls[0] == ("start", "fake", 2)
