"""One run at a time: the row that says `queued` or `running` is the lock, and a dead owner's row is closed at once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ntrl.pipeline.alerting import note_alerts
from ntrl.pipeline.figures import fill_figures
from ntrl.pipeline.models import UNDER_WAY, PipelineRunSummary, PipelineStatus, Trigger
from ntrl.stages.claims import owner_is_gone
from ntrl.stages.owner import this_process
from ntrl.stages.records import DIED, milliseconds

# A run that no cluster has taken up for so long is given up, so that others need not wait for it.
QUEUED_AT_MOST = timedelta(minutes=15)
NOT_TAKEN_UP = "no cluster took it up; is manage.py qcluster running?"


class AlreadyRunning(Exception):
    """Another run is under way, or waits in the queue; `trace_id` names it."""

    def __init__(self, trace_id: str) -> None:
        super().__init__(f"a pipeline run is under way already (trace id {trace_id})")
        self.trace_id = trace_id


def begin_run(
    *, trace_id: str, trigger: Trigger, notice: str = "", parameters: Mapping[str, Any] | None = None
) -> PipelineRunSummary:
    """Write the row of a run that starts now. `notice` is what is known of its language models by then.

    Raises:
        AlreadyRunning: another run is under way, and its owner lives.
    """
    return _write(
        trace_id=trace_id, trigger=trigger, parameters=dict(parameters or {}), notice=notice, owner=str(this_process())
    )


def queue_run(*, trace_id: str, trigger: Trigger, parameters: Mapping[str, Any]) -> PipelineRunSummary:
    """Write the row of a run that a cluster is to take up.

    Raises:
        AlreadyRunning: another run is under way, and its owner lives.
    """
    return _write(
        trace_id=trace_id, trigger=trigger, parameters=dict(parameters), status=PipelineStatus.QUEUED, owner=""
    )


def begin_queued(trace_id: str, *, notice: str = "") -> PipelineRunSummary | None:
    """Take up a run that waits in the queue; None when somebody else has, or it was given up."""
    now = timezone.now()
    waiting = PipelineRunSummary.objects.filter(trace_id=trace_id, status=PipelineStatus.QUEUED)
    took = waiting.update(
        status=PipelineStatus.RUNNING, owner=str(this_process()), notice=notice, started_at=now, heartbeat_at=now
    )
    return PipelineRunSummary.objects.get(trace_id=trace_id) if took else None


def beat_run(trace_id: str) -> None:
    """Say that the run's process lives."""
    PipelineRunSummary.objects.filter(trace_id=trace_id).update(heartbeat_at=timezone.now())


def close_dead_run(now: datetime) -> int:
    """Close the run whose process died, or that nobody took up; returns how many there were."""
    closed = 0
    for run in PipelineRunSummary.objects.filter(status__in=UNDER_WAY):
        if run.status == PipelineStatus.QUEUED:
            reason = NOT_TAKEN_UP if now - run.started_at > QUEUED_AT_MOST else ""
        else:
            reason = DIED if owner_is_gone(run.owner, run.heartbeat_at, now) else ""
        if reason:
            closed += _close(run, reason, now)
    return closed


def close_broken_run(trace_id: str, error: BaseException) -> None:
    """Close the run that this process does, and could not bring to its end; one that has ended stays as it is.

    A cluster's worker lives on, so nobody would take the run for dead.
    """
    for run in PipelineRunSummary.objects.filter(trace_id=trace_id, status=PipelineStatus.RUNNING):
        _close(run, f"{type(error).__name__}: {error}", timezone.now())


def _write(**fields: Any) -> PipelineRunSummary:
    now = timezone.now()
    close_dead_run(now)
    try:
        with transaction.atomic():
            return PipelineRunSummary.objects.create(started_at=now, heartbeat_at=now, **fields)
    except IntegrityError:
        running = PipelineRunSummary.objects.filter(status__in=UNDER_WAY).first()
        raise AlreadyRunning(running.trace_id if running else "unknown") from None


@transaction.atomic
def _close(run: PipelineRunSummary, reason: str, now: datetime) -> int:
    """Close a dead run with the figures that its workers had got to, unless somebody else has closed it."""
    as_seen = PipelineRunSummary.objects.filter(pk=run.pk, status=run.status)
    closed = as_seen.update(status=PipelineStatus.FAILED)
    if closed:
        run.status, run.reason, run.finished_at = PipelineStatus.FAILED, reason, now
        run.open_stage = ""
        run.duration_ms = milliseconds(run.started_at, now)
        fill_figures(run)
        run.save()
        note_alerts(run, now)
    return closed
