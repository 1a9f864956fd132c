"""Runs that a cluster does: put into the queue by a door, taken up by a worker."""

import logging
from dataclasses import asdict
from threading import Event

from django.db import transaction
from django_q.tasks import async_task

from ntrl.pipeline.lock import queue_run
from ntrl.pipeline.models import Trigger
from ntrl.pipeline.services import PipelineResult, run_queued_pipeline
from ntrl.pipeline.steps import PipelineOptions
from ntrl.stages.records import new_trace_id

log = logging.getLogger(__name__)

RUN = "ntrl.pipeline.tasks.run_queued"


def start_in_background(*, trigger: Trigger, options: PipelineOptions | None = None, trace_id: str = "") -> str:
    """Queue a run of the whole pipeline; returns its trace id. Its row is there at once, as `queued`.

    Row and task are written together or not at all. Without a `trace_id` the run gets one.

    Raises:
        AlreadyRunning: another run is under way, or waits in the queue.
    """
    trace_id = trace_id or new_trace_id()
    with transaction.atomic():
        queue_run(trace_id=trace_id, trigger=trigger, parameters=asdict(options or PipelineOptions()))
        put_back(trace_id)
    return trace_id


def put_back(trace_id: str) -> None:
    """Put the task of a run that waits into the queue, for the first cluster that is free."""
    async_task(RUN, trace_id)


def take_up(trace_id: str, *, stop: Event) -> PipelineResult | None:
    """Do a run that waits in the queue; None when it was taken up or given up before.

    A task is delivered at least once: the row, not the task, decides who runs. A cluster that is stopping leaves the
    run to the next.
    """
    if stop.is_set():
        put_back(trace_id)
        return None
    return run_queued_pipeline(trace_id=trace_id, stop=stop)
