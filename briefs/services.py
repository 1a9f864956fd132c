"""What briefs do: assemble the daily brief, and render it anew when an editor corrects a story in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from briefs.assembling import assemble_and_store
from briefs.models import DailyBrief
from briefs.stage import AssembleStage, BriefRequest
from ingestion.models import StoryRaw
from ntrl.stages.progress import ProgressSink
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage

DEFAULT_CUTOFF_HOURS = 24


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
    """Assemble the brief of the last `cutoff_hours` and make it the current one."""
    now = now or timezone.now()
    stage = AssembleStage(BriefRequest(now - timedelta(hours=cutoff_hours), now, allow_empty, trace_id))
    report = run_stage(stage, trace_id=trace_id, options=options, progress=progress)
    return BriefResult(stage.brief, report)


def render_anew(*, story_id: UUID, **_: Any) -> None:
    """Make the current brief again over the same time, after a story of that time was corrected."""
    brief = DailyBrief.objects.filter(is_current=True).only("cutoff_time").first()
    if brief is None or not StoryRaw.objects.filter(id=story_id, published_at__gte=brief.cutoff_time).exists():
        return
    assemble_and_store(cutoff_time=brief.cutoff_time, now=timezone.now(), allow_empty=True, trace_id="")
