"""Facts in the tables that the deployment guide describes, and how far each stream has been read.

The first three may be somebody else's tables (`narratives.facts.tables`): nothing is asked of them beyond the columns
named here, and what is not named is left to its default.
"""

from datetime import datetime
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from narratives.facts.fields import UtcDateTimeField
from narratives.facts.messages import Mark
from narratives.facts.watermarks import Progress

# Of the guide's table.
RELATIONSHIP_MAX_CHARS = 50


class UniversalUser(models.Model):
    """Whose facts: a person who talks to bots, or a narrative."""

    universal_id = models.CharField(max_length=255, primary_key=True)
    primary_username = models.CharField(max_length=255)

    class Meta:
        db_table = "universal_users"

    def __str__(self) -> str:
        return self.primary_username


class FactEntity(models.Model):
    """What facts are about."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    entity_type = models.TextField()
    entity_name = models.TextField()
    category = models.TextField(null=True, blank=True)  # noqa: DJ001 - the table's own
    subcategory = models.TextField(null=True, blank=True)  # noqa: DJ001 - the table's own
    attributes = models.JSONField(default=dict, null=True, blank=True)
    created_at = UtcDateTimeField(default=timezone.now, null=True)
    updated_at = UtcDateTimeField(default=timezone.now, null=True)

    class Meta:
        db_table = "fact_entities"
        verbose_name_plural = "fact entities"
        constraints = [models.UniqueConstraint(fields=["entity_type", "entity_name"], name="fact_entity_unique")]

    def __str__(self) -> str:
        return f"{self.entity_type}: {self.entity_name}"


class UserFactRelationship(models.Model):
    """One fact. How it came about stands in `context_metadata`; `mentioned_by_character` is the bot."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(UniversalUser, on_delete=models.CASCADE, related_name="facts")
    entity = models.ForeignKey(FactEntity, on_delete=models.CASCADE, related_name="facts")
    relationship_type = models.CharField(max_length=RELATIONSHIP_MAX_CHARS)
    confidence = models.FloatField(default=0.5, null=True)
    strength = models.FloatField(default=0.5, null=True)
    emotional_context = models.TextField(null=True, blank=True)  # noqa: DJ001 - the table's own
    context_metadata = models.JSONField(default=dict, null=True, blank=True)
    source_conversation_id = models.TextField(null=True, blank=True)  # noqa: DJ001 - the table's own
    mentioned_by_character = models.TextField(null=True, blank=True)  # noqa: DJ001 - the table's own
    source_platform = models.TextField(null=True, blank=True)  # noqa: DJ001 - the table's own
    related_entities = models.JSONField(default=list, null=True, blank=True)
    created_at = UtcDateTimeField(default=timezone.now, null=True)
    updated_at = UtcDateTimeField(default=timezone.now, null=True)

    class Meta:
        db_table = "user_fact_relationships"
        verbose_name = "fact"
        constraints = [
            models.UniqueConstraint(fields=["user", "entity", "relationship_type"], name="user_fact_unique"),
            models.CheckConstraint(condition=Q(confidence__gte=0, confidence__lte=1), name="user_fact_confidence"),
            models.CheckConstraint(condition=Q(strength__gte=0, strength__lte=1), name="user_fact_strength"),
            models.CheckConstraint(condition=~Q(relationship_type=""), name="user_fact_relationship"),
        ]
        indexes = [
            models.Index(fields=["mentioned_by_character", "user"], name="user_fact_bot_user"),
            models.Index(fields=["source_conversation_id"], name="user_fact_source"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.relationship_type} {self.entity_id}"


class NarrativeFact(UserFactRelationship):
    """A fact that stories establish. These stand in the default database, whoever's tables the others are in."""

    class Meta:
        proxy = True


class Kind(models.TextChoices):
    """What a stream is read for; each has its own marks."""

    FACTS = "facts"


class EnrichmentMark(models.Model):
    """How far a stream has been read. It moves only past messages that were processed; in the default database."""

    bot = models.CharField(max_length=255)
    user_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField(help_text="The time of the last message that was processed.")
    message_id = models.CharField(max_length=100, blank=True, help_text="Its id; empty: none of that time.")
    since = models.DateTimeField(help_text="Late messages are looked for from here on.")
    since_id = models.CharField(max_length=100, blank=True)
    recent = models.JSONField(default=list, blank=True, help_text="Messages since then that were processed.")
    stream_version = models.CharField(max_length=100, blank=True, help_text="Read to the end as it was then.")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bot", "user_id", "kind"], name="enrichment_mark_unique"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="enrichment_mark_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.bot}/{self.user_id} {self.kind}: {self.at:%Y-%m-%d %H:%M:%S}"

    @property
    def progress(self) -> Progress:
        """The row as a value."""
        recent = tuple(Mark(datetime.fromisoformat(at), message_id) for at, message_id in self.recent)
        return Progress(Mark(self.at, self.message_id), Mark(self.since, self.since_id), recent)
