"""What is done with facts: one cycle of the enrichment worker, the backfill of missing marks, and its undoing."""

import logging
import math
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from narratives.facts.by_model import ModelExtractor
from narratives.facts.by_rules import RuleExtractor
from narratives.facts.enrichment_stage import ENRICHMENT_STAGE, EnrichmentStage, Seen
from narratives.facts.errors import StoreError
from narratives.facts.ports import Extractor, Stream
from narratives.facts.sources import Source, conversations, has_conversations, stories
from ntrl.llm.gateway import Gateway, open_gateway
from ntrl.llm.types import Operation
from ntrl.stages import claims
from ntrl.stages.models import Claim, FailureKind, RunStatus
from ntrl.stages.progress import ProgressSink
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage

log = logging.getLogger(__name__)

# Between the beginnings of two cycles.
CYCLE_SECONDS = 11 * 60


@dataclass(frozen=True, slots=True)
class EnrichResult:
    """What one cycle did.

    Attributes:
        by: who read, for people.
        idle: streams that held nothing new.
        waiting: streams with too little that is new as yet.
        counts: of the stage: total (turns of streams), messages, chunks, facts, retry, quarantine, …
        troubles: what could not be read, with the reason: bots, or a whole store.
        reports: the stage's own, one a round.
    """

    by: str
    idle: int
    waiting: int
    counts: Counter[str]
    troubles: dict[str, str]
    reports: list[StageReport] = field(default_factory=list)

    @property
    def status(self) -> RunStatus:
        """Failed when something could not be read; partial when the stage stopped early or met a bug."""
        if self.troubles or any(report.status == RunStatus.FAILED for report in self.reports):
            return RunStatus.FAILED
        partial = any(report.status == RunStatus.PARTIAL for report in self.reports)
        return RunStatus.PARTIAL if partial else RunStatus.COMPLETED


def enrich_once(
    *,
    trace_id: str,
    bot: str = "",
    options: RunOptions | None = None,
    progress: ProgressSink | None = None,
    gateway: Gateway | None = None,
    sources: Sequence[Source] | None = None,
    now: datetime | None = None,
) -> EnrichResult:
    """Read what is new in every stream, and store the facts that it states.

    A stream with more than one turn's messages gets further turns. What failed in an earlier cycle is taken up again;
    what every model refused, when something new has come.

    Args:
        trace_id: of the cycle.
        bot: only this one's streams; all when empty.
        options: of the runner.
        progress: told of each stream that was read.
        gateway: of the run, opened here when it is not given; without a provider in its chain rules read.
        sources: where messages are; by default this project's stories, and the Qdrant of the settings.
        now: the cycle's time; by default the clock's.
    """
    options, seen = options or RunOptions(), Seen()
    gateway = gateway or open_gateway(trace_id)
    chosen = list(sources) if sources is not None else _sources(seen)
    model = ModelExtractor(gateway) if gateway.chain(Operation.EXTRACT_FACTS) else None
    extractors: dict[int, Extractor] = {id(each): model or RuleExtractor(each.find) for each in chosen}
    _take_up_again()
    reports: list[StageReport] = []
    only: dict[str, set[Stream]] | None = None
    while only is None or only:
        stage = EnrichmentStage(
            sources=chosen,
            extractors=extractors,
            now=now or timezone.now(),
            seen=seen,
            bot=bot,
            only=only,
            deadline_seconds=math.ceil(settings.LLM_DEADLINE_SECONDS),
        )
        ledger = gateway.ledger if model else None
        reports.append(run_stage(stage, trace_id=trace_id, options=options, progress=progress, ledger=ledger))
        only = {} if reports[-1].stopped else stage.unfinished
    if bot and bot not in seen.bots and not seen.troubles:
        seen.troubles[bot] = f"There is no bot of this name. There are: {', '.join(_bots(chosen))}."
    for what, why in seen.troubles.items():
        log.error("%s: %s could not be read: %s", ENRICHMENT_STAGE, what, why)
    return EnrichResult(
        by=model.name if model else RuleExtractor.name,
        idle=seen.idle,
        waiting=seen.waiting,
        counts=sum((report.counts for report in reports), Counter()),
        troubles=seen.troubles,
        reports=reports,
    )


def _sources(seen: Seen) -> list[Source]:
    """Stories, and conversations when there is a Qdrant; stories are read also when it can't be used."""
    chosen = [stories()]
    if has_conversations():
        try:
            chosen.append(conversations())
        except StoreError as error:
            seen.troubles["Qdrant"] = error.detail
    return chosen


def _take_up_again() -> None:
    """Forget what failed for a reason that may have passed: the time between two cycles is wait enough."""
    now = timezone.now()
    for claim in Claim.objects.filter(stage=ENRICHMENT_STAGE, failure_kind=FailureKind.RETRY):
        if not claims.is_held(claim, now):
            claims.close(claim)


def _bots(sources: Sequence[Source]) -> list[str]:
    found: list[str] = []
    for source in sources:
        with suppress(StoreError):
            found += source.messages.bots()
    return found
