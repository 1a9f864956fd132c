"""Several machines, one run: its leader asks the other clusters for help in a stage, and waits for all who came.

The row of the run says in which stage others may help now. A helper first writes its StageRun row, then reads that; the
leader first writes that the stage is closed, then reads the rows. So either the helper sees that it comes too late, or
the leader sees that there is somebody to wait for.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from threading import Event

from django.db.models import QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from ntrl.llm.gateway import open_gateway
from ntrl.logs import tracing
from ntrl.pipeline import clusters
from ntrl.pipeline.lock import beat_run
from ntrl.pipeline.models import PipelineRunSummary, PipelineStatus
from ntrl.pipeline.steps import SHARED, PipelineOptions
from ntrl.stages.models import RunStatus, StageRun
from ntrl.stages.owner import this_process
from ntrl.stages.records import DIED, close_dead_runs
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions

log = logging.getLogger(__name__)

HELP = "ntrl.pipeline.tasks.help_run"
SECONDS_BETWEEN_LOOKS = 0.25
# What stands in place of a stage when helpers are to stop as well.
STOPPING = "stopping"


def lead(
    *, trace_id: str, stage: str, options: RunOptions, work: Callable[[RunOptions], StageReport]
) -> list[StageReport]:
    """Do a stage of a run together with the clusters there are; ends when all who came are done, or dead.

    What one who died had in hand is done again here. Without other clusters this is `work` alone.
    """
    invited = clusters.others(timezone.now())
    if not invited:
        return [work(options)]
    shared = replace(options, is_shared=True)
    _set_stage(trace_id, stage)
    for key in invited:
        async_task(HELP, trace_id, stage, cluster=key)
    finished = False
    try:
        reports = [work(shared)]
        finished = True
    finally:
        is_stopping = not finished or (options.stop is not None and options.stop.is_set())
        _set_stage(trace_id, STOPPING if is_stopping else "")
        died = _wait_for_helpers(trace_id, stage, options.stop)
    while died and not (options.stop is not None and options.stop.is_set()):
        log.warning("%s: a helper died; what it had in hand is done here", stage)
        reports.append(work(shared))
        died = _wait_for_helpers(trace_id, stage, options.stop, known=died)
    return reports


def help_stage(*, trace_id: str, stage: str, stop: Event) -> StageReport | None:
    """Work on a stage of a run that another machine leads; None when it is closed already."""
    run = PipelineRunSummary.objects.filter(trace_id=trace_id).first()
    if run is None or not _is_open(trace_id, stage):
        return None
    options = PipelineOptions(**run.parameters)
    inner = RunOptions(
        workers=options.max_workers,
        stop=stop,
        is_shared=True,
        may_begin=lambda: _is_open(trace_id, stage),
        on_beat=lambda: _stop_with_the_run(trace_id, stop),
    )
    gateway = open_gateway(trace_id)
    with tracing(trace_id):
        report = SHARED[stage](options, inner, gateway, None)
        gateway.ledger.write()  # what calls have sent that came in after the stage had ended
    return report


def helpers_that_died(trace_id: str) -> QuerySet[StageRun]:
    """The rows of workers of a run that died before its leader did."""
    return StageRun.objects.filter(trace_id=trace_id, status=RunStatus.FAILED, reason=DIED)


def _is_open(trace_id: str, stage: str) -> bool:
    return PipelineRunSummary.objects.filter(
        trace_id=trace_id, status=PipelineStatus.RUNNING, open_stage=stage
    ).exists()


def _stop_with_the_run(trace_id: str, stop: Event) -> None:
    goes_on = PipelineRunSummary.objects.filter(trace_id=trace_id, status=PipelineStatus.RUNNING)
    if not goes_on.exclude(open_stage=STOPPING).exists():
        stop.set()


def _set_stage(trace_id: str, stage: str) -> None:
    PipelineRunSummary.objects.filter(trace_id=trace_id).update(open_stage=stage)


def _wait_for_helpers(trace_id: str, stage: str, stop: Event | None, known: int = 0) -> int:
    """Wait until nobody else works on the stage; returns how many have died in it, 0 when no more than were known."""
    mine = StageRun.objects.filter(trace_id=trace_id, stage=stage)
    while True:
        close_dead_runs(timezone.now())
        if not mine.filter(status=RunStatus.RUNNING).exclude(owner=str(this_process())).exists():
            died = helpers_that_died(trace_id).filter(stage=stage).count()
            return died if died > known else 0
        if stop is not None and stop.is_set():
            _set_stage(trace_id, STOPPING)
        beat_run(trace_id)
        time.sleep(SECONDS_BETWEEN_LOOKS)
