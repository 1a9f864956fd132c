"""What briefs do: assemble the daily brief, and render it anew when an editor corrects a story in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID

from django.utils import timezone

from briefs.assembling import assemble_anew
from briefs.models import DailyBrief
from briefs.stage import AssembleStage, BriefRequest
from ntrl.stages.progress import ProgressSink
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage

DEFAULT_CUTOFF_HOURS = 24
# Assembling takes a second or two; whoever holds the brief for longer than all these tries has hung, or died elsewhere.
TRIES = 5
SECONDS_BETWEEN_TRIES = 2.5


class AnotherAssembles(Exception):
    """Another process has the brief in hand."""


@dataclass(frozen=True, slots=True)
class BriefResult:
    """What assembling did. `brief` is None when none was stored (a dry run, or an empty one refused)."""

    brief: DailyBrief | None
    report: StageReport


def assemble_brief(
    *,
    trace_id: str,
    options: RunOptions,
    cutoff_hours: int = DEFAULT_CUTOFF_HOURS,
    allow_empty: bool = False,
    now: datetime | None = None,
    progress: ProgressSink | None = None,
) -> BriefResult:
    """Assemble the brief of the last `cutoff_hours` and make it the current one.

    Raises:
        AnotherAssembles: another process does, and is not done after some seconds of waiting for it.
    """
    stop = options.stop or Event()
    for attempt in range(TRIES):
        if attempt:
            stop.wait(SECONDS_BETWEEN_TRIES)
        at = now or timezone.now()
        stage = AssembleStage(BriefRequest(at - timedelta(hours=cutoff_hours), at, allow_empty, trace_id))
        report = run_stage(stage, trace_id=trace_id, options=options, progress=progress)
        if report.counts or report.stopped or report.dry_run:
            return BriefResult(stage.brief, report)
    raise AnotherAssembles("another process is assembling the brief")


def render_anew(*, story_id: UUID, **_: Any) -> None:
    """Make the current brief again over the same time, after a story of that time was corrected."""
    assemble_anew(story_id=story_id, now=timezone.now())
