"""The hourly safety net: narratives that the identity rule calls one are merged. Boring: it should find nothing."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from narratives.consolidation import Live, Pair, plan
from narratives.models import Narrative, NarrativeMembership
from narratives.rules_in_force import IdentityRules, load_identity
from narratives.services.assigning import components_of
from narratives.services.derived import refresh_active
from narratives.services.foci import fill_missing_foci
from narratives.services.keys import NARRATIVES_LOCK, rekey_outdated
from narratives.services.merging import Merged, merge_locked
from ntrl.stages.locks import hold_until_commit

# A narrative is in one merge of a pass at most; a chain of so many passes is none that any rule would make.
MOST_PASSES = 10


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
        return ConsolidateResult(tuple(plan(_groups(rules), rules.identity)), 0, 0, True)
    rekey_outdated(rules)
    fill_missing_foci(rules)
    found: list[Pair] = []
    for _ in range(MOST_PASSES):
        planned = plan(_groups(rules), rules.identity)
        merged = [pair for pair in planned if _merge(pair, rules)]
        found += merged
        if not merged:
            break
    return ConsolidateResult(tuple(found), len(found), refresh_active(timezone.now()), False)


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


def _free() -> QuerySet[Narrative]:
    """The live narratives that a run may merge: no editor has locked them, or a story in them."""
    held = NarrativeMembership.objects.filter(narrative=OuterRef("pk"), is_locked=True)
    return Narrative.objects.filter(~Exists(held), merged_into=None, is_locked=False)


def _groups(rules: IdentityRules) -> Iterator[list[Live]]:
    """The live, unlocked narratives that share a nucleus and a word of the focus with another, by nucleus."""
    groups: dict[str, list[Live]] = defaultdict(list)
    rows = _free().exclude(narrative_focus="").order_by("pk")
    for row in rows.iterator(chunk_size=1000):
        live = Live(row.pk, row.as_fingerprint(), row.article_count, row.first_detected_at)
        groups[rules.identity.aliases.key(row.nucleus_entity)].append(live)
    for nucleus in sorted(groups):
        if len(groups[nucleus]) > 1:
            yield groups[nucleus]


@transaction.atomic
def _merge(pair: Pair, rules: IdentityRules) -> Merged | None:
    """Merge a pair, if it is still what it was when it was found."""
    hold_until_commit(NARRATIVES_LOCK)
    ids = [pair.survivor.id, pair.loser.id]
    rows = {row.pk: row for row in _free().filter(pk__in=ids)}
    if len(rows) < len(ids):
        return None
    verdict = rules.identity.compare(*(rows[pk].as_fingerprint() for pk in ids))
    if verdict.row is not pair.verdict.row:
        return None
    detail = {"by_run": True, "components": components_of(verdict.components)}
    return merge_locked(*ids, now=timezone.now(), by=None, detail=detail)
