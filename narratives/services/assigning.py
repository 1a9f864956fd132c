"""Putting stories into narratives: in order of publication, by index lookups, in one short transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from narratives import continuation
from narratives.entities import fold_name, has_words
from narratives.identity import Components
from narratives.lifecycle import comes_back
from narratives.models import (
    EventKind,
    FingerprintStatus,
    Narrative,
    NarrativeEvent,
    NarrativeMembership,
    Reason,
    StoryFingerprint,
    StoryTerm,
    TermCount,
    narrative_id_for,
)
from narratives.rules_in_force import IdentityRules
from narratives.services.derived import refresh
from narratives.services.keys import NARRATIVES_LOCK, write_keys
from narratives.services.lookup import alike
from ntrl.stages.locks import hold_until_commit

# Of a transaction: some seconds at most.
STORIES_AT_ONCE = 200
# Terms kept of a story for later ones to find it, and asked for. So that a lookup costs the same whatever is stored,
# those asked for stand in so many stories together at most, and so many that share most of them are compared.
TERMS_KEPT = 40
TERMS_ASKED = 20
STORIES_LOOKED_AT = 1_000
NEIGHBOURS_AT_MOST = 20
# Terms looked up in one query: all of a story's neighbours at their most, and less than any database refuses.
TERMS_AT_ONCE = NEIGHBOURS_AT_MOST * continuation.MAX_TERMS
ALL_STORIES = ""


@dataclass(slots=True)
class Assigned:
    """What one transaction did."""

    stories: int = 0
    created: int = 0
    reactivated: int = 0
    narratives: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a story goes and why."""

    narrative_id: UUID
    reason: Reason
    components: Mapping[str, Any] = field(default_factory=dict)


def unassigned() -> Any:
    """The stories that have a fingerprint and have not gone through assignment, in its order."""
    waiting = StoryFingerprint.objects.filter(status=FingerprintStatus.EXTRACTED, is_assigned=False)
    return waiting.order_by("timestamp", "story_id")


def assign_batch(rules: IdentityRules, now: datetime) -> Assigned:
    """Assign the first waiting stories. Needs a transaction, and holds the lock of narratives to its end."""
    hold_until_commit(NARRATIVES_LOCK)
    batch = list(unassigned()[:STORIES_AT_ONCE])
    terms = _count_terms(batch)
    done = Assigned(stories=len(batch))
    for story in batch:
        _assign(story, terms, rules, now, done)
    refresh(done.narratives, now)
    return done


def _assign(
    story: StoryFingerprint, terms: dict[str, int], rules: IdentityRules, now: datetime, done: Assigned
) -> None:
    place = _continued(story, terms, rules) or _matched(story, rules)
    if place is None:
        place = _found(story, rules, now)
        done.created += 1
    elif _wakes(place.narrative_id, story.timestamp):
        detail = {"story": str(story.pk)}
        NarrativeEvent.objects.create(
            narrative_id=place.narrative_id, kind=EventKind.REACTIVATED, at=now, detail=detail
        )
        done.reactivated += 1
    done.narratives.add(place.narrative_id)
    NarrativeMembership.objects.create(
        story_id=story.pk,
        narrative_id=place.narrative_id,
        reason=place.reason,
        components=dict(place.components),
        published_at=story.timestamp,
        assigned_at=now,
    )
    story.is_assigned = True
    story.save(update_fields=["is_assigned"])
    kept = continuation.rarest(story.terms, terms, terms.get(ALL_STORIES, 0), TERMS_KEPT)
    StoryTerm.objects.bulk_create(StoryTerm(term=term, story=story) for term in kept)


def _matched(story: StoryFingerprint, rules: IdentityRules) -> _Place | None:
    """Find the narrative that the decision table calls the same."""
    fingerprint = story.as_fingerprint()
    match = rules.identity.best(fingerprint, alike(fingerprint, rules))
    if match is None:
        return None
    return _Place(
        match.candidate.narrative_id, Reason(match.verdict.row.value), components_of(match.verdict.components)
    )


def _continued(story: StoryFingerprint, terms: dict[str, int], rules: IdentityRules) -> _Place | None:
    """Find the narrative that the story goes on with by its rare terms, and whose nucleus it names. Two queries.

    What is kept is how the story's own fingerprint compares, beside the likeness that decided.
    """
    asked = continuation.probes(story.terms, terms, most=TERMS_ASKED, stories_at_most=STORIES_LOOKED_AT)
    if not asked:
        return None
    near, of_narrative = _neighbours(asked)
    _read_counts({term for neighbour in near for term in neighbour.terms}, terms)
    chosen = continuation.choose(story.terms, story.timestamp, near, terms, terms.get(ALL_STORIES, 0))
    own = story.as_fingerprint()
    for each in chosen:
        narrative = of_narrative[each.narrative_id]
        known = narrative.as_fingerprint()
        if _is_named(known.nucleus_entity, story.names, rules) and rules.identity.may_go_on(own, known, story.terms):
            shared = {"likeness": round(each.likeness, 4), "needed": round(each.needed, 4)}
            components = components_of(rules.identity.compare(own, known).components)
            return _Place(each.narrative_id, Reason.CONTINUES, components | shared)
    return None


def _neighbours(asked: list[str]) -> tuple[list[continuation.Neighbour], dict[UUID, Narrative]]:
    # Only stories that have gone through assignment have terms here.
    shared = StoryTerm.objects.filter(term__in=asked)
    most = shared.values("story").annotate(hits=Count("pk")).order_by("-hits", "-story__timestamp", "story")
    ids = [row["story"] for row in most[:NEIGHBOURS_AT_MOST]]
    rows = NarrativeMembership.objects.filter(story__in=ids).select_related("narrative", "story__fingerprint")
    members = sorted(rows, key=lambda row: ids.index(row.story_id))
    near = [continuation.Neighbour(row.narrative_id, row.story.fingerprint.terms, row.published_at) for row in members]
    return near, {row.narrative_id: row.narrative for row in members}


def _is_named(nucleus: str, names: Iterable[str], rules: IdentityRules) -> bool:
    aliases = rules.identity.aliases
    wanted = aliases.names(aliases.key(nucleus))
    folded = [fold_name(name) for name in names]
    return any(has_words(each, name) for each in wanted for name in folded)


def _found(story: StoryFingerprint, rules: IdentityRules, now: datetime) -> _Place:
    fingerprint = story.as_fingerprint()
    narrative = Narrative.objects.create(
        id=narrative_id_for(story.pk),
        nucleus_entity=fingerprint.nucleus_entity,
        narrative_focus=fingerprint.narrative_focus,
        top_actors=list(fingerprint.top_actors),
        key_actions=list(fingerprint.key_actions),
        founded_by_id=story.pk,
        first_detected_at=story.timestamp,
        last_article_at=story.timestamp,
        created_at=now,
    )
    write_keys([narrative], rules)
    NarrativeEvent.objects.create(narrative=narrative, kind=EventKind.CREATED, at=now, detail={"story": str(story.pk)})
    return _Place(narrative.pk, Reason.FOUNDED)


def _wakes(narrative_id: UUID, published_at: datetime) -> bool:
    """Whether a story ends a silence of so long that the narrative was dormant."""
    counted = NarrativeMembership.objects.filter(narrative=narrative_id, story__is_duplicate=False)
    last = counted.order_by("-published_at").values_list("published_at", flat=True).first()
    woken_at = Narrative.objects.values_list("woken_at", flat=True).get(pk=narrative_id)
    return comes_back(published_at, (last, woken_at))


def components_of(components: Components) -> dict[str, float]:
    """The parts of a similarity as they are stored and shown."""
    parts = {name: getattr(components, name) for name in ("focus", "nucleus", "actors", "actions", "score")}
    return {name: round(value, 4) for name, value in parts.items()}


def _count_terms(batch: list[StoryFingerprint]) -> dict[str, int]:
    """Add a batch's stories to the counts of terms, and return the counts of the terms that stand in it."""
    added = Counter(term for story in batch for term in story.terms)
    added[ALL_STORIES] = sum(bool(story.terms) for story in batch)
    counts: dict[str, int] = {}
    _read_counts(added, counts)
    totals = {term: counts[term] + number for term, number in added.items()}
    TermCount.objects.bulk_create(
        [TermCount(term=term, stories=totals[term]) for term in sorted(totals)],
        update_conflicts=True,
        unique_fields=["term"],
        update_fields=["stories"],
    )
    return totals


def _read_counts(wanted: Iterable[str], counts: dict[str, int]) -> None:
    """Add to `counts` in how many stories each term stands that it does not hold yet. One query, or none."""
    missing = sorted(set(wanted) - counts.keys())
    for start in range(0, len(missing), TERMS_AT_ONCE):
        rows = TermCount.objects.filter(term__in=missing[start : start + TERMS_AT_ONCE])
        counts.update(
            dict.fromkeys(missing[start : start + TERMS_AT_ONCE], 0) | dict(rows.values_list("term", "stories"))
        )
