"""Rows of runs: closed when their process died, and summed over all workers."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from ntrl.stages.models import RunStatus, StageRun
from ntrl.stages.owner import Owner, this_host, this_process
from ntrl.stages.records import DIED, RunRecord, close_dead_runs, counts_of_run, new_trace_id
from ntrl.stages.report import FAILURES_SHOWN, StageReport

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_run(owner: Owner | str, *, status: str = "running", silent_seconds: float = 0, **fields: object) -> StageRun:
    beat = NOW - timedelta(seconds=silent_seconds)
    values = {"trace_id": "t", "stage": "fake", "started_at": beat, "heartbeat_at": beat, **fields}
    return StageRun.objects.create(owner=str(owner), status=status, **values)


@pytest.mark.django_db
def test_runs_of_the_dead_are_closed_and_no_others() -> None:
    mine = a_run(this_process(), silent_seconds=3600)
    dead = a_run(Owner(this_host(), 2**22 + 1, 1.0))
    elsewhere = a_run(Owner("elsewhere", 1, 1.0), silent_seconds=29)
    silent = a_run(Owner("elsewhere", 2, 1.0), silent_seconds=31)
    over = a_run(Owner(this_host(), 2**22 + 1, 1.0), status="partial", silent_seconds=99)

    assert close_dead_runs(NOW) == 2

    statuses = {run.pk: (run.status, run.reason, run.finished_at) for run in StageRun.objects.all()}
    assert statuses == {
        mine.pk: ("running", "", None),
        dead.pk: ("failed", DIED, NOW),
        elsewhere.pk: ("running", "", None),
        silent.pk: ("failed", DIED, NOW),
        over.pk: ("partial", "", None),
    }
    assert StageRun.objects.get(pk=silent.pk).duration_ms == 31_000


@pytest.mark.django_db
def test_counts_of_all_workers_are_summed_by_stage() -> None:
    a_run("a", counts={"total": 3, "success": 2, "bug": 1})
    a_run("b", counts={"total": 4, "success": 4})
    a_run("a", stage="other", counts={"total": 1})
    a_run("a", trace_id="another", counts={"total": 100})

    assert counts_of_run("t") == {"fake": {"total": 7, "success": 6, "bug": 1}, "other": {"total": 1}}
    assert counts_of_run("unknown") == {}


@pytest.mark.django_db
def test_a_run_that_others_closed_stays_closed() -> None:
    record = RunRecord.begin("fake", "t")
    StageRun.objects.update(status=RunStatus.FAILED, reason=DIED)

    record.end(StageReport("fake", "t", counts=Counter(total=1)))

    assert StageRun.objects.get().reason == DIED


@pytest.mark.parametrize(
    ("stopped", "error", "counts", "status"),
    [
        ("", "", {}, RunStatus.COMPLETED),
        ("", "", {"failed": 9, "retry": 3, "quarantine": 2}, RunStatus.COMPLETED),
        ("", "", {"bug": 1}, RunStatus.PARTIAL),
        ("asked to stop", "", {}, RunStatus.PARTIAL),
        ("asked to stop", "KeyError", {"bug": 1}, RunStatus.FAILED),
    ],
)
def test_how_a_report_reads_as_a_whole(stopped: str, error: str, counts: dict[str, int], status: str) -> None:
    report = StageReport("fake", "t", counts=Counter(counts), stopped=stopped, error=error)

    assert report.status == status
    assert report.as_dict()["status"] == status


def test_a_report_names_the_first_failures_only() -> None:
    report = StageReport("fake", "t")
    for number in range(FAILURES_SHOWN + 5):
        report.note_failure(str(number), "why")

    assert len(report.failures) == FAILURES_SHOWN


def test_trace_ids_are_32_hex_digits() -> None:
    assert len(new_trace_id()) == 32
    assert int(new_trace_id(), 16)
    assert new_trace_id() != new_trace_id()
