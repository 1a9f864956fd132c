"""Changing single sources from outside the admin: one is added, corrected, or switched off."""

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction

from ingestion.errors import UrlError
from ingestion.links import check_link
from ingestion.models import Source
from ingestion.sources import forget_health, free_slug

SWITCHED_OFF = "It was switched off over the API."
# What says that another source has this slug or address already.
_TAKEN = {"unique", "unique_together"}
# What `forget_health` sets.
_HEALTH = {"etag", "last_modified", "health_reason", "consecutive_failures", "next_attempt_at", "closed_at"}


class SourceExists(Exception):
    """Another source has this slug or feed; `field` says which."""

    def __init__(self, field: str) -> None:
        super().__init__(f"another source has this {field}")
        self.field = field


def add_source(*, fields: Mapping[str, Any]) -> Source:
    """Add a source; without a slug it gets a free one made from its name.

    Raises:
        SourceExists: its slug or feed is another's.
        ValidationError: a value is not allowed; names the field.
    """
    slug = fields.get("slug") or free_slug(fields["name"])
    source = Source(**{**fields, "slug": slug})
    if not source.is_active:
        source.health_reason = SWITCHED_OFF
    return _store(source, None)


def change_source(*, source: Source, fields: Mapping[str, Any]) -> Source:
    """Change a source. With another address, or switched on again, it begins anew and is due at once.

    Raises:
        SourceExists: the feed is another's.
        ValidationError: a value is not allowed; names the field.
    """
    before = (source.rss_url, source.is_active)
    for name, value in fields.items():
        setattr(source, name, value)
    # A run may be writing the rest at this moment.
    changed = set(fields)
    if source.rss_url != before[0] or (source.is_active and not before[1]):
        forget_health(source)
        changed |= _HEALTH
    if not source.is_active and before[1]:
        source.health_reason = SWITCHED_OFF
        changed.add("health_reason")
    return _store(source, changed)


def switch_off(*, source: Source) -> Source:
    """Ask a source's feed no more; its stories stay."""
    return change_source(source=source, fields={"is_active": False})


def _store(source: Source, changed: Collection[str] | None) -> Source:
    try:
        check_link(source.rss_url, settings.NTRL_FETCH_ALLOW_NETWORKS)
    except UrlError as error:
        raise ValidationError({"rss_url": f"It cannot be used: {error.detail}"}) from error
    try:
        source.full_clean()
        with transaction.atomic():
            source.save(update_fields=changed)
    except ValidationError as error:
        for field, problems in error.error_dict.items():
            if field != NON_FIELD_ERRORS and any(problem.code in _TAKEN for problem in problems):
                raise SourceExists(field) from error
        raise
    except IntegrityError as error:
        raise SourceExists("slug or feed") from error
    return source
