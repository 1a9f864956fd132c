"""Stories with fingerprints, and narratives, made with few words."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from ingestion.models import StoryRaw
from narratives.models import FingerprintMethod, FingerprintStatus, Narrative, StoryFingerprint
from narratives.rules_in_force import load_identity
from narratives.services.assigning import Assigned, assign_batch
from tests.narratives.rules import a_print
from tests.support.factories import NOON, a_story


def fingerprinted(nucleus: str, focus: str, actors: str = "", *, at: datetime = NOON, **fields: Any) -> StoryRaw:
    """A story whose fingerprint a model would have made: it has no terms."""
    story = a_story(published_at=at, ingested_at=at)
    made = a_print(nucleus, focus, actors)
    StoryFingerprint.objects.create(
        story=story,
        status=FingerprintStatus.EXTRACTED,
        nucleus_entity=nucleus,
        narrative_focus=focus,
        top_actors=list(made.top_actors),
        timestamp=at,
        **{"method": FingerprintMethod.LLM, **fields},
    )
    return story


def days(number: float) -> datetime:
    """So many days after noon of the first."""
    return NOON + timedelta(days=number)


def assign(now: datetime | None = None) -> Assigned:
    """Assign what waits, in a transaction as the runner's."""
    with transaction.atomic():
        return assign_batch(load_identity(), now or timezone.now())


def narrative_of(story: StoryRaw) -> Narrative:
    """The narrative that a story is in."""
    return Narrative.objects.get(memberships__story=story)


def partition() -> set[frozenset[str]]:
    """Which stories are together, by address, whatever the narratives' ids."""
    groups: dict[Any, set[str]] = {}
    for story in StoryRaw.objects.filter(membership__isnull=False).select_related("membership"):
        groups.setdefault(story.membership.narrative_id, set()).add(story.original_url)
    return {frozenset(group) for group in groups.values()}
