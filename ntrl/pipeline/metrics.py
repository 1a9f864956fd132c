"""The figures for Prometheus, read from the database when asked: true over all processes and machines.

Figures of runs, stages and models are of the last 24 hours, so that no purge of old rows bends them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ingestion.models import Source
from ntrl.llm.models import CallOutcome, LLMCall
from ntrl.pipeline.alerts import ALERTS, UNHEALTHY_AFTER_FAILURES
from ntrl.pipeline.clusters import living
from ntrl.pipeline.models import UNDER_WAY, Alert, AlertMessage, MessageStatus, PipelineRunSummary, PipelineStatus
from ntrl.pipeline.queue import count_tasks, waiting_since
from ntrl.stages.models import Claim, FailureKind, StageRun

DAY = timedelta(hours=24)


def render_metrics() -> bytes:
    """All figures in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return generate_latest(registry)


class _Figures(Collector):
    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Read them."""
        now = timezone.now()
        for part in (_runs, _stages, _models, _queue, _sources, _alerts):
            yield from part(now)


def _gauge(name: str, meaning: str, values: Iterable[tuple[list[str], Any]], labels: Iterable[str] = ()) -> Any:
    metric = GaugeMetricFamily(f"ntrl_{name}", meaning, labels=list(labels))
    for label_values, value in values:
        metric.add_metric(label_values, float(value or 0))
    return metric


def _runs(now: datetime) -> Iterator[Any]:
    runs = PipelineRunSummary.objects.filter(started_at__gte=now - DAY)
    by_status = dict(runs.values_list("status").annotate(Count("pk")))
    statuses = [([str(status)], by_status.get(status, 0)) for status in PipelineStatus]
    yield _gauge("pipeline_runs", "Runs begun in 24 hours, by status.", statuses, ["status"])
    under_way = PipelineRunSummary.objects.filter(status__in=UNDER_WAY).count()
    yield _gauge("pipeline_under_way", "1 while a run goes on or waits.", [([], under_way)])
    last = PipelineRunSummary.objects.filter(finished_at__isnull=False).order_by("-finished_at").first()
    if last is not None and last.finished_at is not None:
        yield _gauge("pipeline_last_end_seconds", "When the last run ended.", [([], last.finished_at.timestamp())])
        yield _gauge("pipeline_last_duration_seconds", "How long it took.", [([], last.duration_ms / 1000)])
        yield _gauge("brief_stories", "Stories in the brief of the last run.", [([], last.brief_story_count)])


def _stages(now: datetime) -> Iterator[Any]:
    items: Counter[tuple[str, str]] = Counter()
    seconds: Counter[str] = Counter()
    rows = StageRun.objects.filter(started_at__gte=now - DAY).values_list("stage", "counts", "duration_ms")
    for stage, counts, duration_ms in rows:
        seconds[stage] += duration_ms
        for what in ("success", "skipped", "failed", *FailureKind.values):
            items[stage, what] += counts.get(what, 0)
    each = [(list(key), number) for key, number in sorted(items.items())]
    yield _gauge("stage_items", "Items in 24 hours, by stage and outcome.", each, ["stage", "outcome"])
    times = [([stage], number / 1000) for stage, number in sorted(seconds.items())]
    yield _gauge("stage_seconds", "Time that stages took in 24 hours, over all workers.", times, ["stage"])
    claims = Claim.objects.values_list("stage", "failure_kind").annotate(Count("pk")).order_by("stage", "failure_kind")
    states = [([stage, kind or "in_hand"], number) for stage, kind, number in claims]
    yield _gauge("claims", "Items in hand, or waiting after a failure.", states, ["stage", "state"])


def _models(now: datetime) -> Iterator[Any]:
    calls = LLMCall.objects.filter(created_at__gte=now - DAY).values_list("provider", "operation")
    rows = calls.annotate(n=Count("pk"), lost=Count("pk", filter=~Q(outcome=CallOutcome.SUCCESS)), cost=Sum("cost_usd"))
    found = [
        ([provider, operation], figures) for provider, operation, *figures in rows.order_by("provider", "operation")
    ]
    labels = ["provider", "operation"]
    meanings = {
        "llm_calls": "Calls to models in 24 hours.",
        "llm_calls_failed": "Those without a usable reply.",
        "llm_cost_usd": "What they cost.",
    }
    for at, (name, meaning) in enumerate(meanings.items()):
        yield _gauge(name, meaning, [(values, figures[at]) for values, figures in found], labels)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = LLMCall.objects.filter(created_at__gte=midnight).aggregate(total=Sum("cost_usd"))["total"]
    yield _gauge("llm_cost_today_usd", "What calls have cost since midnight UTC.", [([], today)])


def _queue(now: datetime) -> Iterator[Any]:
    waiting, in_hand = count_tasks(now)
    since = waiting_since(now)
    states = [(["waiting"], waiting), (["in_hand"], in_hand)]
    yield _gauge("queue_tasks", "Tasks in the queue.", states, ["state"])
    age = (now - since).total_seconds() if since else 0
    yield _gauge("queue_age_seconds", "How long the oldest task has waited.", [([], age)])
    yield _gauge("clusters", "Clusters that live.", [([], len(living(now)))])


def _sources(now: datetime) -> Iterator[Any]:
    active = Source.objects.filter(is_active=True)
    failing = active.filter(consecutive_failures__gte=UNHEALTHY_AFTER_FAILURES).count()
    states = [(["active"], active.count()), (["unhealthy"], failing)]
    yield _gauge("sources", "Sources that are read, and those of them that keep failing.", states, ["state"])
    last = Source.objects.aggregate(last=Max("last_success_at"))["last"]
    if last is not None:
        yield _gauge("source_last_success_seconds", "When a feed was last read.", [([], last.timestamp())])


def _alerts(now: datetime) -> Iterator[Any]:
    is_open = set(Alert.objects.filter(cleared_at=None).values_list("code", flat=True))
    codes = sorted({*ALERTS, *is_open})
    yield _gauge("alert", "1 while the alert is open.", [([code], code in is_open) for code in codes], ["code"])
    by_status = dict(AlertMessage.objects.values_list("status").annotate(Count("pk")))
    states = [([str(status)], by_status.get(status, 0)) for status in (MessageStatus.WAITING, MessageStatus.GIVEN_UP)]
    yield _gauge("alert_messages", "Messages on alerts that have not got through.", states, ["status"])
