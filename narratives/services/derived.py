"""What follows of a narrative's members, written to its row: always all of it, never a difference."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q

from narratives.lifecycle import State
from narratives.models import EventKind, Narrative, NarrativeEvent, NarrativeMembership
from narratives.timeline import Derived, Member, derive

REFRESHED_AT_ONCE = 200
_FIELDS = [
    "state",
    "theme",
    "article_count",
    "velocity",
    "entities",
    "timeline_data",
    "first_detected_at",
    "last_article_at",
    "reactivated_count",
    "last_updated",
]


def refresh(narrative_ids: Iterable[UUID], now: datetime) -> int:
    """Work out live narratives anew; returns how many changed state. Three queries for all of them, and the writes."""
    narratives = list(Narrative.objects.filter(pk__in=set(narrative_ids), merged_into=None).order_by("pk"))
    ids = [narrative.pk for narrative in narratives]
    members = _members_of(ids)
    comebacks = _comebacks(ids)
    events = []
    for narrative in narratives:
        before = narrative.state
        derived = derive(members[narrative.pk], now, woken_at=narrative.woken_at)
        _apply(narrative, derived)
        # What the history tells is what is counted: an article that comes in late changes neither.
        narrative.reactivated_count = comebacks.get(narrative.pk, 0)
        narrative.last_updated = now
        if before != narrative.state:
            detail = {"from": str(before), "to": str(narrative.state)}
            events.append(NarrativeEvent(narrative=narrative, kind=EventKind.STATE_CHANGED, at=now, detail=detail))
    Narrative.objects.bulk_update(narratives, _FIELDS, batch_size=50)
    NarrativeEvent.objects.bulk_create(events)
    return len(events)


def refresh_active(now: datetime) -> int:
    """Let time pass for every narrative that it can still change: all but dormant ones and tombstones.

    Dormant ones too when they count stories that have been deleted since, or found to be another's double.
    """
    changed = 0
    live = Narrative.objects.filter(merged_into=None)
    lost = live.filter(state=State.DORMANT, article_count__gt=0).annotate(
        counted=Count("memberships", filter=Q(memberships__story__is_duplicate=False))
    )
    active = live.exclude(state=State.DORMANT).values_list("pk", flat=True)
    ids = sorted({*active, *lost.exclude(counted=F("article_count")).values_list("pk", flat=True)})
    for start in range(0, len(ids), REFRESHED_AT_ONCE):
        changed += refresh(ids[start : start + REFRESHED_AT_ONCE], now)
    return changed


def _members_of(narrative_ids: list[UUID]) -> dict[UUID, list[Member]]:
    members: dict[UUID, list[Member]] = defaultdict(list)
    counted = NarrativeMembership.objects.filter(narrative__in=narrative_ids, story__is_duplicate=False)
    rows = counted.values_list(
        "narrative_id",
        "published_at",
        "story__fingerprint__nucleus_entity",
        "story__fingerprint__top_actors",
        "story__classification__domain",
    )
    for narrative_id, published_at, nucleus, actors, domain in rows:
        names = dict.fromkeys(filter(None, [nucleus, *(actors or [])]))
        members[narrative_id].append(Member(published_at, tuple(names), domain or ""))
    return members


def _comebacks(narrative_ids: list[UUID]) -> dict[UUID, int]:
    events = NarrativeEvent.objects.filter(narrative__in=narrative_ids, kind=EventKind.REACTIVATED).order_by()
    return dict(events.values_list("narrative_id").annotate(Count("pk")))


def _apply(narrative: Narrative, derived: Derived) -> None:
    narrative.state = derived.state
    narrative.theme = derived.theme
    narrative.article_count = derived.article_count
    narrative.velocity = derived.velocity
    narrative.entities = list(derived.entities)
    narrative.timeline_data = [dict(day) for day in derived.timeline]
    narrative.first_detected_at = derived.first_at or narrative.first_detected_at
    narrative.last_article_at = derived.last_at or narrative.last_article_at
