"""One narrative into another, and back: members move, derived values are worked out anew, the history says so."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from narratives.lifecycle import State
from narratives.models import EventKind, Narrative, NarrativeEvent, NarrativeKey, NarrativeMembership, Reason
from narratives.rules_in_force import IdentityRules
from narratives.services.assigning import components_of
from narratives.services.derived import refresh
from narratives.services.keys import write_keys

_MOVED = ["narrative", "reason", "components", "assigned_at"]


class CannotMerge(Exception):
    """A merge, or its undoing, that makes no sense; says why."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did. `stories` moved from `loser` to `survivor`."""

    survivor: Narrative
    loser: Narrative
    stories: int


def check_merge(survivor: Narrative, loser: Narrative) -> None:
    """Refuse a merge of a narrative into itself, or one with a tombstone.

    Raises:
        CannotMerge: says why.
    """
    if survivor.pk == loser.pk:
        raise CannotMerge("a narrative can't be merged into itself")
    for narrative in (survivor, loser):
        if narrative.is_tombstone:
            raise CannotMerge(f"{narrative.shown_title!r} has been merged already")


def merge_locked(
    survivor_id: UUID, loser_id: UUID, *, rules: IdentityRules, now: datetime, by: Any, by_run: bool
) -> Merged:
    """Merge, and remember enough to undo it. The caller holds the lock of narratives, in a transaction.

    What an editor has put into the loser stays the editor's; other members say that they came by the merge.

    Raises:
        CannotMerge: see `check_merge`.
    """
    rows = {row.pk: row for row in Narrative.objects.filter(pk__in=[survivor_id, loser_id])}
    survivor, loser = rows[survivor_id], rows[loser_id]
    check_merge(survivor, loser)
    components = components_of(rules.identity.compare(survivor.as_fingerprint(), loser.as_fingerprint()).components)
    members = list(NarrativeMembership.objects.filter(narrative=loser).order_by("story_id"))
    moved = [str(member.story_id) for member in members]
    why = {str(member.story_id): [member.reason, member.components] for member in members}
    for member in members:
        member.narrative, member.assigned_at = survivor, now
        if member.reason != Reason.EDITOR:
            member.reason, member.components = Reason.MERGED, components
    NarrativeMembership.objects.bulk_update(members, _MOVED, batch_size=100)
    # Chains are flattened: whoever went into the loser now leads to the survivor.
    flattened = [str(pk) for pk in loser.merged.order_by("pk").values_list("pk", flat=True)]
    loser.merged.update(merged_into=survivor)
    NarrativeKey.objects.filter(narrative=loser).delete()
    Narrative.objects.filter(pk=loser.pk).update(
        state=State.MERGED, merged_into=survivor, article_count=0, velocity=0.0, timeline_data=[], last_updated=now
    )
    told = {"by_run": by_run, "components": components, "stories": moved, "tombstones": flattened}
    undo = {"state": loser.state, "why": why}
    for narrative, role, other, more in ((survivor, "survivor", loser, {}), (loser, "loser", survivor, undo)):
        NarrativeEvent.objects.create(
            narrative=narrative,
            kind=EventKind.MERGED,
            at=now,
            by=by,
            detail={**told, **more, "role": role, "other": str(other.pk), "other_title": other.shown_title},
        )
    refresh([survivor.pk], now)
    return Merged(survivor, loser, len(moved))


def unmerge_locked(loser_id: UUID, *, rules: IdentityRules, now: datetime, by: Any) -> Merged:
    """Undo a merge: what moved then and is still there moves back. The caller holds the lock of narratives.

    Raises:
        CannotMerge: it is no tombstone, or its merge is not in the history.
    """
    loser = Narrative.objects.get(pk=loser_id)
    event, survivor = last_merge_of(loser), loser.merged_into
    assert survivor is not None
    tombstones = _carried(event, survivor)
    members, why = list(stories_to_return(loser, event)), event.detail.get("why", {})
    for member in members:
        member.narrative, member.assigned_at = loser, now
        member.reason, member.components = why.get(str(member.story_id), (member.reason, member.components))
    NarrativeMembership.objects.bulk_update(members, _MOVED, batch_size=100)
    count = len(members)
    Narrative.objects.filter(pk__in=tombstones).update(merged_into=loser)
    # As it was, so that the history tells only of a change that there was.
    Narrative.objects.filter(pk=loser.pk).update(state=event.detail.get("state", State.DORMANT), merged_into=None)
    loser.refresh_from_db()
    write_keys([loser], rules)
    for narrative, other in ((survivor, loser), (loser, survivor)):
        NarrativeEvent.objects.create(
            narrative=narrative,
            kind=EventKind.UNMERGED,
            at=now,
            by=by,
            detail={"other": str(other.pk), "other_title": other.shown_title, "stories": count},
        )
    refresh([survivor.pk, loser.pk], now)
    return Merged(survivor, loser, count)


def stories_to_return(loser: Narrative, event: NarrativeEvent) -> QuerySet[NarrativeMembership]:
    """What undoing a merge moves: the stories that it moved, and nobody after it, where they are now."""
    later = _later_merges(event).filter(detail__role="survivor")
    others = [
        story for each in later if str(loser.pk) not in each.detail["tombstones"] for story in each.detail["stories"]
    ]
    # Whoever was put there by hand since then was put there for itself.
    by_hand = NarrativeEvent.objects.filter(kind=EventKind.SPLIT, narrative=loser.merged_into, pk__gt=event.pk)
    of_merge = set(event.detail["stories"]) - {*others, *(each.detail["story"] for each in by_hand)}
    return NarrativeMembership.objects.filter(narrative=loser.merged_into, story__in=of_merge)


def _carried(event: NarrativeEvent, survivor: Narrative) -> list[UUID]:
    """The tombstones that a merge took along, and that have not been merged by themselves since."""
    again = _later_merges(event).filter(detail__role="loser").values("narrative")
    then = Narrative.objects.filter(pk__in=event.detail["tombstones"], merged_into=survivor)
    return list(then.exclude(pk__in=again).values_list("pk", flat=True))


def _later_merges(event: NarrativeEvent) -> QuerySet[NarrativeEvent]:
    """Merges after this one into where its stories are now, or of those that it took along."""
    touched = [event.narrative.merged_into_id, *event.detail["tombstones"]]
    return NarrativeEvent.objects.filter(kind=EventKind.MERGED, narrative__in=touched, pk__gt=event.pk)


def last_merge_of(loser: Narrative) -> NarrativeEvent:
    """The event by which a narrative became a tombstone.

    Raises:
        CannotMerge: it is none, or the event is not there.
    """
    if not loser.is_tombstone:
        raise CannotMerge(f"{loser.shown_title!r} has not been merged")
    event = loser.events.filter(kind=EventKind.MERGED, detail__role="loser").first()
    if event is None:
        raise CannotMerge(f"how {loser.shown_title!r} was merged is not in its history")
    return event
