"""What pages and the REST API read of facts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS

from narratives.facts.evidence import stands_in
from narratives.facts.models import UserFactRelationship
from narratives.facts.stories import STORIES_BOT
from narratives.models import Narrative
from neutralization.models import StoryNeutralized

# Of a narrative; the latest.
FACTS_SHOWN = 20
STORIES_READ = 200
FACTS_READ = 500


@dataclass(frozen=True, slots=True)
class EstablishedFact:
    """What a story of a narrative establishes: its own neutral words, who reported them and when.

    Attributes:
        statement: as the story's neutral text has it.
        confidence: 0 to 1.
        published_at: when its source published the story.
    """

    statement: str
    entity_type: str
    entity_name: str
    relationship_type: str
    confidence: float
    story_id: UUID
    story_title: str
    source_name: str
    published_at: datetime


def facts_of(narrative: Narrative) -> list[EstablishedFact]:
    """What is established in a narrative, by its stories as they are now, the latest first. Two queries.

    A fact belongs to its story, and goes where that goes; it is shown as long as the story's text says it.
    """
    shown = StoryNeutralized.objects.filter(story__membership__narrative=narrative, is_current=True)
    versions = shown.select_related("story__source").order_by("-story__published_at", "story_id")[:STORIES_READ]
    stories = {str(version.story_id): version for version in versions}
    rows = UserFactRelationship.objects.using(DEFAULT_DB_ALIAS).select_related("entity")
    rows = rows.filter(mentioned_by_character=STORIES_BOT, source_conversation_id__in=list(stories))
    found: dict[str, EstablishedFact] = {}
    for row in rows.order_by("-created_at", "pk")[:FACTS_READ]:
        version = stories[str(row.source_conversation_id)]
        statement = str((row.context_metadata or {}).get("evidence", ""))
        if stands_in(statement, version.detail_brief):
            found.setdefault(statement.casefold(), _established(row, statement, version))
    latest = sorted(found.values(), key=lambda fact: (fact.published_at, fact.statement), reverse=True)
    return latest[:FACTS_SHOWN]


def _established(row: UserFactRelationship, statement: str, version: StoryNeutralized) -> EstablishedFact:
    return EstablishedFact(
        statement=statement,
        entity_type=row.entity.entity_type,
        entity_name=row.entity.entity_name,
        relationship_type=row.relationship_type,
        confidence=row.confidence or 0.0,
        story_id=version.story_id,
        story_title=version.detail_title,
        source_name=version.story.source.name,
        published_at=version.story.published_at,
    )
