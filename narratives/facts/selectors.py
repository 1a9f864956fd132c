"""What pages and the REST API read of facts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS

from narratives.facts.by_rules import STATES
from narratives.facts.evidence import whole_sentences
from narratives.facts.models import UserFactRelationship
from narratives.facts.stories import STORIES_BOT
from narratives.models import Narrative
from neutralization.models import StoryNeutralized

# Of a narrative; the latest.
FACTS_SHOWN = 20
STORIES_READ = 200
# What a fact of the news may be about, in the words of the prompt and of the rules.
KINDS = frozenset({"person", "organization", "place", "event", "figure", "statement"})
OTHER_KIND = "thing"
FACTS_READ = 500


@dataclass(frozen=True, slots=True)
class EstablishedFact:
    """What a story of a narrative establishes: its own neutral words, who reported them and when.

    Attributes:
        statement: whole sentences of the story's neutral text.
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

    A fact belongs to its story, and goes where that goes; it is shown as long as the story's text says it in whole
    sentences, which name what the fact is about. What a model calls its kind and its relation nobody can check: a kind
    that is none of the news is not shown, and the relation is that of a story to its sentences.
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
        if statement and whole_sentences(statement, version.detail_brief, row.entity.entity_name) == statement:
            found.setdefault(statement.casefold(), _established(row, statement, version))
    latest = sorted(found.values(), key=lambda fact: (fact.published_at, fact.statement), reverse=True)
    return latest[:FACTS_SHOWN]


def _established(row: UserFactRelationship, statement: str, version: StoryNeutralized) -> EstablishedFact:
    kind = row.entity.entity_type
    return EstablishedFact(
        statement=statement,
        entity_type=kind if kind in KINDS else OTHER_KIND,
        entity_name=row.entity.entity_name,
        relationship_type=STATES,
        confidence=row.confidence or 0.0,
        story_id=version.story_id,
        story_title=version.detail_title,
        source_name=version.story.source.name,
        published_at=version.story.published_at,
    )
