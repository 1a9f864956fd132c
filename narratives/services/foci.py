"""Filling foci that are missing, from a narrative's summary, before anything is compared with it."""

import logging
from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from narratives.fingerprints import BadFingerprint
from narratives.loaded import LoadedWords
from narratives.models import EventKind, Narrative, NarrativeEvent
from narratives.rules_in_force import IdentityRules
from narratives.services.keys import NARRATIVES_LOCK, write_keys
from narratives.stores.base import BLANK
from ntrl.llm.chains import usable
from ntrl.llm.types import Operation
from ntrl.stages.locks import hold_until_commit

log = logging.getLogger(__name__)

# A run fills so many at most; the next goes on.
FILLED_AT_ONCE = 200


def unfocused() -> QuerySet[Narrative]:
    """The narratives whose focus a run may fill: it is empty or blank, and they are neither merged nor an editor's."""
    return Narrative.objects.filter(narrative_focus__regex=BLANK, merged_into=None, is_locked=False)


def fill_missing_foci(rules: IdentityRules) -> int:
    """Give live narratives that have a summary and no focus one, by rules; returns how many got one.

    Where a language model is set up, those are left for it (`backfill_narrative_focus`).
    """
    if usable(settings.LLM_CHAINS[Operation.NARRATIVE_FOCUS_BACKFILL], settings.LLM_PROVIDERS):
        return 0
    found: dict[UUID, str] = {}
    loaded = LoadedWords.in_force(rules.identity.focus)
    # All are gone through: those whose summary gives none would else stand before the others for ever.
    for narrative in unfocused().exclude(summary="").order_by("-last_article_at", "pk").iterator(chunk_size=100):
        if len(found) == FILLED_AT_ONCE:
            break
        try:
            found[narrative.pk] = loaded.focus_of_summary(narrative.summary, narrative.nucleus_entity, rules.identity)
        except BadFingerprint:
            continue
    filled = fill(found, rules, {"method": "rules"}) if found else 0
    if filled:
        log.info("%d narratives got their focus by rules, out of their summaries", filled)
    return filled


@transaction.atomic
def fill(foci: Mapping[UUID, str], rules: IdentityRules, origin: Mapping[str, str]) -> int:
    """Write foci to the narratives that still lack them; returns how many those were.

    Args:
        foci: by narrative.
        rules: those that the index is kept by.
        origin: who found them, for the history.
    """
    hold_until_commit(NARRATIVES_LOCK)
    # Locked row by row as well: who edits a narrative in another way need not hold the lock.
    narratives = list(unfocused().filter(pk__in=list(foci)).select_for_update().order_by("pk"))
    now = timezone.now()
    for narrative in narratives:
        narrative.narrative_focus, narrative.last_updated = foci[narrative.pk], now
    Narrative.objects.bulk_update(narratives, ["narrative_focus", "last_updated"], batch_size=50)
    write_keys(narratives, rules)
    NarrativeEvent.objects.bulk_create(
        NarrativeEvent(
            narrative=narrative,
            kind=EventKind.FOCUS_BACKFILLED,
            at=now,
            detail={"focus": narrative.narrative_focus, **origin},
        )
        for narrative in narratives
    )
    return len(narratives)
