"""The index of candidates: made with a narrative, and anew when the rules of identity change."""

from collections.abc import Sequence

from django.db import transaction

from narratives.models import Narrative, NarrativeKey
from narratives.rules_in_force import IdentityRules
from ntrl.stages.locks import hold_until_commit

# Who changes which narratives there are, or what is in them, holds this lock: one at a time.
NARRATIVES_LOCK = "narratives"
REKEYED_AT_ONCE = 500


def write_keys(narratives: Sequence[Narrative], rules: IdentityRules) -> None:
    """Write the index entries of narratives, in place of those they have."""
    NarrativeKey.objects.filter(narrative__in=narratives).delete()
    rows = [
        NarrativeKey(narrative=narrative, nucleus=rules.identity.aliases.key(narrative.nucleus_entity), word=word)
        for narrative in narratives
        if not narrative.is_tombstone
        for word in sorted(rules.identity.focus.tokens(narrative.narrative_focus))
    ]
    NarrativeKey.objects.bulk_create(rows)
    Narrative.objects.filter(pk__in=[narrative.pk for narrative in narratives]).update(keys_hash=rules.hash)


def rekey_outdated(rules: IdentityRules) -> int:
    """Make the entries anew that were made by other rules; returns how many narratives that were."""
    done = 0
    while True:
        with transaction.atomic():
            hold_until_commit(NARRATIVES_LOCK)
            outdated = Narrative.objects.exclude(keys_hash=rules.hash).filter(merged_into=None)
            batch = list(outdated.order_by("pk")[:REKEYED_AT_ONCE])
            write_keys(batch, rules)
        done += len(batch)
        if len(batch) < REKEYED_AT_ONCE:
            return done
