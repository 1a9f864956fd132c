"""Sources and ingestion over REST: `/v1/sources`, `/v1/sources/{slug}`, `POST /v1/ingest/run`."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import URLValidator
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ingestion import services
from ingestion.models import UNRANKED_PRIORITY, Source
from ingestion.source_editing import SourceExists, add_source, change_source, switch_off
from ntrl.rest.fields import MAX_IDS, Body, RunSerializer, TextOfForm, told
from ntrl.rest.problems import Conflict, UnknownId
from ntrl.rest.views import PublicEndpoint, Trigger, trace_id_of
from ntrl.stages.command import MAX_WORKERS
from ntrl.stages.runner import DEFAULT_WORKERS, RunOptions

MAX_ITEMS_PER_SOURCE = 1_000
_WORST_PRIORITY = 999
# Of the 2,000 that a column takes; writing an address in its usual form adds some.
MAX_ADDRESS_CHARS = 1_900
# How an address usually looks, for the description; what is one, Django and the fetcher say.
_USUAL_ADDRESS = (
    r"https?://(?:[a-zA-Z0-9]{1,30}(?:\.|--?)){0,6}[a-zA-Z0-9]{1,30}\.[a-zA-Z]{2,24}"
    r"(?::[1-9][0-9]{1,3})?(?:[/?][a-zA-Z0-9/?=&_.~+-]*)?"
)
_ON_ONE_LINE = r"[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*"
_SLUG = OpenApiParameter("slug", str, OpenApiParameter.PATH)


class WebAddress(TextOfForm):
    """An address on the web."""

    def fits(self, value: str) -> bool:
        """Whether it is one, or empty where that is allowed."""
        try:
            URLValidator(schemes=["http", "https"])(value)
        except DjangoValidationError:
            return not value and super().fits(value)
        return True


class SourceSerializer(serializers.ModelSerializer[Source]):
    """A feed, its publisher's name, and how it fares."""

    # An empty text is no URI.
    homepage_url = serializers.CharField(read_only=True)

    class Meta:
        model = Source
        fields = [
            "id",
            "name",
            "slug",
            "rss_url",
            "homepage_url",
            "home_country",
            "default_section",
            "priority",
            "is_active",
            "created_at",
            "last_attempt_at",
            "last_success_at",
            "consecutive_failures",
            "next_attempt_at",
            "health_reason",
        ]
        read_only_fields = fields


class SourcesSerializer(serializers.Serializer[Any]):
    """All sources."""

    sources = SourceSerializer(many=True)
    total = serializers.IntegerField()


class SourceChange(Body):
    """What may be changed of a source."""

    name = TextOfForm(_ON_ONE_LINE, max_length=200)
    rss_url = WebAddress(_USUAL_ADDRESS, max_length=MAX_ADDRESS_CHARS)
    homepage_url = WebAddress(f"(?:{_USUAL_ADDRESS})?", max_length=MAX_ADDRESS_CHARS, default="")
    home_country = TextOfForm(r"(?:[a-z]{2})?", max_length=2, default="")
    default_section = TextOfForm(f"(?:{_ON_ONE_LINE})?", max_length=32, default="")
    priority = serializers.IntegerField(min_value=1, max_value=_WORST_PRIORITY, default=UNRANKED_PRIORITY)
    is_active = serializers.BooleanField(default=True)


class NewSource(SourceChange):
    """A source to be added; without a slug it gets one made from its name."""

    slug = TextOfForm(r"[a-z0-9]+(?:-[a-z0-9]+)*", max_length=80, required=False)


class IngestBody(Body):
    """What to ingest."""

    source_slugs = serializers.ListField(
        child=serializers.SlugField(max_length=80), default=list, max_length=MAX_IDS, help_text="All when empty."
    )
    max_items_per_source = serializers.IntegerField(
        min_value=1, max_value=MAX_ITEMS_PER_SOURCE, default=services.DEFAULT_MAX_ITEMS_PER_SOURCE
    )
    max_workers = serializers.IntegerField(min_value=1, max_value=MAX_WORKERS, default=DEFAULT_WORKERS)

    def validate_source_slugs(self, slugs: list[str]) -> list[str]:
        """Refuse sources that there aren't, or that are switched off.

        Raises:
            UnknownId: names them.
        """
        active = set(Source.objects.filter(slug__in=slugs, is_active=True).values_list("slug", flat=True))
        unknown = sorted(set(slugs) - active)
        if unknown:
            raise UnknownId("source_slugs", f"There is no active source {', '.join(unknown)}.")
        return slugs


class SourceResultSerializer(serializers.Serializer[Any]):
    """One source's share."""

    source_slug = serializers.CharField()
    ingested = serializers.IntegerField()
    skipped_duplicate = serializers.IntegerField()
    body_downloaded = serializers.IntegerField()
    body_failed = serializers.IntegerField()
    errors = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]


class IngestSerializer(RunSerializer):
    """What ingestion did."""

    sources_processed = serializers.IntegerField()
    total_ingested = serializers.IntegerField()
    total_skipped_duplicate = serializers.IntegerField()
    total_body_downloaded = serializers.IntegerField()
    total_body_failed = serializers.IntegerField()
    source_results = SourceResultSerializer(many=True)


class Sources(PublicEndpoint):
    """The list of sources."""

    @extend_schema(operation_id="sources", responses=SourcesSerializer)
    def get(self, request: Request) -> Response:
        """All sources, by name, also those that are switched off."""
        sources = list(Source.objects.all())
        return Response(SourcesSerializer({"sources": sources, "total": len(sources)}).data)

    @extend_schema(operation_id="source_add", request=NewSource, responses={201: SourceSerializer})
    def post(self, request: Request) -> Response:
        """Add a source."""
        source = _edited(add_source, fields=NewSource.read(request.data))
        location = request.build_absolute_uri(reverse("source", args=[source.slug]))
        return Response(SourceSerializer(source).data, status=201, headers={"Location": location})


class OneSource(PublicEndpoint):
    """One source."""

    @extend_schema(operation_id="source", parameters=[_SLUG], responses=SourceSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """One source."""
        return Response(SourceSerializer(_source(slug)).data)

    @extend_schema(operation_id="source_change", parameters=[_SLUG], request=SourceChange, responses=SourceSerializer)
    def patch(self, request: Request, slug: str) -> Response:
        """Change some of its values; with another address it begins anew."""
        source = _source(slug)
        body = SourceChange(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        return Response(SourceSerializer(_edited(change_source, source=source, fields=body.validated_data)).data)

    @extend_schema(
        operation_id="source_switch_off", parameters=[_SLUG], responses={204: OpenApiResponse(description="It is off.")}
    )
    def delete(self, request: Request, slug: str) -> Response:
        """Switch it off; its stories stay, and so does its row."""
        switch_off(source=_source(slug))
        return Response(status=204)


class IngestRun(Trigger):
    """Ingestion."""

    @extend_schema(operation_id="ingest_run", request=IngestBody, responses=IngestSerializer)
    def post(self, request: Request) -> Any:
        """Read the due feeds, fetch the articles that they announce."""
        return super().post(request)

    def run(self, request: Request) -> Response:
        """Ingest."""
        wanted, started_at = IngestBody.read(request.data), timezone.now()
        result = services.ingest(
            trace_id=trace_id_of(request),
            options=RunOptions(workers=wanted["max_workers"]),
            source_slugs=wanted["source_slugs"],
            max_items_per_source=wanted["max_items_per_source"],
        )
        unread = [f"{each.source_slug}: {error}" for each in result.source_results for error in each.errors]
        document = told(result, result.reports, started_at=started_at)
        return Response(IngestSerializer(document | {"errors": [*unread, *document["errors"]]}).data)


def _source(slug: str) -> Source:
    source = Source.objects.filter(slug=slug).first()
    if source is None:
        raise NotFound(f"There is no source {slug}.")
    return source


def _edited(service: Any, **arguments: Any) -> Source:
    try:
        source: Source = service(**arguments)
    except SourceExists as error:
        raise Conflict(f"{error.field}: {error}.") from error
    except DjangoValidationError as error:
        raise ValidationError(error.message_dict) from error
    return source
