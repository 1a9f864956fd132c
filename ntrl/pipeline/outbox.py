"""Sending the messages on alerts: by mail and by webhook, tried again when it fails.

At least once: a process that is killed after sending and before noting so sends again. Both carry the same id (in
JSON and as `Idempotency-Key`; a mail's `Message-ID`), by which the receiver can tell.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Exists, OuterRef, Q

from ntrl.pipeline.alerts import ALERTS
from ntrl.pipeline.models import AlertEvent, AlertMessage, Channel, MessageStatus

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
# The wait doubles from one minute to six hours; the last try is a day and a half after the first.
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
MAX_ATTEMPTS = 14
# More than that many open at once would be a flood; the rest follows with the next watch.
SENT_AT_ONCE = 50


class NotSent(Exception):
    """The message did not get through; the text says why and holds no address."""


def send_waiting(now: datetime) -> dict[str, int]:
    """Send what is due, the oldest first; returns how many were sent, will be tried again, and were given up.

    Of one code by one channel each message waits until the one before it was sent or given up, so that the last word
    that people get is the last that was said.
    """
    counts = {"sent": 0, "failed": 0, "given_up": 0}
    for _ in range(SENT_AT_ONCE):
        message = _first_due(now)
        if message is None:
            break
        if _take(message, now):
            counts[_send(message, now)] += 1
    return counts


def document_of(message: AlertMessage) -> dict[str, Any]:
    """What a webhook gets: plain JSON, times in ISO 8601 UTC."""
    alert = message.alert
    return {
        "id": str(message.id),
        "event": message.event,
        "code": alert.code,
        "meaning": meaning_of(alert.code),
        "raised_at": _iso(alert.raised_at),
        "cleared_at": _iso(alert.cleared_at) if alert.cleared_at and message.event == AlertEvent.CLEARED else None,
        "trace_id": alert.cleared_by if message.event == AlertEvent.CLEARED else alert.raised_by,
    }


def meaning_of(code: str) -> str:
    """What an alert says to an operator; the code itself, of one that this release does not know."""
    return ALERTS.get(code, code)


def send_now(channel: Channel, document: Mapping[str, Any]) -> None:
    """Send one document. Raises NotSent."""
    try:
        _SENDERS[channel](document)
    except NotSent:
        raise
    except Exception as error:  # whatever it is: a message must not break the run that it tells of
        # Its words may hold the address, and that a secret.
        raise NotSent(type(error).__name__) from error


def _first_due(now: datetime) -> AlertMessage | None:
    waiting = AlertMessage.objects.filter(status=MessageStatus.WAITING)
    same = waiting.filter(alert__code=OuterRef("alert__code"), channel=OuterRef("channel"))
    is_before = Q(alert__lt=OuterRef("alert")) | Q(alert=OuterRef("alert"), event=AlertEvent.RAISED)
    is_held = Exists(same.filter(is_before).exclude(pk=OuterRef("pk")))
    due = waiting.filter(~is_held, next_attempt_at__lte=now).order_by("created_at", "alert", "-event")
    return due.select_related("alert").first()


def _take(message: AlertMessage, now: datetime) -> bool:
    """Claim a message for one try: whoever comes at the same time finds it due later."""
    wait = min(FIRST_WAIT * 2**message.attempts, LONGEST_WAIT)
    as_seen = AlertMessage.objects.filter(pk=message.pk, status=MessageStatus.WAITING, attempts=message.attempts)
    message.attempts += 1
    return bool(as_seen.update(attempts=message.attempts, next_attempt_at=now + wait))


def _send(message: AlertMessage, now: datetime) -> str:
    row = AlertMessage.objects.filter(pk=message.pk)
    try:
        send_now(Channel(message.channel), document_of(message))
    except NotSent as problem:
        is_last = message.attempts >= MAX_ATTEMPTS
        row.update(error=str(problem)[:200], status=MessageStatus.GIVEN_UP if is_last else MessageStatus.WAITING)
        log.error("alert %s could not be sent by %s: %s", message.alert.code, message.channel, problem)
        return "given_up" if is_last else "failed"
    row.update(status=MessageStatus.SENT, sent_at=now, error="")
    return "sent"


def _mail(document: Mapping[str, Any]) -> None:
    lines = [f"{document['code']}: {document['meaning']}", ""]
    lines += [f"{name}: {value}" for name, value in document.items() if name not in ("code", "meaning") and value]
    lines += ["", "What to do stands in docs/operations.md, under Runbook."]
    mail = EmailMessage(
        subject=f"[NTRL] {document['event']}: {document['code']}",
        body="\n".join(lines),
        to=list(settings.NTRL_ALERT_EMAILS),
        headers={"Message-ID": f"<{document['id']}@ntrl>"},
    )
    mail.send()


def _post(document: Mapping[str, Any]) -> None:
    with httpx2.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        headers = {"Idempotency-Key": str(document["id"])}
        # Its words are not read: sent in drops, they would hold up the run that the message is about.
        with client.stream("POST", settings.NTRL_ALERT_WEBHOOK_URL, json=dict(document), headers=headers) as reply:
            if not reply.is_success:
                raise NotSent(f"answered {reply.status_code}")


_SENDERS: Mapping[Channel, Callable[[Mapping[str, Any]], None]] = {Channel.MAIL: _mail, Channel.WEBHOOK: _post}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
