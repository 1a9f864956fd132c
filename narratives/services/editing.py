"""What editors do to narratives: each change with a preview that says what it would do, and writes nothing."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from narratives.fingerprints import check_focus, clean_focus
from narratives.lifecycle import State
from narratives.models import EventKind, Narrative, NarrativeEvent, NarrativeMembership, Reason
from narratives.rules_in_force import load_identity
from narratives.services.assigning import components_of
from narratives.services.derived import refresh
from narratives.services.keys import NARRATIVES_LOCK, compare_again, write_keys
from narratives.services.merging import (
    Merged,
    check_merge,
    last_merge_of,
    merge_locked,
    stories_to_return,
    unmerge_locked,
)
from ntrl.stages.locks import hold_until_commit

TITLE_MAX_CHARS = 300


class CannotEdit(Exception):
    """A change that makes no sense; says why."""


def preview_merge(*, survivor: Narrative, losers: Sequence[Narrative]) -> list[str]:
    """Say what merging would do, with the parts of the similarity.

    Raises:
        CannotMerge: it makes no sense.
    """
    identity, lines = load_identity().identity, []
    for loser in losers:
        check_merge(survivor, loser)
        parts = identity.compare(survivor.as_fingerprint(), loser.as_fingerprint()).components
        lines.append(
            f"“{loser.shown_title}” ({loser.article_count} stories) goes into “{survivor.shown_title}” "
            f"({survivor.article_count}): focus {parts.focus:.2f}, nucleus {parts.nucleus:.0f}, "
            f"actors {parts.actors:.2f}, actions {parts.actions:.2f}; the survivor is locked against runs"
        )
    return lines


@transaction.atomic
def merge(*, survivor: Narrative, losers: Sequence[Narrative], by: Any) -> list[Merged]:
    """Merge narratives into one, which runs then leave alone.

    Raises:
        CannotMerge: it makes no sense; nothing is done then.
    """
    hold_until_commit(NARRATIVES_LOCK)
    now, rules = timezone.now(), load_identity()
    done = [merge_locked(survivor.pk, loser.pk, rules=rules, now=now, by=by, by_run=False) for loser in losers]
    Narrative.objects.filter(pk=survivor.pk).update(is_locked=True, is_compared=False)
    return done


def preview_unmerge(*, loser: Narrative) -> str:
    """Say what undoing a merge would do.

    Raises:
        CannotMerge: there is nothing to undo.
    """
    event, survivor = last_merge_of(loser), loser.merged_into
    there = stories_to_return(loser, event).count()
    return f"“{loser.shown_title}” lives again, with {there} stories of “{survivor}”; both are locked against runs"


@transaction.atomic
def unmerge(*, loser: Narrative, by: Any) -> Merged:
    """Undo a merge; both are locked, so that the next run does not repeat it.

    Raises:
        CannotMerge: there is nothing to undo.
    """
    hold_until_commit(NARRATIVES_LOCK)
    done = unmerge_locked(loser.pk, rules=load_identity(), now=timezone.now(), by=by)
    Narrative.objects.filter(pk__in=[done.survivor.pk, done.loser.pk]).update(is_locked=True, is_compared=False)
    return done


def preview_move(*, story_id: UUID, target: Narrative) -> str:
    """Say what moving a story would do.

    Raises:
        CannotEdit: it makes no sense.
    """
    membership = _movable(story_id, target)
    identity = load_identity().identity
    fingerprint = membership.story.fingerprint.as_fingerprint()
    parts = identity.compare(fingerprint, target.as_fingerprint()).components
    return (
        f"The story leaves “{membership.narrative}” ({membership.narrative.article_count} stories) for “{target}” "
        f"({target.article_count}): focus {parts.focus:.2f}, nucleus {parts.nucleus:.0f}; it is locked there"
    )


@transaction.atomic
def move_story(*, story_id: UUID, target: Narrative, by: Any) -> NarrativeMembership:
    """Put a story into another narrative, and lock it there.

    Raises:
        CannotEdit: it makes no sense.
    """
    hold_until_commit(NARRATIVES_LOCK)
    target.refresh_from_db()
    membership = _movable(story_id, target)
    source, now = membership.narrative, timezone.now()
    verdict = load_identity().identity.compare(membership.story.fingerprint.as_fingerprint(), target.as_fingerprint())
    membership.narrative, membership.reason = target, Reason.EDITOR
    membership.components = components_of(verdict.components)
    membership.is_locked, membership.assigned_at = True, now
    membership.save()
    for narrative, role, other in ((source, "from", target), (target, "to", source)):
        detail = {"story": str(story_id), "role": role, "other": str(other.pk), "other_title": other.shown_title}
        NarrativeEvent.objects.create(narrative=narrative, kind=EventKind.SPLIT, at=now, by=by, detail=detail)
    compare_again([source.pk, target.pk])
    refresh([source.pk, target.pk], now)
    return membership


def preview_edit(*, narrative: Narrative, title: str, narrative_focus: str, is_locked: bool) -> list[str]:
    """Say what a new title, focus or lock would do; a line for each that differs."""
    lines, title = [], " ".join(title.split())
    if title != narrative.title:
        lines.append(f"readers see “{title}”" if title else "readers see its nucleus and focus again")
    if narrative_focus != narrative.narrative_focus:
        lines.append(
            f"its focus is “{narrative_focus}”, no longer “{narrative.narrative_focus}”: stories to come are compared "
            f"with that, its {narrative.article_count} stories stay, and it is locked against runs"
        )
    elif is_locked != narrative.is_locked:
        lines.append("runs no longer merge it" if is_locked else "runs may merge it again")
    return lines


@transaction.atomic
def rename(*, narrative: Narrative, title: str, by: Any) -> None:
    """Give a narrative an editor's title; an empty one brings back “Nucleus: focus”.

    Raises:
        CannotEdit: the title is too long.
    """
    title = " ".join(title.split())
    if len(title) > TITLE_MAX_CHARS:
        raise CannotEdit(f"a title has at most {TITLE_MAX_CHARS} characters")
    _edit(narrative, by, title=title)


@transaction.atomic
def set_focus(*, narrative: Narrative, focus: str, by: Any) -> None:
    """Move a narrative's identity: give it another focus, and lock it.

    Raises:
        BadFingerprint: the focus says nothing.
    """
    hold_until_commit(NARRATIVES_LOCK)
    rules, focus = load_identity(), clean_focus(focus)
    check_focus(focus, narrative.nucleus_entity, rules.identity.aliases)
    _edit(narrative, by, narrative_focus=focus, is_locked=True)
    write_keys([narrative], rules)


@transaction.atomic
def set_lock(*, narrative: Narrative, is_locked: bool, by: Any) -> None:
    """Lock a narrative against runs, or give it back to them."""
    _edit(narrative, by, is_locked=is_locked)
    compare_again([narrative.pk])


def preview_reactivate(*, narrative: Narrative) -> str:
    """Say what reactivating would do.

    Raises:
        CannotEdit: it is not dormant.
    """
    if narrative.state != State.DORMANT:
        raise CannotEdit(f"“{narrative}” is {narrative.state}, not dormant")
    return f"“{narrative}” wakes, and goes to sleep again after seven days without an article"


@transaction.atomic
def reactivate(*, narrative: Narrative, by: Any) -> None:
    """Wake a dormant narrative by hand.

    Raises:
        CannotEdit: it is not dormant.
    """
    hold_until_commit(NARRATIVES_LOCK)
    narrative.refresh_from_db()
    preview_reactivate(narrative=narrative)
    now = timezone.now()
    Narrative.objects.filter(pk=narrative.pk).update(woken_at=now)
    NarrativeEvent.objects.create(
        narrative=narrative, kind=EventKind.REACTIVATED, at=now, by=by, detail={"by_hand": True}
    )
    refresh([narrative.pk], now)


def _edit(narrative: Narrative, by: Any, **fields: Any) -> None:
    """Write fields that differ, and one event that says from what to what."""
    changed = {name: value for name, value in fields.items() if getattr(narrative, name) != value}
    if not changed:
        return
    before = {name: getattr(narrative, name) for name in changed}
    for name, value in changed.items():
        setattr(narrative, name, value)
    narrative.save(update_fields=[*changed])
    detail = {"from": before, "to": changed}
    NarrativeEvent.objects.create(narrative=narrative, kind=EventKind.EDITED, by=by, detail=detail)


def _movable(story_id: UUID, target: Narrative) -> NarrativeMembership:
    rows = NarrativeMembership.objects.select_related("narrative", "story__fingerprint")
    membership = rows.filter(story=story_id).first()
    if membership is None:
        raise CannotEdit(f"no narrative holds the story {story_id}")
    if target.is_tombstone:
        raise CannotEdit(f"“{target}” has been merged into another narrative")
    if membership.narrative_id == target.pk:
        raise CannotEdit("the story is in this narrative already")
    return membership
