"""Classification over REST: `POST /v1/classify/run`."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from classification import services
from ingestion.api_fields import StoryIds
from ntrl.rest.fields import Body, RunSerializer, told
from ntrl.rest.views import Trigger, trace_id_of
from ntrl.stages.command import MAX_WORKERS
from ntrl.stages.runner import DEFAULT_WORKERS, RunOptions

MAX_LIMIT = 10_000


class ClassifyBody(Body):
    """What to classify."""

    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, default=services.DEFAULT_LIMIT)
    max_workers = serializers.IntegerField(min_value=1, max_value=MAX_WORKERS, default=DEFAULT_WORKERS)
    story_ids = StoryIds(help_text="Only these; all that are pending when empty.")
    force = serializers.BooleanField(default=False, help_text="Also those that are filed.")


class ClassifySerializer(RunSerializer):
    """What classification did."""

    by = serializers.CharField(help_text="Who files: models, or the embedded default.")
    total = serializers.IntegerField()
    success = serializers.IntegerField()
    llm = serializers.IntegerField()
    keyword = serializers.IntegerField()
    keyword_fallback = serializers.IntegerField()
    fallback_rate = serializers.FloatField(allow_null=True)
    failed = serializers.IntegerField()


class ClassifyRun(Trigger):
    """Classification."""

    @extend_schema(operation_id="classify_run", request=ClassifyBody, responses=ClassifySerializer)
    def post(self, request: Request) -> Any:
        """File stories under 20 domains and ten categories."""
        return super().post(request)

    def run(self, request: Request) -> Response:
        """Classify."""
        wanted, started_at = ClassifyBody.read(request.data), timezone.now()
        result = services.classify_pending(
            trace_id=trace_id_of(request),
            options=RunOptions(limit=wanted["limit"], workers=wanted["max_workers"], force=wanted["force"]),
            story_ids=wanted["story_ids"],
        )
        document = told(result, [result.report], started_at=started_at)
        return Response(ClassifySerializer(document | {"fallback_rate": result.fallback_rate}).data)
