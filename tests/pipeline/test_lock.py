"""One run at a time; nobody waits for the dead."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from ntrl.pipeline.lock import AlreadyRunning, beat_run, begin_run
from ntrl.pipeline.models import PipelineRunSummary, Trigger
from ntrl.stages.models import StageRun
from ntrl.stages.owner import Owner, this_host, this_process
from ntrl.stages.records import DIED

pytestmark = pytest.mark.django_db
DEAD = str(Owner(this_host(), 2**22 + 1, 1.0))
ELSEWHERE = str(Owner("elsewhere", 1, 1.0))


def begin(trace_id: str = "first") -> PipelineRunSummary:
    return begin_run(trace_id=trace_id, trigger=Trigger.MANUAL)


def test_a_run_begins_as_running_under_this_process() -> None:
    run = begin()

    assert (run.status, run.trigger, run.owner) == ("running", "manual", str(this_process()))


def test_a_second_run_is_refused_with_the_first_ones_trace_id() -> None:
    begin()

    with pytest.raises(AlreadyRunning, match="first") as refusal:
        begin("second")

    assert refusal.value.trace_id == "first"
    assert PipelineRunSummary.objects.get().status == "running"


def test_a_run_of_this_process_holds_however_long_it_is_silent() -> None:
    begin()
    PipelineRunSummary.objects.update(heartbeat_at=timezone.now() - timedelta(hours=8))

    with pytest.raises(AlreadyRunning):
        begin("second")


@pytest.mark.parametrize(("owner", "silent_seconds"), [(DEAD, 0), (ELSEWHERE, 31)])
def test_the_run_of_a_dead_process_is_closed_at_once(owner: str, silent_seconds: int) -> None:
    begin()
    PipelineRunSummary.objects.update(
        owner=owner,
        heartbeat_at=timezone.now() - timedelta(seconds=silent_seconds),
        started_at=timezone.now() - timedelta(minutes=2),
    )

    begin("second")

    closed = PipelineRunSummary.objects.get(trace_id="first")
    assert (closed.status, closed.reason) == ("failed", DIED)
    assert closed.alerts == ["brief_story_count_low", "ingestion_zero", "pipeline_failed"]
    assert closed.finished_at is not None
    assert 120_000 <= closed.duration_ms < 180_000
    assert PipelineRunSummary.objects.get(trace_id="second").status == "running"


def test_a_dead_run_is_closed_with_the_figures_that_its_workers_had_got_to() -> None:
    run = begin()
    PipelineRunSummary.objects.update(owner=DEAD)
    for stage, counts in (
        ("articles", {"total": 9, "ingested": 8, "body_downloaded": 3, "body_failed": 5}),
        ("classify", {"total": 2, "success": 1, "keyword": 1}),
        ("classify", {"total": 3, "success": 3, "keyword": 3}),
    ):
        StageRun.objects.create(
            trace_id="first",
            stage=stage,
            owner=DEAD,
            counts=counts,
            started_at=run.started_at,
            heartbeat_at=run.started_at,
        )

    begin("second")

    closed = PipelineRunSummary.objects.get(trace_id="first")
    assert (closed.ingest_total, closed.ingest_success, closed.ingest_body_failed) == (9, 8, 5)
    assert (closed.classify_total, closed.classify_success, closed.classify_failed) == (5, 4, 1)
    assert closed.alerts == ["body_download_rate_low", "brief_story_count_low", "pipeline_failed"]


def test_a_run_elsewhere_that_was_heard_of_lately_holds() -> None:
    begin()
    PipelineRunSummary.objects.update(owner=ELSEWHERE, heartbeat_at=timezone.now() - timedelta(seconds=20))

    with pytest.raises(AlreadyRunning):
        begin("second")


def test_a_beat_is_written_to_the_run_alone() -> None:
    old = timezone.now() - timedelta(hours=1)
    begin("first")
    PipelineRunSummary.objects.update(heartbeat_at=old, status="completed")
    begin("second")
    PipelineRunSummary.objects.update(heartbeat_at=old)

    beat_run("second")

    assert PipelineRunSummary.objects.get(trace_id="first").heartbeat_at == old
    assert PipelineRunSummary.objects.get(trace_id="second").heartbeat_at > old


def test_the_database_refuses_an_unknown_trigger() -> None:
    run = begin()

    with pytest.raises(IntegrityError), transaction.atomic():
        PipelineRunSummary.objects.filter(pk=run.pk).update(trigger="by itself")
