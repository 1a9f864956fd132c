"""Filling foci that are missing, from a narrative's summary, before anything is compared with it."""

from django.db import transaction
from django.utils import timezone

from narratives.extractor import focus_of_summary
from narratives.fingerprints import BadFingerprint
from narratives.models import EventKind, Narrative, NarrativeEvent
from narratives.rules_in_force import IdentityRules
from narratives.services.keys import NARRATIVES_LOCK, write_keys
from ntrl.stages.locks import hold_until_commit

# A run fills so many at most; the next goes on.
FILLED_AT_ONCE = 200


def fill_missing_foci(rules: IdentityRules) -> int:
    """Give live narratives that have a summary and no focus one, by rules; returns how many got one."""
    missing = Narrative.objects.filter(narrative_focus="", merged_into=None, is_locked=False).exclude(summary="")
    filled = 0
    for narrative in missing.order_by("-last_article_at", "pk")[:FILLED_AT_ONCE]:
        try:
            focus = focus_of_summary(narrative.summary, narrative.nucleus_entity, rules.identity)
        except BadFingerprint:
            continue
        filled += _fill(narrative, focus, rules)
    return filled


@transaction.atomic
def _fill(narrative: Narrative, focus: str, rules: IdentityRules) -> int:
    """Write a focus, unless somebody else has meanwhile."""
    hold_until_commit(NARRATIVES_LOCK)
    won = Narrative.objects.filter(pk=narrative.pk, narrative_focus="").update(
        narrative_focus=focus, last_updated=timezone.now()
    )
    if won:
        narrative.narrative_focus = focus
        write_keys([narrative], rules)
        detail = {"focus": focus, "method": "rules"}
        NarrativeEvent.objects.create(narrative=narrative, kind=EventKind.FOCUS_BACKFILLED, detail=detail)
    return won
