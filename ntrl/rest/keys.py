"""Making keys, and telling whose key one is. Every door that asks for a key asks here."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from ntrl.rest.access import Caller, Scope
from ntrl.rest.models import ApiKey

# What a request's header with a key is called.
HEADER = "X-API-Key"
# Keys of ours have 41 characters; whoever sends more is not looked up.
MAX_KEY_CHARS = 200
# Last use is shown to people: once a minute is near enough, and spares a write a request.
BETWEEN_USES_NOTED = timedelta(minutes=1)


def create_key(*, name: str, scopes: Iterable[Scope], expires_at: datetime | None = None) -> tuple[ApiKey, str]:
    """Make a key; returns its row, and the key itself, which can't be had again."""
    row, key = ApiKey.objects.create_key(name=name, scopes=sorted(set(scopes)), expiry_date=expires_at)
    return cast(ApiKey, row), key


def caller_of(key: str) -> Caller | None:
    """Say whose key it is; None when it is nobody's, has expired or was revoked. At most two queries.

    The environment's ADMIN_API_KEY has all scopes and costs no query; when it is not set, nothing equals it.
    """
    if not key or len(key) > MAX_KEY_CHARS or not (key.isascii() and key.isprintable()):
        return None
    if settings.ADMIN_API_KEY and constant_time_compare(key, settings.ADMIN_API_KEY):
        return Caller("environment", "ADMIN_API_KEY", frozenset(Scope))
    row = ApiKey.objects.filter(prefix=key.partition(".")[0], revoked=False).first()
    if row is None or not row.is_valid(key) or row.has_expired:
        return None
    _note_use(row)
    return Caller(row.prefix, row.name, frozenset(Scope(scope) for scope in row.scopes if scope in set(Scope)))


def _note_use(row: ApiKey) -> None:
    now = timezone.now()
    before = now - BETWEEN_USES_NOTED
    if row.last_used_at is None or row.last_used_at <= before:
        # The condition again: of requests side by side one writes.
        unnoted = Q(last_used_at=None) | Q(last_used_at__lte=before)
        ApiKey.objects.filter(unnoted, pk=row.pk).update(last_used_at=now)
