"""One run at a time: the row that says `running` is the lock, and a dead owner's row is closed at once."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from ntrl.pipeline.figures import fill_figures
from ntrl.pipeline.models import PipelineRunSummary, Trigger
from ntrl.stages.claims import owner_is_gone
from ntrl.stages.models import RunStatus
from ntrl.stages.owner import this_process
from ntrl.stages.records import DIED, milliseconds


class AlreadyRunning(Exception):
    """Another run is under way; `trace_id` names it."""

    def __init__(self, trace_id: str) -> None:
        super().__init__(f"a pipeline run is under way already (trace id {trace_id})")
        self.trace_id = trace_id


def begin_run(*, trace_id: str, trigger: Trigger, notice: str = "") -> PipelineRunSummary:
    """Write the row of a run that starts now. `notice` is what is known of its language models by then.

    Raises:
        AlreadyRunning: another run is under way, and its owner lives.
    """
    now = timezone.now()
    _close_dead_run(now)
    try:
        with transaction.atomic():
            return PipelineRunSummary.objects.create(
                trace_id=trace_id,
                trigger=trigger,
                notice=notice,
                owner=str(this_process()),
                started_at=now,
                heartbeat_at=now,
            )
    except IntegrityError:
        running = PipelineRunSummary.objects.filter(status=RunStatus.RUNNING).first()
        raise AlreadyRunning(running.trace_id if running else "unknown") from None


def beat_run(trace_id: str) -> None:
    """Say that the run's process lives."""
    PipelineRunSummary.objects.filter(trace_id=trace_id).update(heartbeat_at=timezone.now())


def _close_dead_run(now: datetime) -> None:
    for run in PipelineRunSummary.objects.filter(status=RunStatus.RUNNING):
        if owner_is_gone(run.owner, run.heartbeat_at, now):
            _close(run, now)


@transaction.atomic
def _close(run: PipelineRunSummary, now: datetime) -> None:
    """Close a dead run with the figures that its workers had got to, unless somebody else has closed it."""
    running = PipelineRunSummary.objects.filter(pk=run.pk, status=RunStatus.RUNNING)
    if running.update(status=RunStatus.FAILED):
        run.status, run.reason, run.finished_at = RunStatus.FAILED, DIED, now
        run.duration_ms = milliseconds(run.started_at, now)
        fill_figures(run)
        run.save()
