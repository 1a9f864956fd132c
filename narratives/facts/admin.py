"""Facts and marks in the admin: to be read, not changed."""

from typing import Any

from django.contrib import admin
from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet
from django.http import HttpRequest

from narratives.facts.models import EnrichmentMark, NarrativeFact, UserFactRelationship
from narratives.facts.stories import STORIES_BOT
from narratives.facts.tables import facts_alias
from ntrl.stages.admin import ReadOnlyAdmin


class _FactAdmin(ReadOnlyAdmin):
    list_display = ["about", "relationship_type", "entity", "confidence", "mentioned_by_character", "created_at"]
    list_filter = ["mentioned_by_character", "relationship_type", "source_platform"]
    search_fields = ["user__universal_id", "entity__entity_name", "source_conversation_id"]
    ordering = ["-created_at", "pk"]
    show_full_result_count = False
    alias = DEFAULT_DB_ALIAS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """From the database that they are in."""
        return super().get_queryset(request).using(self.alias).select_related("entity")

    @admin.display(description="user", ordering="user_id")
    def about(self, fact: UserFactRelationship) -> str:
        """Whose fact it is."""
        return fact.user_id


@admin.register(UserFactRelationship)
class UserFactRelationshipAdmin(_FactAdmin):
    """The facts of conversations, wherever they are."""

    alias = property(lambda self: facts_alias())


@admin.register(NarrativeFact)
class NarrativeFactAdmin(_FactAdmin):
    """The facts that stories establish."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Those of stories."""
        return super().get_queryset(request).filter(mentioned_by_character=STORIES_BOT)


@admin.register(EnrichmentMark)
class EnrichmentMarkAdmin(ReadOnlyAdmin):
    """How far each stream has been read."""

    list_display = ["bot", "user_id", "kind", "at", "message_id", "updated_at"]
    list_filter = ["bot", "kind"]
    search_fields = ["user_id"]
    show_full_result_count = False
