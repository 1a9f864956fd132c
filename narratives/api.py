"""Narratives over REST: `GET /v1/narratives`, `GET /v1/narratives/{id}`."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from narratives import selectors
from narratives.facts.selectors import facts_of
from narratives.lifecycle import State
from narratives.models import Narrative
from neutralization.models import StoryNeutralized
from ntrl.rest.filters import text_filter
from ntrl.rest.views import PublicEndpoint


class NarrativeStorySerializer(serializers.Serializer[Any]):
    """A story of a narrative."""

    id = serializers.UUIDField(source="story_id")
    feed_title = serializers.CharField()
    feed_summary = serializers.CharField()
    source_name = serializers.CharField(source="story.source.name")
    source_url = serializers.CharField(source="story.original_url")
    published_at = serializers.DateTimeField(source="story.published_at")
    has_manipulative_content = serializers.BooleanField()


class TimelineDaySerializer(serializers.Serializer[Any]):
    """A day with articles."""

    date = serializers.DateField()
    article_count = serializers.IntegerField()
    entities = serializers.ListField(child=serializers.CharField())
    velocity = serializers.FloatField()


class NarrativeSerializer(serializers.Serializer[Any]):
    """A story that runs through the news. In a list `stories` holds the latest few."""

    id = serializers.UUIDField()
    title = serializers.CharField(source="shown_title")
    summary = serializers.CharField()
    nucleus_entity = serializers.CharField()
    narrative_focus = serializers.CharField(help_text="Empty: still to be filled.")
    entities = serializers.ListField(child=serializers.CharField())
    lifecycle_state = serializers.ChoiceField(
        source="state", choices=[state.value for state in State if state != State.MERGED]
    )
    article_count = serializers.IntegerField()
    velocity = serializers.FloatField(help_text="Articles a day, over the last two days.")
    first_detected_at = serializers.DateTimeField()
    last_article_at = serializers.DateTimeField()
    last_updated = serializers.DateTimeField()
    reactivated_count = serializers.IntegerField()
    timeline_data = TimelineDaySerializer(many=True)
    stories = serializers.SerializerMethodField()

    @extend_schema_field(NarrativeStorySerializer(many=True))
    def get_stories(self, narrative: Narrative) -> list[dict[str, Any]]:
        """The stories that the view has read for all narratives at once."""
        stories: Sequence[StoryNeutralized] = self.context["stories"].get(narrative.id, [])
        return [dict(each) for each in NarrativeStorySerializer(stories, many=True).data]


class FactSerializer(serializers.Serializer[Any]):
    """What a story of a narrative states, in its own neutral words, with its source and time."""

    statement = serializers.CharField()
    entity_type = serializers.CharField()
    entity_name = serializers.CharField()
    relationship_type = serializers.CharField()
    confidence = serializers.FloatField(help_text="0 to 1.")
    story_id = serializers.UUIDField()
    story_title = serializers.CharField()
    source_name = serializers.CharField()
    published_at = serializers.DateTimeField()


class OneNarrativeSerializer(NarrativeSerializer):
    """A narrative with all its stories, and what is established in it."""

    facts = serializers.SerializerMethodField()

    @extend_schema_field(FactSerializer(many=True))
    def get_facts(self, narrative: Narrative) -> list[dict[str, Any]]:
        """The latest, by when their stories were published."""
        return [dict(each) for each in FactSerializer(facts_of(narrative), many=True).data]


class NarrativeFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """What the list may be narrowed to."""

    state = django_filters.ChoiceFilter(
        choices=[(state.value, state.value) for state in State if state != State.MERGED]
    )
    nucleus_entity = text_filter(field_name="nucleus_entity", pattern=r"^[^\x00-\x1f]+$", max_length=200)

    class Meta:
        model = Narrative
        fields: list[str] = []


class Narratives(PublicEndpoint, ListAPIView[Narrative]):
    """Narratives that live, the latest first."""

    serializer_class = NarrativeSerializer
    filterset_class = NarrativeFilter
    ordering = ("-last_article_at", "id")
    queryset = Narrative.objects.none()

    @extend_schema(operation_id="narratives")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """The narratives, each with its latest stories."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        stories = selectors.latest_stories([each.id for each in page])
        return self.get_paginated_response(NarrativeSerializer(page, many=True, context={"stories": stories}).data)

    def get_queryset(self) -> QuerySet[Narrative]:
        """Those that have not gone into another one."""
        return selectors.live_narratives()


class OneNarrative(PublicEndpoint):
    """One narrative."""

    @extend_schema(
        operation_id="narrative",
        responses={
            200: OneNarrativeSerializer,
            301: OpenApiResponse(description="Merged: Location has the other."),
        },
    )
    def get(self, request: Request, narrative_id: UUID) -> HttpResponse:
        """A narrative with its stories; a merged one leads to the one it went into."""
        found = selectors.narrative(narrative_id)
        if found is None:
            raise NotFound(f"There is no narrative {narrative_id}.")
        if found.merged_into_id is not None:
            moved = HttpResponsePermanentRedirect(reverse("narrative", args=[found.merged_into_id]))
            moved["Cache-Control"] = "no-cache"  # an editor may undo the merge
            return moved
        stories = {found.id: list(selectors.public_stories(found))}
        return Response(OneNarrativeSerializer(found, context={"stories": stories}).data)
