"""The stages of a run that several machines share: those that call language models.

Ingestion is not among them, since politeness towards publishers holds within one process.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from briefs.services import DEFAULT_CUTOFF_HOURS
from classification import services as classification
from classification.stage import ClassifyStage
from ingestion import services as ingestion
from neutralization import services as neutralization
from neutralization.stage import NeutralizeStage
from ntrl.llm.gateway import Gateway
from ntrl.rules.loader import RuleFileError
from ntrl.stages.progress import ProgressSink
from ntrl.stages.report import StageReport
from ntrl.stages.runner import DEFAULT_WORKERS, RunOptions

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """The parameters of a run, with the specification's defaults. `max_workers` is of each machine."""

    max_items_per_source: int = ingestion.DEFAULT_MAX_ITEMS_PER_SOURCE
    classify_limit: int = classification.DEFAULT_LIMIT
    neutralize_limit: int = neutralization.DEFAULT_LIMIT
    max_workers: int = DEFAULT_WORKERS
    cutoff_hours: int = DEFAULT_CUTOFF_HOURS
    allow_empty: bool = False


Step = Callable[[PipelineOptions, RunOptions, Gateway, ProgressSink | None], StageReport]


def classify(
    options: PipelineOptions, run_options: RunOptions, gateway: Gateway, progress: ProgressSink | None = None
) -> StageReport:
    """File what is pending."""
    result = classification.classify_pending(
        trace_id=gateway.ledger.trace_id,
        options=replace(run_options, limit=options.classify_limit),
        progress=progress,
        gateway=gateway,
    )
    return result.report


def neutralize(
    options: PipelineOptions, run_options: RunOptions, gateway: Gateway, progress: ProgressSink | None = None
) -> StageReport:
    """Neutralize what is pending."""
    result = neutralization.neutralize_pending(
        trace_id=gateway.ledger.trace_id,
        options=replace(run_options, limit=options.neutralize_limit),
        progress=progress,
        gateway=gateway,
    )
    return result.report


def warm_up() -> None:
    """Compile the rules, which takes seconds, once for all processes that are forked from this one."""
    try:
        ClassifyStage()
        NeutralizeStage()
    except RuleFileError as problem:  # the stage itself says so in each run
        log.warning("the rules can't be used: %s", problem)


# By the stage's name.
SHARED: Mapping[str, Step] = {"classify": classify, "neutralize": neutralize}
