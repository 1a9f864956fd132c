"""Reading the stories that a brief is made from: one query, whatever their number."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, F, FilteredRelation, OuterRef, Q, Subquery

from briefs.assembly import Candidate
from ingestion.models import StoryRaw
from neutralization.models import StoryNeutralized, TransparencySpan

# Candidate's fields in order, and where each comes from.
_COLUMNS = (
    "id",
    "source__name",
    "source__priority",
    "original_url",
    "source__homepage_url",
    "published_at",
    "ingested_at",
    "classification__feed_category",
    "classification__failure_reason",
    "is_duplicate",
    "duplicate_of_id",
    "shown__id",
    "latest_status",
    "latest_failure",
    "shown__feed_title",
    "shown__feed_summary",
    "shown__detail_title",
    "shown__detail_brief",
    "shown__detail_full",
    "shown__disclosure",
    "shown__has_manipulative_content",
    "change_count",
)
_BLANKS = {"has_manipulative_content": False, "change_count": 0}


def candidates_between(cutoff_time: datetime, until: datetime) -> Iterator[Candidate]:
    """Yield the stories published, or taken in, since the cutoff, that had reached us by `until`."""
    latest = StoryNeutralized.objects.filter(story=OuterRef("pk")).order_by("-version")
    spans = (
        TransparencySpan.objects.filter(neutralized__story=OuterRef("pk"), neutralized__is_current=True)
        .order_by()
        .values("neutralized")
        .annotate(number=Count("pk"))
        .values("number")
    )
    rows = (
        StoryRaw.objects.filter(
            Q(published_at__gte=cutoff_time) | Q(ingested_at__gte=cutoff_time), ingested_at__lte=until
        )
        .annotate(
            shown=FilteredRelation("neutralizations", condition=Q(neutralizations__is_current=True)),
            latest_status=Subquery(latest.values("status")[:1]),
            latest_failure=Subquery(latest.values("failure_reason")[:1]),
            change_count=Subquery(spans),
        )
        .order_by(F("id"))
        .values_list(*_COLUMNS)
    )
    for row in rows:
        values = dict(zip(Candidate.__slots__, row, strict=True))
        yield Candidate(**{name: _or_blank(name, value) for name, value in values.items()})


def _or_blank(name: str, value: Any) -> Any:
    """A missing classification or version reads as empty text; ids stay None."""
    if value is None and name not in {"duplicate_of", "neutralized_id"}:
        return _BLANKS.get(name, "")
    return value
