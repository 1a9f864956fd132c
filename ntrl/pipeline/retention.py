"""How long records are kept: what is over is removed in batches, from one table of what there is.

Kept for good, since they are few or the books: summaries of runs, what each worker did, the rows of calls to models
(only their texts go, so that costs by day stay true), and claims, which say what is not to be tried again.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django_q.models import Task

from ntrl.llm.models import LLMCall
from ntrl.pipeline.models import Alert, AlertMessage, MessageStatus
from ntrl.rest.models import IdempotentRequest
from ntrl.stages.models import PipelineLog

# Of one statement: short enough that nobody waits for it.
BATCH_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of record.

    Attributes:
        name: what reports call it.
        days: how long it is kept, as the settings have it.
        old: the rows from before a moment.
        clear: fields to be emptied, where the row itself stays.
    """

    name: str
    days: Callable[[], int]
    old: Callable[[datetime], QuerySet]  # type: ignore[type-arg]  # of any model
    clear: tuple[str, ...] = ()


def _log_days() -> int:
    return settings.NTRL_LOG_DAYS


def _text_days() -> int:
    return settings.NTRL_LLM_TEXT_DAYS


RECORDS = (
    Kept("log_rows", _log_days, lambda before: PipelineLog.objects.filter(finished_at__lt=before)),
    Kept(
        "call_texts",
        _text_days,
        lambda before: LLMCall.objects.filter(~Q(prompt_text="") | ~Q(reply_text=""), created_at__lt=before),
        clear=("prompt_text", "reply_text"),
    ),
    Kept("tasks", _log_days, lambda before: Task.objects.filter(stopped__lt=before)),
    Kept(
        "alert_messages",
        _log_days,
        lambda before: AlertMessage.objects.filter(created_at__lt=before).exclude(status=MessageStatus.WAITING),
    ),
    # Each of these says itself when its time is over.
    Kept("sessions", lambda: 0, lambda before: Session.objects.filter(expire_date__lt=before)),
    Kept("idempotent_requests", lambda: 0, lambda before: IdempotentRequest.objects.filter(expires_at__lt=before)),
    Kept("alerts", _log_days, lambda before: Alert.objects.filter(cleared_at__lt=before, messages=None)),
)


def purge_logs(*, now: datetime, dry_run: bool = False, stop: threading.Event | None = None) -> dict[str, int]:
    """Remove what is older than the settings keep it; returns how many rows of each kind (of a dry run: would go).

    Stopped or killed, it has removed whole batches; the next goes on.
    """
    return {
        kept.name: _count(kept, now) if dry_run else _purge(kept, now, stop or threading.Event()) for kept in RECORDS
    }


def _old(kept: Kept, now: datetime) -> QuerySet:  # type: ignore[type-arg]
    return kept.old(now - timedelta(days=kept.days()))


def _count(kept: Kept, now: datetime) -> int:
    return _old(kept, now).count()


def _purge(kept: Kept, now: datetime, stop: threading.Event) -> int:
    done = 0
    while not stop.is_set():
        rows = _old(kept, now)
        batch = rows.model._default_manager.filter(
            pk__in=list(rows.order_by().values_list("pk", flat=True)[:BATCH_ROWS])
        )
        went = batch.update(**dict.fromkeys(kept.clear, "")) if kept.clear else batch.delete()[0]
        done += went
        if went < BATCH_ROWS:
            break
    return done
