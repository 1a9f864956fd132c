"""Requests that may be sent again: under one Idempotency-Key one run, and the same answer for a day."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
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
from ntrl.stages.owner import Owner, this_process

HEADER = "Idempotency-Key"
MAX_KEY_CHARS = 255
KEPT_FOR = timedelta(hours=24)
# No run takes so long; a process of another machine that has a request in work for longer has died.
LONGEST_RUN = timedelta(hours=6)


def once(request: Request, run: Callable[[Request], Response]) -> HttpResponse:
    """Answer a request by `run`, or by the answer that it was given before under the same key.

    Only an answer that says yes is kept: what was refused or failed may be tried again under the same key.

    Raises:
        ValidationError: the key can't be one, or came with another request before.
        Conflict: the same request is in work.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return _answer(run(request))
    claimed = _claim(request, key)
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


def _claim(request: Request, key: str) -> IdempotentRequest | HttpResponse:
    """Take the key, or return the answer that stands under it."""
    if not (key.isascii() and key.isprintable() and 0 < len(key) <= MAX_KEY_CHARS):
        raise ValidationError({HEADER: [f"1 to {MAX_KEY_CHARS} printable ASCII characters."]})
    body = request.body
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge
    caller = request.auth.ident if isinstance(request.auth, Caller) else ""
    key_hash, request_hash = _hash(caller, key), _hash(request.method or "", request.path, body)
    now = timezone.now()
    IdempotentRequest.objects.filter(expires_at__lte=now).delete()
    mine = _take(key_hash, request_hash, now)
    if mine is not None:
        return mine
    other = IdempotentRequest.objects.filter(key_hash=key_hash).first()
    if other is not None and other.request_hash != request_hash:
        raise ValidationError({HEADER: ["This key came with another request before."]})
    if other is not None and other.status is not None:
        return _replay(other)
    if other is None or _is_dead(other, now):
        # Whoever had it is gone, or has just given it up; of those who see that one gets it.
        IdempotentRequest.objects.filter(key_hash=key_hash, status=None, owner=other.owner if other else "").delete()
        mine = _take(key_hash, request_hash, now)
    if mine is None:
        raise Conflict("A request with this Idempotency-Key is in work; ask again when it is done.")
    return mine


def _take(key_hash: str, request_hash: str, now: datetime) -> IdempotentRequest | None:
    try:
        with transaction.atomic():
            return IdempotentRequest.objects.create(
                key_hash=key_hash,
                request_hash=request_hash,
                owner=str(this_process()),
                created_at=now,
                expires_at=now + KEPT_FOR,
            )
    except IntegrityError:
        return None


def _is_dead(other: IdempotentRequest, now: datetime) -> bool:
    return Owner.parse(other.owner).is_dead_here() or now - other.created_at > LONGEST_RUN


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
