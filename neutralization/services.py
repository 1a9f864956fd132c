"""What neutralization does, for every door alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from neutralization.stage import NeutralizeStage
from ntrl.stages.progress import ProgressSink
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage

DEFAULT_LIMIT = 25


@dataclass(frozen=True, slots=True)
class NeutralizeResult:
    """The specification's figures of one neutralization run."""

    total_processed: int
    total_success: int
    total_skipped: int
    total_skipped_no_body: int
    total_failed: int
    report: StageReport


def neutralize_pending(
    *,
    trace_id: str,
    options: RunOptions,
    story_ids: Sequence[UUID] = (),
    progress: ProgressSink | None = None,
) -> NeutralizeResult:
    """Neutralize what is pending; with `options.force`, stories that have a version too (each gets a new one)."""
    stage = NeutralizeStage(story_ids=story_ids, force=options.force)
    report = run_stage(stage, trace_id=trace_id, options=options, progress=progress)
    counts = report.counts
    return NeutralizeResult(
        total_processed=counts["total"],
        total_success=counts["success"],
        total_skipped=counts["skipped"],
        total_skipped_no_body=counts["skipped_no_body"],
        total_failed=counts["total"] - counts["success"] - counts["skipped"],
        report=report,
    )
