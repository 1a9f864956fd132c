"""Searching over REST: `GET /v1/search`, `GET /v1/topics/trending`."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from classification.taxonomy import FeedCategory
from ntrl.rest.fields import TextOfForm
from ntrl.rest.views import PublicEndpoint
from search.matching import Sort
from search.selectors import SearchRequest, SearchResult, search
from search.suggesting import Kind
from search.trending import trending

# More than anybody types; a headline has half of it. In an address a letter can take 12 bytes, and a web server reads
# 4,094 of a request's first line.
MAX_QUERY_CHARS = 300
DEFAULT_LIMIT, MAX_LIMIT = 20, 100
# Nobody leafs further; who wants more narrows the search.
MAX_OFFSET = 10_000
MAX_SOURCES = 50
DEFAULT_HOURS, MAX_HOURS = 24, 168
SECTIONS = [category.value for category in FeedCategory]


class Query(serializers.Serializer[Any]):
    """A query string, read to the letter: a parameter that is named has a value."""

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        """Read it.

        Raises:
            ValidationError: names each parameter whose value can't be one.
        """
        sent, fields = request.query_params, cls().fields
        # As plain values: in a QueryDict an empty one would pass for none.
        values = {
            name: sent.getlist(name) if isinstance(fields[name], serializers.ListField) else sent[name]
            for name in sent
            if name in fields
        }
        query = cls(data=values)
        query.is_valid(raise_exception=True)
        return dict(query.validated_data)


class SearchQuery(Query):
    """What is looked for."""

    q = TextOfForm(
        r"[^\x00]*",
        default="",
        max_length=MAX_QUERY_CHARS,
        help_text='Words, "words that stand together", -without, this OR that. Empty: all stories, the newest first.',
    )
    category = serializers.ListField(child=serializers.ChoiceField(choices=SECTIONS), default=list, max_length=10)
    source = serializers.ListField(  # type: ignore[assignment]  # a field, not the base class's attribute
        child=serializers.SlugField(max_length=80), default=list, max_length=MAX_SOURCES, help_text="Slugs."
    )
    published_after = serializers.DateTimeField(required=False, help_text="Then or later.")
    published_before = serializers.DateTimeField(required=False, help_text="Before then.")
    sort = serializers.ChoiceField(choices=list(Sort), default=Sort.RELEVANCE.value)
    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, default=DEFAULT_LIMIT)
    offset = serializers.IntegerField(min_value=0, max_value=MAX_OFFSET, default=0)


class FoundSerializer(serializers.Serializer[Any]):
    """A story that was found."""

    id = serializers.UUIDField(source="version.story_id")
    feed_title = serializers.CharField(source="version.feed_title")
    feed_summary = serializers.CharField(source="version.feed_summary")
    detail_title = serializers.CharField(source="version.detail_title")
    detail_brief = serializers.CharField(source="version.detail_brief")
    source_name = serializers.CharField(source="version.story.source.name")
    source_slug = serializers.CharField(source="version.story.source.slug")
    source_url = serializers.CharField(source="version.story.original_url", help_text="The article.")
    feed_category = serializers.ChoiceField(
        source="version.section", choices=[*SECTIONS, ""], help_text="Empty when it is not filed."
    )
    published_at = serializers.DateTimeField(source="version.story.published_at")
    has_manipulative_content = serializers.BooleanField(source="version.has_manipulative_content")
    rank = serializers.FloatField(
        allow_null=True, help_text="The greater the better, within one answer; null when nothing was looked for."
    )


class FacetSerializer(serializers.Serializer[Any]):
    """How many of all stories found are of one category or source."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()


class FacetsSerializer(serializers.Serializer[Any]):
    """How the whole result is spread."""

    categories = FacetSerializer(many=True)
    sources = FacetSerializer(many=True)


class SuggestionSerializer(serializers.Serializer[Any]):
    """Something else to try: its value is a `category` (section), a `source` (publisher) or a `q` (recent)."""

    type = serializers.ChoiceField(choices=list(Kind))
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()


class SearchResultSerializer(serializers.Serializer[Any]):
    """A page of what was found; total and facets count the whole result."""

    query = serializers.CharField()
    total = serializers.IntegerField()
    limit = serializers.IntegerField()
    offset = serializers.IntegerField()
    items = FoundSerializer(many=True)
    facets = FacetsSerializer()
    suggestions = SuggestionSerializer(many=True)


class TrendingQuery(Query):
    """Of how many hours."""

    window_hours = serializers.IntegerField(min_value=1, max_value=MAX_HOURS, default=DEFAULT_HOURS)


class TopicSerializer(serializers.Serializer[Any]):
    """A topic, and how many stories have it in their headline."""

    term = serializers.CharField(help_text="Can be looked for.")
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()
    sample_headline = serializers.CharField()


class TrendingSerializer(serializers.Serializer[Any]):
    """Topics, the strongest first. Descriptive only: nothing is chosen by it."""

    topics = TopicSerializer(many=True)
    generated_at = serializers.DateTimeField()
    window_hours = serializers.IntegerField()


class Search(PublicEndpoint):
    """Search."""

    @extend_schema(operation_id="search", parameters=[SearchQuery], responses=SearchResultSerializer)
    def get(self, request: Request) -> Response:
        """Stories by their neutral words, with facets and suggestions."""
        asked = SearchQuery.read(request)
        result = search(_request(asked), now=timezone.now())
        return Response(SearchResultSerializer(_document(asked, result)).data)


class TrendingTopics(PublicEndpoint):
    """Topics."""

    @extend_schema(operation_id="topics_trending", parameters=[TrendingQuery], responses=TrendingSerializer)
    def get(self, request: Request) -> Response:
        """What more headlines name than in the days before."""
        asked = TrendingQuery.read(request)
        return Response(TrendingSerializer(trending(**asked, now=timezone.now())).data)


def _request(asked: dict[str, Any]) -> SearchRequest:
    return SearchRequest(
        query=asked["q"],
        categories=tuple(dict.fromkeys(asked["category"])),
        source_slugs=tuple(dict.fromkeys(asked["source"])),
        after=asked.get("published_after"),
        before=asked.get("published_before"),
        sort=Sort(asked["sort"]),
        limit=asked["limit"],
        offset=asked["offset"],
    )


def _document(asked: dict[str, Any], result: SearchResult) -> dict[str, Any]:
    return {
        "query": asked["q"],
        "total": result.total,
        "limit": asked["limit"],
        "offset": asked["offset"],
        "items": result.hits,
        "facets": {"categories": result.categories, "sources": result.sources},
        "suggestions": result.suggestions,
    }
