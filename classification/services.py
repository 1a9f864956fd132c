"""What classification does: file stories by run, and take an editor's correction."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from classification.by_model import ModelClassifier
from classification.mapping import feed_category
from classification.models import ClassificationStatus, Method, StoryClassification
from classification.stage import ClassifyStage
from classification.taxonomy import Domain, Geography
from ingestion.models import StoryRaw
from ntrl.llm.gateway import Gateway, open_gateway
from ntrl.llm.types import Operation
from ntrl.stages.events import story_corrected
from ntrl.stages.progress import ProgressSink
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage

DEFAULT_LIMIT = 200
EMBEDDED = "keywords (embedded default: no provider of its chain is set up)"


@dataclass(frozen=True, slots=True)
class ClassifyResult:
    """The specification's figures of one classification run.

    Attributes:
        by: who files, for people: the chain of models, or the embedded default.
        estimated_cost_usd: of what a dry run would do; None when no price is known.
    """

    by: str
    estimated_cost_usd: Decimal | None
    total: int
    success: int
    llm: int
    keyword: int
    keyword_fallback: int
    failed: int
    report: StageReport

    @property
    def fallback_rate(self) -> float | None:
        """The share of filed stories that fell back to keywords after models failed; None over nothing."""
        return self.keyword_fallback / self.success if self.success else None


def classify_pending(
    *,
    trace_id: str,
    options: RunOptions,
    story_ids: Sequence[UUID] = (),
    progress: ProgressSink | None = None,
    gateway: Gateway | None = None,
) -> ClassifyResult:
    """File the stories that are not filed yet; with `options.force`, also those that are (locked ones never).

    `gateway` is that of the run, opened here when it is not given; without any provider in its chain, keywords file.
    """
    gateway = gateway or open_gateway(trace_id)
    model = ModelClassifier(gateway) if gateway.chain(Operation.CLASSIFY) else None
    stage = ClassifyStage(story_ids=story_ids, force=options.force, model=model)
    ledger = gateway.ledger if model else None
    report = run_stage(stage, trace_id=trace_id, options=options, progress=progress, ledger=ledger)
    counts = report.counts
    return ClassifyResult(
        by=model.names if model else EMBEDDED,
        estimated_cost_usd=stage.planned_usd,
        total=counts["total"],
        success=counts["success"],
        llm=counts["llm"],
        keyword=counts["keyword"],
        keyword_fallback=counts["keyword_fallback"],
        failed=counts["total"] - counts["success"],
        report=report,
    )


@transaction.atomic
def correct_classification(*, story: StoryRaw, domain: Domain, geography: Geography) -> StoryClassification:
    """Take an editor's word for a story's domain and geography. It is locked: no run overwrites it."""
    previous = StoryClassification.objects.filter(story=story).first()
    tags = {**(previous.tags if previous else {}), "geography": geography}
    corrected, _ = StoryClassification.objects.update_or_create(
        story=story,
        defaults={
            "status": ClassificationStatus.CLASSIFIED,
            "failure_reason": "",
            "domain": domain,
            "feed_category": feed_category(domain, geography),
            "tags": tags,
            "confidence": 1.0,
            "model": "",
            "prompt_version": "",
            "rule_hashes": {},
            "method": Method.EDITOR,
            "is_locked": True,
            "body_version": story.body_version,
            "classified_at": timezone.now(),
        },
    )
    story_corrected.send(sender=StoryClassification, story_id=story.id)
    return corrected
