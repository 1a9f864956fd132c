"""Requests that may be sent again: under one Idempotency-Key one run, and the same answer for a day."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ntrl.rest.access import Caller
from ntrl.rest.models import IdempotentRequest
from ntrl.rest.parsing import MAX_BODY_BYTES, TooLarge
from ntrl.rest.problems import Conflict
from ntrl.stages.models import StageRun
from ntrl.stages.owner import Owner, this_process

HEADER = "Idempotency-Key"
MAX_KEY_CHARS = 255
KEPT_FOR = timedelta(hours=24)
# A run that goes on, wherever, shows it every few seconds; one that has not begun to after so long never will.
SILENT_AT_MOST = timedelta(minutes=10)


def once(request: Request, run: Callable[[Request], Response], *, trace_id: str) -> HttpResponse:
    """Answer a request by `run`, or by the answer that it was given before under the same key.

    Only an answer that says yes is kept: what was refused or failed may be tried again under the same key.

    Raises:
        ValidationError: the key can't be one, or came with another request before.
        Conflict: the same request is in work; it bears the trace_id of its run.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return _answer(run(request))
    claimed = _claim(request, key, trace_id)
    if isinstance(claimed, HttpResponse):
        return claimed
    try:
        answer = _answer(run(request))
    except BaseException:
        claimed.delete()
        raise
    claimed.status, claimed.body = answer.status_code, answer.content.decode()
    claimed.location = answer.headers.get("Location", "")
    claimed.save(update_fields=["status", "body", "location"])
    return answer


def _claim(request: Request, key: str, trace_id: str) -> IdempotentRequest | HttpResponse:
    """Take the key, or return the answer that stands under it."""
    if not (key.isascii() and key.isprintable() and 0 < len(key) <= MAX_KEY_CHARS):
        raise ValidationError({HEADER: [f"1 to {MAX_KEY_CHARS} printable ASCII characters."]})
    body = request.body
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge
    caller = request.auth.ident if isinstance(request.auth, Caller) else ""
    key_hash, now = _hash(caller, key), timezone.now()
    wanted = IdempotentRequest(
        key_hash=key_hash,
        request_hash=_hash(request.method or "", request.path, body),
        trace_id=trace_id,
        owner=str(this_process()),
        created_at=now,
        expires_at=now + KEPT_FOR,
    )
    IdempotentRequest.objects.filter(expires_at__lte=now).delete()
    if _take(wanted):
        return wanted
    other = IdempotentRequest.objects.filter(key_hash=key_hash).first()
    if other is not None and other.request_hash != wanted.request_hash:
        raise ValidationError({HEADER: ["This key came with another request before."]})
    if other is not None and other.status is not None:
        return _replay(other)
    if other is None or _is_dead(other, now):
        # Whoever had it is gone, or has just given it up; of those who see that one gets it.
        IdempotentRequest.objects.filter(key_hash=key_hash, status=None, owner=other.owner if other else "").delete()
        if _take(wanted):
            return wanted
    in_work = other.trace_id if other else ""
    raise Conflict("A request with this Idempotency-Key is in work; ask again when it is done.", trace_id=in_work)


def _take(wanted: IdempotentRequest) -> bool:
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _is_dead(other: IdempotentRequest, now: datetime) -> bool:
    if Owner.parse(other.owner).is_dead_here():
        return True
    seen = StageRun.objects.filter(trace_id=other.trace_id).aggregate(last=Max("heartbeat_at"))["last"]
    return now - max(seen or other.created_at, other.created_at) > SILENT_AT_MOST


def _replay(kept: IdempotentRequest) -> HttpResponse:
    answer = HttpResponse(kept.body, status=kept.status, content_type="application/json")
    answer["Idempotency-Replayed"] = "true"
    if kept.location:
        answer["Location"] = kept.location
    return answer


def _answer(response: Response) -> HttpResponse:
    headers = {name: value for name, value in response.items() if name == "Location"}
    body = JSONRenderer().render(response.data)
    return HttpResponse(body, status=response.status_code, content_type="application/json", headers=headers)


def _hash(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode() if isinstance(part, str) else part
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
