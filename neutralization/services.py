"""What neutralization does, for every door alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from neutralization.by_model.calls import has_models
from neutralization.stage import NeutralizeStage
from ntrl.llm.gateway import Gateway, open_gateway
from ntrl.stages.progress import ProgressSink
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage

DEFAULT_LIMIT = 25
BY_MODELS = "language models"
EMBEDDED = "the lexicon (embedded default: no provider of language models is set up)"


@dataclass(frozen=True, slots=True)
class NeutralizeResult:
    """The specification's figures of one neutralization run.

    Attributes:
        by: who neutralizes, for people: language models, or the embedded default.
        estimated_cost_usd: of what a dry run would do; None when no price is known.
    """

    by: str
    estimated_cost_usd: Decimal | None
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
    gateway: Gateway | None = None,
    over: UUID | None = None,
) -> NeutralizeResult:
    """Neutralize what is pending; with `options.force`, stories that have a version too (each gets a new one).

    `gateway` is that of the run, opened here when it is not given; without any provider in its chains, the lexicon
    does it. `over` is the one editor's version that a forced run may take the place of, when its caller saw a certain
    one.
    """
    gateway = gateway or open_gateway(trace_id)
    models = gateway if has_models(gateway) else None
    stage = NeutralizeStage(story_ids=story_ids, force=options.force, gateway=models, over=over)
    ledger = models.ledger if models else None
    report = run_stage(stage, trace_id=trace_id, options=options, progress=progress, ledger=ledger)
    counts = report.counts
    return NeutralizeResult(
        by=BY_MODELS if models else EMBEDDED,
        estimated_cost_usd=stage.planned_usd,
        total_processed=counts["total"],
        total_success=counts["success"],
        total_skipped=counts["skipped"],
        total_skipped_no_body=counts["skipped_no_body"],
        total_failed=counts["total"] - counts["success"] - counts["skipped"],
        report=report,
    )
