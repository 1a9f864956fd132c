"""The hourly safety net: narratives that the identity rule calls one are merged. Boring: it should find nothing."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from narratives.consolidation import Live, Pair, pair_of, plan
from narratives.models import Narrative, NarrativeMembership
from narratives.rules_in_force import IdentityRules, load_identity
from narratives.services.assigning import components_of
from narratives.services.derived import refresh_active
from narratives.services.foci import fill_missing_foci
from narratives.services.keys import NARRATIVES_LOCK, rekey_outdated
from narratives.services.lookup import alike_ids
from narratives.services.merging import Merged, merge_locked
from ntrl.stages.locks import hold_until_commit

# A narrative is in one merge of a pass at most; a chain of so many passes is none that any rule would make.
MOST_PASSES = 10
# Of one transaction: some tenths of a second.
COMPARED_AT_ONCE = 100
_COMPARED = (
    "nucleus_entity",
    "narrative_focus",
    "top_actors",
    "key_actions",
    "article_count",
    "first_detected_at",
    "merged_into",
)


@dataclass(frozen=True, slots=True)
class ConsolidateResult:
    """What a run found and, unless it was a dry run, merged."""

    pairs: tuple[Pair, ...]
    merged: int
    state_changes: int
    is_dry_run: bool


def consolidate_narratives(*, dry_run: bool = False) -> ConsolidateResult:
    """Merge the pairs of live narratives that are one, and let time pass for the states of all."""
    rules = load_identity()
    if dry_run:
        return ConsolidateResult(tuple(_would_merge(rules)), 0, 0, True)
    rekey_outdated(rules)
    fill_missing_foci(rules)
    found: list[Pair] = []
    for _ in range(MOST_PASSES):
        merged = [pair for pair in plan(_compare_changed(rules)) if _merge(pair, rules)]
        found += merged
        if not merged:
            break
    return ConsolidateResult(tuple(found), len(found), refresh_active(timezone.now()), False)


@transaction.atomic
def _would_merge(rules: IdentityRules) -> list[Pair]:
    """The pairs of the first pass; what finding them writes is taken back."""
    rekey_outdated(rules)
    planned = plan(_compare_changed(rules))
    transaction.set_rollback(True)
    return planned


def pair_as_dict(pair: Pair) -> dict[str, object]:
    """A pair as reports have it."""
    return {
        "survivor": str(pair.survivor.id),
        "loser": str(pair.loser.id),
        "nucleus_entity": pair.survivor.fingerprint.nucleus_entity,
        "foci": [pair.survivor.fingerprint.narrative_focus, pair.loser.fingerprint.narrative_focus],
        "stories": [pair.survivor.article_count, pair.loser.article_count],
        "components": components_of(pair.verdict.components),
    }


def _free(narratives: QuerySet[Narrative]) -> QuerySet[Narrative]:
    """Those that live and that a run may merge: no editor has locked them, or a story in them."""
    held = NarrativeMembership.objects.filter(narrative=OuterRef("pk"), is_locked=True)
    return narratives.filter(~Exists(held), merged_into=None, is_locked=False)


def _compare_changed(rules: IdentityRules) -> list[Pair]:
    """Compare each narrative that has changed since it was last compared with those that the index has near it.

    One that is the same as no other need not be looked at again before its words or names mean something else.
    """
    found: dict[frozenset[UUID], Pair] = {}
    after = None
    while True:
        with transaction.atomic():
            hold_until_commit(NARRATIVES_LOCK)
            changed = _free(Narrative.objects.filter(is_compared=False)).exclude(narrative_focus="")
            later = changed.filter(pk__gt=after) if after else changed
            batch = list(later.only(*_COMPARED).order_by("pk")[:COMPARED_AT_ONCE])
            pairs = {row.pk: _pairs_of(row, rules) for row in batch}
            alone = [pk for pk, of_row in pairs.items() if not of_row]
            Narrative.objects.filter(pk__in=alone).update(is_compared=True)
        for of_row in pairs.values():
            found |= {frozenset((pair.survivor.id, pair.loser.id)): pair for pair in of_row}
        if len(batch) < COMPARED_AT_ONCE:
            return list(found.values())
        after = batch[-1].pk


def _pairs_of(row: Narrative, rules: IdentityRules) -> list[Pair]:
    # Those that are the same are few, since the same become one; what is left over comes with the next pass.
    near = alike_ids(row.as_fingerprint(), rules, of_actors=False)
    others = _free(Narrative.objects.filter(pk__in=near)).exclude(pk=row.pk).only(*_COMPARED)
    pairs = (pair_of(_live(row), _live(other), rules.identity) for other in others)
    return [pair for pair in pairs if pair is not None]


def _live(row: Narrative) -> Live:
    return Live(row.pk, row.as_fingerprint(), row.article_count, row.first_detected_at)


@transaction.atomic
def _merge(pair: Pair, rules: IdentityRules) -> Merged | None:
    """Merge a pair, if it is still what it was when it was found."""
    hold_until_commit(NARRATIVES_LOCK)
    ids = [pair.survivor.id, pair.loser.id]
    rows = {row.pk: row for row in _free(Narrative.objects.filter(pk__in=ids))}
    if len(rows) < len(ids):
        return None
    verdict = rules.identity.compare(*(rows[pk].as_fingerprint() for pk in ids))
    if verdict.row is not pair.verdict.row:
        return None
    return merge_locked(*ids, rules=rules, now=timezone.now(), by=None, by_run=True)
