"""What the status endpoint reads: how the system fares, what it holds, its last runs, and who neutralizes."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]
from botocore.session import get_session  # type: ignore[import-untyped]
from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from ingestion.models import Source, StoryRaw
from neutralization.by_model.calls import has_models
from neutralization.models import Method, StoryNeutralized
from ntrl.llm.gateway import open_gateway
from ntrl.llm.models import AlertCode, LLMAlert, LLMCall
from ntrl.llm.spending import set_aside
from ntrl.llm.types import Operation, ProviderName
from ntrl.pipeline import alerts
from ntrl.pipeline.health import LATE_AFTER, MISSED_AFTER, EndedRun, Health, judge
from ntrl.pipeline.models import PipelineRunSummary
from ntrl.stages.models import RunStatus, StageRun
from ntrl.stages.records import new_trace_id

# Each figure's stage, as its runs are called.
LAST_RUNS = {
    "last_ingest": "articles",
    "last_classify": "classify",
    "last_neutralize": "neutralize",
    "last_brief": "brief_assemble",
}
# What would ask the machine's own address for a role's keys, and wait where there is none.
_ASKS_THE_NETWORK = ("container-role", "iam-role")
_COST_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Neutralizer:
    """Who neutralizes; `error` is what the last run had to say of them, None when all is well."""

    provider: str
    model: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run of a stage that has ended."""

    stage: str
    status: str
    finished_at: datetime
    duration_ms: int


@dataclass(frozen=True, slots=True)
class LatestRun:
    """The last run of the pipeline that has ended; rates are None over nothing."""

    trace_id: str
    finished_at: datetime
    status: str
    body_download_rate: float | None
    neutralization_rate: float | None
    brief_story_count: int
    alerts: list[str]


@dataclass(frozen=True, slots=True)
class Totals:
    """What the system holds."""

    articles_ingested: int
    articles_neutralized: int
    sources: int


def latest_run() -> LatestRun | None:
    """The last run that has ended. One query."""
    run = PipelineRunSummary.objects.exclude(finished_at=None).order_by("-finished_at").first()
    if run is None or run.finished_at is None:
        return None
    return LatestRun(
        trace_id=run.trace_id,
        finished_at=run.finished_at,
        status=run.status,
        body_download_rate=alerts.rate(run.ingest_body_downloaded, run.ingest_body_failed),
        neutralization_rate=alerts.rate(run.neutralize_success, run.neutralize_failed),
        brief_story_count=run.brief_story_count,
        alerts=run.alerts,
    )


def health_of(run: LatestRun | None, now: datetime) -> Health:
    """Judge by the last run."""
    return judge(EndedRun(run.status, run.finished_at, run.alerts) if run else None, now)


def last_runs() -> dict[str, LastRun | None]:
    """The last run of each stage that has ended. One query a stage."""
    ended = StageRun.objects.exclude(status=RunStatus.RUNNING).exclude(finished_at=None)
    rows = {name: ended.filter(stage=stage).order_by("-finished_at").first() for name, stage in LAST_RUNS.items()}
    return {
        name: LastRun(row.stage, row.status, row.finished_at, row.duration_ms) if row and row.finished_at else None
        for name, row in rows.items()
    }


def totals() -> Totals:
    """Count. Three queries."""
    return Totals(
        articles_ingested=StoryRaw.objects.count(),
        articles_neutralized=StoryNeutralized.objects.filter(is_current=True).count(),
        sources=Source.objects.count(),
    )


def neutralizer(run: LatestRun | None) -> Neutralizer:
    """Who would neutralize now. One query."""
    gateway = open_gateway(new_trace_id())
    if not has_models(gateway):
        return Neutralizer(Method.LEXICON.value, None, None)
    first = gateway.chain(Operation.DETECT_SPANS)[0]
    down = LLMAlert.objects.filter(trace_id=run.trace_id if run else "", code=AlertCode.PROVIDER_DOWN).first()
    return Neutralizer(first.provider.value, first.model, f"{down.subject}: {down.detail}" if down else None)


def cost_of(day: date) -> Decimal:
    """What language models have cost on a day (UTC), in US dollars, with what is set aside. Two queries."""
    spent = LLMCall.objects.filter(created_at__date=day).aggregate(total=Sum("cost_usd"))["total"]
    return ((spent or Decimal(0)) + set_aside(day)).quantize(_COST_STEP)


def keys_set() -> dict[str, bool]:
    """Which credentials are there; none is tried, and no network is asked."""
    providers = settings.LLM_PROVIDERS
    return {
        "has_openai_api_key": bool(providers[ProviderName.OPENAI].api_key),
        "has_google_api_key": bool(providers[ProviderName.GEMINI].api_key),
        "has_anthropic_api_key": bool(providers[ProviderName.ANTHROPIC].api_key),
        "has_aws_credentials": _has_aws_credentials(),
    }


def thresholds() -> dict[str, float]:
    """At what figures alerts are raised and health turns."""
    return {
        "body_download_rate_min": alerts.MIN_BODY_DOWNLOAD_RATE,
        "neutralization_rate_min": alerts.MIN_NEUTRALIZATION_RATE,
        "brief_story_count_min": alerts.MIN_BRIEF_STORIES,
        "classify_fallback_rate_max": alerts.MAX_CLASSIFY_FALLBACK_RATE,
        "late_after_hours": LATE_AFTER.total_seconds() / 3600,
        "missed_after_hours": MISSED_AFTER.total_seconds() / 3600,
    }


def today() -> date:
    """The day in UTC."""
    return timezone.now().date()


def _has_aws_credentials() -> bool:
    session = get_session()
    provider = session.get_component("credential_provider")
    for name in _ASKS_THE_NETWORK:
        provider.remove(name)
    try:
        return provider.load_credentials() is not None
    except BotoCoreError:
        return False
