"""What has been spent, read from the rows: by run, by day, and in a table for people. Reservations count as spent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from ntrl.llm.models import AlertCode, CallOutcome, LLMAlert, LLMCall, Reservation
from ntrl.llm.prices import COST_PLACES, NOTHING
from ntrl.llm.types import Budgets
from ntrl.stages import claims
from ntrl.stages.models import RunStatus, StageRun


@dataclass(frozen=True, slots=True)
class RunTotals:
    """What one run has used over all processes; `cost_usd` includes what is set aside."""

    tokens_input: int
    tokens_output: int
    cost_usd: Decimal


@dataclass(frozen=True, slots=True)
class Used:
    """What a run's calls took so far, also those that failed; `cost_usd` is None when a price is not known."""

    tokens_input: int
    tokens_output: int
    cost_usd: Decimal | None
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CostRow:
    """The calls of one day, operation and model. `cost_usd` is of those whose price is known."""

    day: date
    operation: str
    provider: str
    model: str
    calls: int
    failed: int
    without_price: int
    tokens_input: int
    tokens_cached: int
    tokens_output: int
    cost_usd: Decimal


def run_totals(trace_id: str) -> RunTotals:
    """Sum a run's calls."""
    calls = LLMCall.objects.filter(trace_id=trace_id)
    sums = calls.aggregate(tokens_input=Sum("tokens_input"), tokens_output=Sum("tokens_output"))
    cost = _cost(calls, Reservation.objects.filter(trace_id=trace_id))
    return RunTotals(sums["tokens_input"] or 0, sums["tokens_output"] or 0, cost)


def used_in(trace_id: str) -> Used:
    """Sum what was called, without what is set aside, and name the models."""
    calls = LLMCall.objects.filter(trace_id=trace_id)
    totals = run_totals(trace_id)
    cost = None if calls.filter(cost_usd=None).exists() else _sum(calls, "cost_usd")
    models = tuple(sorted(set(calls.values_list("model", flat=True))))
    return Used(totals.tokens_input, totals.tokens_output, cost, models)


def run_alerts(trace_id: str) -> list[str]:
    """Name the alerts of a run, each code once, in a fixed order."""
    raised = set(LLMAlert.objects.filter(trace_id=trace_id).values_list("code", flat=True))
    return [code for code in AlertCode.values if code in raised]


def alert_lines(trace_id: str) -> list[str]:
    """Say each alert of a run in words: whom it is about, and why."""
    alerts = LLMAlert.objects.filter(trace_id=trace_id).order_by("created_at", "pk")
    return [
        f"{alert.subject} dropped out ({alert.detail}): see manage.py llm_doctor"
        if alert.code == AlertCode.PROVIDER_DOWN
        else f"the budget of {alert.subject} is spent"
        for alert in alerts
    ]


def exceeded(
    amount: Decimal,
    *,
    trace_id: str,
    budgets: Budgets,
    now: datetime,
    reservations: QuerySet[Reservation] | None = None,
) -> str:
    """Say which budget has no room for `amount`; "" when all have. Other `reservations` than all may count."""
    reservations = Reservation.objects.all() if reservations is None else reservations
    if budgets.per_run is not None:
        spent = _cost(LLMCall.objects.filter(trace_id=trace_id), reservations.filter(trace_id=trace_id))
        if spent + amount > budgets.per_run:
            return f"{budgets.per_run} USD per run"
    if budgets.per_day is not None:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        spent = _cost(LLMCall.objects.filter(created_at__gte=midnight), reservations.filter(created_at__gte=midnight))
        if spent + amount > budgets.per_day:
            return f"{budgets.per_day} USD per day"
    return ""


def that_may_come_back(now: datetime) -> QuerySet[Reservation]:
    """The reservations of stages that run now, by processes that live; what others have set aside stays counted."""
    running = StageRun.objects.filter(status=RunStatus.RUNNING)
    alive = [run for run in running if not claims.owner_is_gone(run.owner, run.heartbeat_at, now)]
    of_the_living = [Q(owner=run.owner, trace_id=run.trace_id, stage=run.stage) for run in alive]
    return Reservation.objects.filter(reduce(or_, of_the_living)) if alive else Reservation.objects.none()


def cost_table(since: date | None = None) -> Sequence[CostRow]:
    """Sum the calls by day (UTC), operation and model, newest day first."""
    calls = LLMCall.objects.all() if since is None else LLMCall.objects.filter(created_at__date__gte=since)
    rows = (
        calls.annotate(day=TruncDate("created_at"))
        .values("day", "operation", "provider", "model")
        .annotate(
            calls=Count("pk"),
            failed=Count("pk", filter=~Q(outcome=CallOutcome.SUCCESS)),
            without_price=Count("pk", filter=Q(cost_usd=None)),
            tokens_input=Sum("tokens_input"),
            tokens_cached=Sum("tokens_cached"),
            tokens_output=Sum("tokens_output"),
            cost_usd=Sum("cost_usd", default=NOTHING),
        )
        .order_by("-day", "operation", "provider", "model")
    )
    return [CostRow(**{**row, "cost_usd": _exact(row["cost_usd"])}) for row in rows]


def set_aside(since: date | None = None) -> Decimal:
    """Sum the reservations: calls under way, and those of processes that died."""
    rows = Reservation.objects.all() if since is None else Reservation.objects.filter(created_at__date__gte=since)
    return _sum(rows, "amount_usd")


def _cost(calls: QuerySet[LLMCall], reservations: QuerySet[Reservation]) -> Decimal:
    return _sum(calls, "cost_usd") + _sum(reservations, "amount_usd")


def _sum(rows: QuerySet[LLMCall] | QuerySet[Reservation], column: str) -> Decimal:
    total: Decimal | None = rows.aggregate(total=Sum(column))["total"]
    return _exact(total or NOTHING)


def _exact(total: Decimal) -> Decimal:
    """Drop what a database added that reckons in binary fractions (SQLite)."""
    return total.quantize(Decimal(1).scaleb(-COST_PLACES))
