"""Runs of the whole pipeline over REST: `/v1/pipeline/…`."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from briefs.api import MAX_HOURS
from classification.api import MAX_LIMIT
from ingestion.api import MAX_ITEMS_PER_SOURCE
from ntrl.pipeline.background import start_in_background
from ntrl.pipeline.lock import AlreadyRunning
from ntrl.pipeline.models import PipelineRunSummary
from ntrl.pipeline.models import Trigger as StartedBy
from ntrl.pipeline.services import PipelineOptions, run_pipeline, summary_as_dict
from ntrl.rest.fields import Body
from ntrl.rest.problems import Conflict
from ntrl.rest.views import Endpoint, Trigger, trace_id_of
from ntrl.stages.command import MAX_WORKERS
from ntrl.stages.models import RunStatus

# A run may wait in a queue before it runs.
RUN_STATUSES = ["queued", *RunStatus.values]
_DEFAULTS = PipelineOptions()


def _number(name: str, most: int) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=most, default=getattr(_DEFAULTS, name))


class PipelineBody(Body):
    """How much a run may do."""

    max_items_per_source = _number("max_items_per_source", MAX_ITEMS_PER_SOURCE)
    classify_limit = _number("classify_limit", MAX_LIMIT)
    neutralize_limit = _number("neutralize_limit", MAX_LIMIT)
    max_workers = _number("max_workers", MAX_WORKERS)
    cutoff_hours = _number("cutoff_hours", MAX_HOURS)
    allow_empty = serializers.BooleanField(default=False, help_text="Let an empty brief replace a full one.")


class PipelineRunSerializer(serializers.ModelSerializer[PipelineRunSummary]):
    """A run of the pipeline: its figures, its status, its alerts."""

    status = serializers.ChoiceField(choices=RUN_STATUSES)
    alerts = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = PipelineRunSummary
        fields = [
            "trace_id",
            "status",
            "trigger",
            "reason",
            "notice",
            "started_at",
            "finished_at",
            "duration_ms",
            "ingest_total",
            "ingest_success",
            "ingest_body_downloaded",
            "ingest_body_failed",
            "ingest_skipped_duplicate",
            "classify_total",
            "classify_success",
            "classify_llm",
            "classify_keyword_fallback",
            "classify_failed",
            "neutralize_total",
            "neutralize_success",
            "neutralize_skipped_no_body",
            "neutralize_failed",
            "brief_story_count",
            "brief_section_count",
            "tokens_input",
            "tokens_output",
            "cost_usd",
            "alerts",
        ]
        read_only_fields = fields

    def to_representation(self, instance: PipelineRunSummary) -> dict[str, Any]:
        """Write it as the command does, but for times: whole seconds, as everywhere in the API."""
        document, times = summary_as_dict(instance), super().to_representation(instance)
        shown = {name: document[name] for name in self.Meta.fields}
        shown |= {name: times[name] for name in ("started_at", "finished_at")}
        # Money as text: no client's floating point makes it another sum.
        return shown | {"cost_usd": str(document["cost_usd"])}


class StartedSerializer(serializers.Serializer[Any]):
    """A run that has been started, and where to look for it."""

    trace_id = serializers.CharField()
    status = serializers.CharField()
    location = serializers.CharField()


class ScheduledRun(Trigger):
    """A run, waited for."""

    @extend_schema(operation_id="scheduled_run", request=PipelineBody, responses=PipelineRunSerializer)
    def post(self, request: Request) -> Any:
        """Ingest, classify, neutralize, assemble; answers when it is done."""
        return super().post(request)

    def run(self, request: Request) -> Response:
        """Run it."""
        options = _options(request)
        try:
            result = run_pipeline(trigger=StartedBy.API, options=options, trace_id=trace_id_of(request))
        except AlreadyRunning as refusal:
            raise _conflict(refusal) from refusal
        location = _location(result.summary.trace_id)
        return Response(PipelineRunSerializer(result.summary).data, headers={"Location": location})


class ScheduledRunAsync(Trigger):
    """A run, not waited for."""

    @extend_schema(operation_id="scheduled_run_async", request=PipelineBody, responses={202: StartedSerializer})
    def post(self, request: Request) -> Any:
        """The same in the background; answers at once with the run to poll."""
        return super().post(request)

    def run(self, request: Request) -> Response:
        """Start it."""
        options = _options(request)
        try:
            trace_id = start_in_background(trigger=StartedBy.API, options=options, trace_id=trace_id_of(request))
        except AlreadyRunning as refusal:
            raise _conflict(refusal) from refusal
        location = _location(trace_id)
        started = {
            "trace_id": trace_id,
            "status": PipelineRunSummary.objects.values_list("status", flat=True).get(trace_id=trace_id),
            "location": location,
        }
        return Response(StartedSerializer(started).data, status=202, headers={"Location": location})


class Runs(Endpoint, ListAPIView[PipelineRunSummary]):
    """Runs, the latest first."""

    serializer_class = PipelineRunSerializer
    ordering = ("-started_at", "-pk")
    queryset = PipelineRunSummary.objects.all()

    @extend_schema(operation_id="pipeline_runs")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """The runs of the pipeline."""
        return super().get(request, *args, **kwargs)


class OneRun(Endpoint):
    """One run."""

    @extend_schema(operation_id="pipeline_run", responses=PipelineRunSerializer)
    def get(self, request: Request, trace_id: str) -> Response:
        """A run, also one that goes on."""
        run = PipelineRunSummary.objects.filter(trace_id=trace_id).first()
        if run is None:
            raise NotFound(f"There is no run {trace_id}.")
        return Response(PipelineRunSerializer(run).data)


def _options(request: Request) -> PipelineOptions:
    return PipelineOptions(**PipelineBody.read(request.data))


def _conflict(refusal: AlreadyRunning) -> Conflict:
    return Conflict(f"{refusal}.", trace_id=refusal.trace_id)


def _location(trace_id: str) -> str:
    return reverse("pipeline-run", args=[trace_id])
