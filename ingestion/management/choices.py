"""What people name on the command line, checked before any work: sources and stories."""

from collections.abc import Sequence
from uuid import UUID

from django.core.management.base import CommandError

from ingestion.models import Source, StoryRaw

# Sources listed when one that was asked for is not among them.
_NAMED = 50


def require_sources(slugs: Sequence[str]) -> None:
    """Raise CommandError, with the cure, when a source is unknown or switched off, or there is none to ask."""
    active = dict(Source.objects.filter(slug__in=slugs).values_list("slug", "is_active"))
    unknown = sorted(set(slugs) - set(active))
    if unknown:
        known = ", ".join(Source.objects.order_by("slug").values_list("slug", flat=True)[:_NAMED])
        raise CommandError(f"No source is called {', '.join(unknown)}. There are: {known or 'none'}")
    off = sorted(slug for slug, is_active in active.items() if not is_active)
    if off:
        raise CommandError(f"Switched off: {', '.join(off)}. Switch it on under Sources in the admin, which says why.")
    if Source.objects.filter(is_active=True).exists():
        return
    if Source.objects.exists():
        raise CommandError("Every source is switched off. Switch one on under Sources in the admin, which says why.")
    raise CommandError("There is no active source. Load some: python manage.py load_sources --starter")


def require_stories(story_ids: Sequence[UUID]) -> None:
    """Raise CommandError naming the stories that are not there."""
    unknown = set(story_ids) - set(StoryRaw.objects.filter(id__in=story_ids).values_list("id", flat=True))
    if unknown:
        raise CommandError(f"There is no story {', '.join(sorted(map(str, unknown)))}.")
