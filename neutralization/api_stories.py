"""Stories over REST: `GET /v1/stories`, `GET /v1/stories/{id}`, `GET /v1/stories/{id}/transparency`."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.cache import patch_cache_control
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from classification.taxonomy import FeedCategory
from neutralization import public
from neutralization.models import Status, StoryNeutralized
from neutralization.originals import OriginalState
from neutralization.taxonomy import Action, Category, Reason
from neutralization.wire import redline_rows, span_rows
from ntrl.rest.access import Scope
from ntrl.rest.conditional import conditional
from ntrl.rest.filters import TimeFilter, text_filter
from ntrl.rest.views import PublicEndpoint

_SECTIONS = [category.value for category in FeedCategory]


class EmptyIsNull(serializers.CharField):
    """A text, null in place of an empty one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"allow_null": True, **kwargs})

    def to_representation(self, value: str) -> str:
        """Write it."""
        return super().to_representation(value) if value else None  # type: ignore[return-value]  # null


class ShownStory(serializers.Serializer[Any]):
    """What a list shows of a story."""

    id = serializers.UUIDField(source="story_id")
    feed_title = serializers.CharField()
    feed_summary = serializers.CharField()
    detail_title = EmptyIsNull()
    disclosure = EmptyIsNull()
    has_manipulative_content = serializers.BooleanField()
    source_name = serializers.CharField(source="story.source.name")
    source_slug = serializers.CharField(source="story.source.slug")
    source_url = serializers.CharField(source="story.original_url", help_text="The article.")
    published_at = serializers.DateTimeField()
    section = serializers.CharField(help_text="One of the ten categories; empty when it is not filed.")


class ListedStorySerializer(ShownStory):
    """A story in a list, with how its last version came out."""

    status = serializers.ChoiceField(choices=Status.values)
    failure_reason = EmptyIsNull()


class StorySerializer(ShownStory):
    """A story with its texts."""

    detail_brief = EmptyIsNull()
    detail_full = EmptyIsNull()


class SpanSerializer(serializers.Serializer[Any]):
    """A manipulative phrase of the body, and what became of it. Offsets are code points of the body."""

    field = serializers.ChoiceField(choices=["body"])
    start_char = serializers.IntegerField()
    end_char = serializers.IntegerField()
    start_utf16 = serializers.IntegerField(allow_null=True, help_text="Null when the body is gone.")
    end_utf16 = serializers.IntegerField(allow_null=True)
    original_text = serializers.CharField()
    action = serializers.ChoiceField(choices=list(Action))
    reason = serializers.ChoiceField(choices=list(Reason))
    category = serializers.ChoiceField(choices=list(Category))
    replacement_text = serializers.CharField(allow_null=True)


class DifferenceSerializer(serializers.Serializer[Any]):
    """A difference between body and full text; `spans` are the places in the list of spans that explain it."""

    start_char = serializers.IntegerField()
    end_char = serializers.IntegerField()
    original_text = serializers.CharField()
    full_start_char = serializers.IntegerField()
    full_end_char = serializers.IntegerField()
    neutral_text = serializers.CharField()
    spans = serializers.ListField(child=serializers.IntegerField())


class TransparencySerializer(serializers.Serializer[Any]):
    """Exactly what was changed, and why."""

    id = serializers.UUIDField()
    original_title = serializers.CharField()
    original_description = serializers.CharField()
    original_body = serializers.CharField(allow_null=True)
    original_body_available = serializers.BooleanField()
    original_body_expired = serializers.BooleanField()
    feed_title = serializers.CharField()
    feed_summary = serializers.CharField()
    detail_full = serializers.CharField(allow_null=True)
    spans = SpanSerializer(many=True)
    disclosure = serializers.CharField(allow_null=True)
    has_manipulative_content = serializers.BooleanField()
    source_url = serializers.CharField()
    model_name = serializers.CharField(allow_null=True, help_text="Null when no model took part.")
    method = serializers.CharField()
    prompt_version = serializers.CharField(allow_null=True)
    processed_at = serializers.DateTimeField()
    redline = DifferenceSerializer(many=True, allow_null=True, help_text="Null where nobody has aligned the texts.")


@extend_schema_field(OpenApiTypes.BOOL)
class _TrueOrFalse(django_filters.TypedChoiceFilter):  # type: ignore[misc]  # the library has no types
    """A flag that is one of two words, and no third."""

    def __init__(self, **kwargs: Any) -> None:
        words = [("true", "true"), ("false", "false")]
        super().__init__(choices=words, coerce=lambda word: word == "true", **kwargs)


class StoryFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """What a list of stories may be narrowed to."""

    source = text_filter(field_name="story__source__slug", pattern=r"^[-a-zA-Z0-9_]+$", max_length=80)
    feed_category = django_filters.ChoiceFilter(field_name="section", choices=[(name, name) for name in _SECTIONS])
    published_after = TimeFilter(field_name="published_at", lookup_expr="gte")
    published_before = TimeFilter(field_name="published_at", lookup_expr="lt")
    manipulative = _TrueOrFalse(field_name="has_manipulative_content")
    status = django_filters.ChoiceFilter(choices=Status.choices, help_text="Of a story's last version. Needs a key.")

    class Meta:
        model = StoryNeutralized
        fields: list[str] = []


class Stories(PublicEndpoint, ListAPIView[StoryNeutralized]):
    """Stories, the newest first."""

    serializer_class = ListedStorySerializer
    filterset_class = StoryFilter
    ordering = ("-published_at", "story_id")
    queryset = public.shown_versions()

    @extend_schema(operation_id="stories")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """The stories that readers are shown; with a key and `status`, those whose last version came out so."""
        return super().get(request, *args, **kwargs)

    def needed_scope(self, method: str | None) -> Scope | None:
        """What readers are not shown, only a key that may read lists."""
        return Scope.READ if self._asks_for_status() else super().needed_scope(method)

    def get_queryset(self) -> QuerySet[StoryNeutralized]:
        """Choose which versions."""
        versions = public.last_versions() if self._asks_for_status() else public.listed_versions()
        return public.without_long_texts(versions)

    def _asks_for_status(self) -> bool:
        # Whoever describes the endpoint has no request.
        return self.request is not None and "status" in self.request.query_params


class OneStory(PublicEndpoint):
    """One story."""

    has_etag = True

    @extend_schema(operation_id="story", responses=StorySerializer)
    def get(self, request: Request, story_id: UUID) -> HttpResponse:
        """A story with its texts."""
        return _answer(request, story_id, lambda version: _in_json(StorySerializer(version).data))


class StoryTransparency(PublicEndpoint):
    """What was changed of a story."""

    has_etag = True

    @extend_schema(operation_id="story_transparency", responses=TransparencySerializer)
    def get(self, request: Request, story_id: UUID) -> HttpResponse:
        """The original, every accepted phrase with its reason, and every difference."""
        return _answer(request, story_id, _transparency)


def _answer(request: Request, story_id: UUID, build: Callable[[StoryNeutralized], HttpResponse]) -> HttpResponse:
    key = public.shown_key(story_id)
    if key is None:
        raise NotFound(f"There is no story {story_id}.")

    def built() -> HttpResponse:
        version = public.shown_version(story_id)
        if version is None:  # withdrawn at this moment
            raise NotFound(f"There is no story {story_id}.")
        return build(version)

    return conditional(request, etag=key.etag, modified_at=key.modified_at, build=built)


def _in_json(document: Any) -> HttpResponse:
    return HttpResponse(JSONRenderer().render(document), content_type="application/json")


def _transparency(version: StoryNeutralized) -> HttpResponse:
    shown = public.transparency(version)
    response = _in_json(TransparencySerializer(_transparency_document(version, shown)).data)
    if not shown.original.is_settled:
        patch_cache_control(response, no_store=True)
    return response


def _transparency_document(version: StoryNeutralized, shown: public.Transparency) -> dict[str, Any]:
    is_kept = shown.original.state is OriginalState.KEPT
    body = shown.original.text if is_kept else None
    return {
        **{name: getattr(version.story, name) for name in ("original_title", "original_description")},
        **{name: getattr(version, name) for name in ("feed_title", "feed_summary", "has_manipulative_content")},
        "id": version.story_id,
        "original_body": body,
        "original_body_available": is_kept,
        "original_body_expired": shown.original.state is OriginalState.GONE,
        "detail_full": version.detail_full or None,
        "spans": span_rows(shown.spans, body),
        "disclosure": version.disclosure or None,
        "source_url": version.story.original_url,
        "model_name": version.model_name or None,
        "method": version.method,
        "prompt_version": version.prompt_version or None,
        "processed_at": version.created_at,
        "redline": None if shown.redline is None else redline_rows(shown.redline),
    }
