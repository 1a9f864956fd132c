"""The index of candidates: made with a narrative, and anew when the rules of identity change."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from narratives import word_groups
from narratives.models import Narrative, NarrativeKey
from narratives.rules_in_force import IdentityRules
from ntrl.stages.locks import hold_until_commit

# Who changes which narratives there are, or what is in them, holds this lock: one at a time.
NARRATIVES_LOCK = "narratives"
REKEYED_AT_ONCE = 500
ROWS_AT_ONCE = 5_000
_NOT_READ = ("timeline_data", "entities", "snapshot", "summary")


def write_keys(narratives: Sequence[Narrative], rules: IdentityRules) -> None:
    """Write the index entries of narratives, where they are others than those they have.

    A narrative whose names or words mean something else now is to be compared with its like again.
    """
    ids = [narrative.pk for narrative in narratives]
    before: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    for narrative_id, nucleus, word in NarrativeKey.objects.filter(narrative__in=ids).values_list(
        "narrative", "nucleus", "word"
    ):
        before[narrative_id].add((nucleus, word))
    wanted = {narrative.pk: entries(narrative, rules) for narrative in narratives}
    others = [pk for pk in ids if before[pk] != wanted[pk]]
    NarrativeKey.objects.filter(narrative__in=[pk for pk in others if before[pk]]).delete()
    rows = (NarrativeKey(narrative_id=pk, nucleus=nucleus, word=word) for pk in others for nucleus, word in wanted[pk])
    NarrativeKey.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    for narrative in narratives:
        compared_by = _meaning(narrative, wanted[narrative.pk], rules)
        narrative.is_compared = narrative.is_compared and narrative.compared_by == compared_by
        narrative.compared_by, narrative.keys_hash = compared_by, rules.hash
    Narrative.objects.bulk_update(narratives, ["keys_hash", "compared_by", "is_compared"], batch_size=100)


def entries(narrative: Narrative, rules: IdentityRules) -> set[tuple[str, str]]:
    """A narrative's index entries: its nucleus with the words and groups of words of its focus; none of a tombstone."""
    identity = rules.identity
    words = identity.focus.tokens(narrative.narrative_focus)
    if narrative.is_tombstone or not words:
        return set()
    groups = {
        group
        for variant in word_groups.variants(narrative.as_fingerprint(), identity)
        for group in word_groups.stored(variant)
    }
    nucleus = identity.aliases.key(narrative.nucleus_entity)
    return {(nucleus, word[: word_groups.MAX_CHARS]) for word in words | groups}


def rekey_outdated(rules: IdentityRules) -> int:
    """Make the entries anew that were made by other rules; returns how many narratives that were."""
    done = 0
    while True:
        with transaction.atomic():
            hold_until_commit(NARRATIVES_LOCK)
            outdated = Narrative.objects.exclude(keys_hash=rules.hash).filter(merged_into=None)
            batch = list(outdated.defer(*_NOT_READ).order_by("pk")[:REKEYED_AT_ONCE])
            write_keys(batch, rules)
        done += len(batch)
        if len(batch) < REKEYED_AT_ONCE:
            return done


def compare_again(narrative_ids: Sequence[UUID]) -> None:
    """Have consolidation look at narratives again that an editor holds, by a lock or a locked story, once none does."""
    Narrative.objects.filter(pk__in=narrative_ids).update(is_compared=False)


def _meaning(narrative: Narrative, keys: set[tuple[str, str]], rules: IdentityRules) -> str:
    """A hash of all that comparing a narrative rests on."""
    actors = sorted(rules.identity.aliases.keys(narrative.top_actors))
    parts = [rules.focus_hash, *actors, *(f"{nucleus}/{word}" for nucleus, word in sorted(keys))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
