"""The doors that jobs come in by: each calls one service, as a command does. Its result stands in the task's row."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.utils import timezone

from ingestion import storage
from narratives.facts.services import enrich_once
from narratives.services.consolidation import consolidate_narratives
from ntrl.pipeline import background, retention, team, watching
from ntrl.pipeline.draining import stop_politely
from ntrl.pipeline.lock import AlreadyRunning
from ntrl.pipeline.models import Trigger
from ntrl.stages.records import new_trace_id
from ntrl.stages.runner import RunOptions
from search.index import bring_up_to_date

log = logging.getLogger(__name__)

# A run ends by itself so long before its task would be broken off, so that it can say how far it got.
SECONDS_TO_END_IN = 300


@contextmanager
def ended_with_the_database() -> Iterator[None]:
    """End this worker when the database fails: rows that name it as their owner can't be closed, and hold as it lives.

    The cluster starts another one in its place.
    """
    try:
        yield
    except DatabaseFailure as error:
        raise SystemExit(f"the database failed: {error}") from error


def start_run() -> str:
    """Put the scheduled run into the queue."""
    try:
        return background.start_in_background(trigger=Trigger.SCHEDULED)
    except AlreadyRunning as refusal:
        return str(refusal)


def run_queued(trace_id: str) -> str:
    """Do a run that was put into the queue."""
    with ended_with_the_database(), stop_politely(within_seconds=_seconds()) as stop:
        result = background.take_up(trace_id, stop=stop)
    return result.summary.status if result else "not begun"


def help_run(trace_id: str, stage: str) -> dict[str, int] | str:
    """Help another cluster with a stage of its run."""
    with ended_with_the_database(), stop_politely(within_seconds=_seconds()) as stop:
        report = team.help_stage(trace_id=trace_id, stage=stage, stop=stop)
    return dict(report.counts) if report else "too late"


def consolidate() -> dict[str, Any]:
    """Merge narratives that are one."""
    done = consolidate_narratives()
    return {"merged": done.merged}


def enrich() -> dict[str, int]:
    """Read what is new in every stream of messages, and store the facts that it states."""
    with stop_politely(within_seconds=_seconds()) as stop:
        result = enrich_once(trace_id=new_trace_id(), options=RunOptions(stop=stop))
    return dict(result.counts)


def watch() -> dict[str, int]:
    """Close what has died."""
    return watching.watch(timezone.now())


def purge_logs() -> dict[str, int]:
    """Remove records whose time is over."""
    with stop_politely(within_seconds=_seconds()) as stop:
        return retention.purge_logs(now=timezone.now(), stop=stop)


def purge_bodies() -> dict[str, int]:
    """Remove the texts whose time is over."""
    return dict(storage.purge_bodies(now=timezone.now()).counts)


def reindex_search() -> dict[str, Any]:
    """Mend what the search's index lacks; its triggers keep it true, so a difference is worth a line of log."""
    mended = bring_up_to_date()
    if not mended.is_none:
        log.warning("search_index_mended missing=%d wrong=%d", mended.missing, mended.wrong)
    return asdict(mended)


def _seconds() -> float:
    limit = settings.NTRL_TASK_TIMEOUT_SECONDS
    return max(limit - SECONDS_TO_END_IN, limit / 2)
