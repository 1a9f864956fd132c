"""The brief over REST: `GET /v1/brief`, `GET /v1/brief/{date}`, `POST /v1/brief/run`."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from briefs import services
from briefs.documents import BriefKey, current_key, document, key_of, stories_since
from classification.taxonomy import FeedCategory
from ntrl.rest.conditional import conditional
from ntrl.rest.fields import Body
from ntrl.rest.problems import Conflict
from ntrl.rest.views import PublicEndpoint, Trigger, trace_id_of
from ntrl.stages.runner import RunOptions

MAX_HOURS = 168
_NONE_YET = "There is no brief yet."


class BriefStorySerializer(serializers.Serializer[Any]):
    """A story as the brief shows it."""

    id = serializers.UUIDField()
    feed_title = serializers.CharField()
    feed_summary = serializers.CharField()
    source_name = serializers.CharField()
    source_url = serializers.CharField(help_text="The article.")
    publisher_url = serializers.CharField()
    published_at = serializers.DateTimeField()
    has_manipulative_content = serializers.BooleanField()
    change_count = serializers.IntegerField()
    position = serializers.IntegerField()
    detail_title = serializers.CharField(allow_null=True)
    detail_brief = serializers.CharField(allow_null=True)
    detail_full = serializers.CharField(allow_null=True)
    disclosure = serializers.CharField(allow_null=True)


class BriefSectionSerializer(serializers.Serializer[Any]):
    """One of the ten categories."""

    name = serializers.ChoiceField(choices=[category.value for category in FeedCategory])
    display_name = serializers.CharField()
    order = serializers.IntegerField()
    story_count = serializers.IntegerField()
    stories = BriefStorySerializer(many=True)


class BriefSerializer(serializers.Serializer[Any]):
    """The daily brief: all ten sections, in order."""

    id = serializers.UUIDField()
    brief_date = serializers.DateField()
    cutoff_time = serializers.DateTimeField()
    assembled_at = serializers.DateTimeField()
    sections = BriefSectionSerializer(many=True)
    total_stories = serializers.IntegerField()
    is_empty = serializers.BooleanField()
    empty_message = serializers.CharField(allow_null=True)


class BriefQuery(serializers.Serializer[Any]):
    """What may be asked of the current brief."""

    hours = serializers.IntegerField(
        min_value=1, max_value=MAX_HOURS, required=False, help_text="Only stories published within so many hours."
    )


class BriefRunBody(Body):
    """How to assemble."""

    cutoff_hours = serializers.IntegerField(min_value=1, max_value=MAX_HOURS, default=services.DEFAULT_CUTOFF_HOURS)
    force = serializers.BooleanField(
        default=False, help_text="Clients of before send it: a brief is always assembled anew, with or without."
    )
    allow_empty = serializers.BooleanField(default=False, help_text="Let an empty brief replace a full one.")


class BriefRunSerializer(serializers.Serializer[Any]):
    """The brief that was assembled."""

    id = serializers.UUIDField()
    brief_id = serializers.UUIDField(source="id", help_text="The same.")
    brief_date = serializers.DateField()
    total_stories = serializers.IntegerField()
    sections = serializers.IntegerField(source="section_count", help_text="Those that hold a story.")
    trace_id = serializers.CharField()


class CurrentBrief(PublicEndpoint):
    """The current brief."""

    has_etag = True

    @extend_schema(operation_id="brief", parameters=[BriefQuery], responses=BriefSerializer)
    def get(self, request: Request) -> HttpResponse:
        """The current brief, or of its stories only those of the last hours."""
        key = _found(current_key(), _NONE_YET)
        if "hours" not in request.query_params:
            return _answer(request, key)
        query = BriefQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        # Briefs bear whole seconds.
        since = timezone.now().replace(microsecond=0) - timedelta(hours=query.validated_data["hours"])
        return _answer(request, key, stories_since(key.id, since))


class BriefOfDay(PublicEndpoint):
    """A past brief."""

    has_etag = True

    @extend_schema(
        operation_id="brief_of_day",
        parameters=[OpenApiParameter("day", date, OpenApiParameter.PATH)],
        responses=BriefSerializer,
    )
    def get(self, request: Request, day: date) -> HttpResponse:
        """The last brief of a day."""
        return _answer(request, _found(key_of(day), f"There is no brief of {day}."))


class BriefRun(Trigger):
    """Assembling."""

    @extend_schema(operation_id="brief_run", request=BriefRunBody, responses=BriefRunSerializer)
    def post(self, request: Request) -> Any:
        """Assemble the brief and make it the current one."""
        return super().post(request)

    def run(self, request: Request) -> Response:
        """Assemble it."""
        wanted = BriefRunBody.read(request.data)
        try:
            result = services.assemble_brief(
                trace_id=trace_id_of(request),
                options=RunOptions(workers=1),
                cutoff_hours=wanted["cutoff_hours"],
                allow_empty=wanted["allow_empty"],
            )
        except services.AnotherAssembles as error:
            raise Conflict(f"{error}; try again in a moment") from error
        if result.brief is None:
            raise Conflict("; ".join(result.report.failures) or "no brief was assembled")
        return Response(BriefRunSerializer(result.brief).data)


def _found(key: BriefKey | None, otherwise: str) -> BriefKey:
    if key is None:
        raise NotFound(otherwise)
    return key


def _answer(request: Request, key: BriefKey, newest: int | None = None) -> HttpResponse:
    # What the last hours hold shrinks as time goes by, which only the ETag can tell.
    modified_at: datetime | None = key.assembled_at if newest is None else None
    etag = str(key.id) if newest is None else f"{key.id}.{newest}"
    return conditional(
        request,
        etag=etag,
        modified_at=modified_at,
        build=lambda: HttpResponse(document(key.id, newest), content_type="application/json"),
    )
