"""Neutralization over REST: `POST /v1/neutralize/run`, `GET /v1/stories/{id}/debug` and `/debug/spans`."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from ingestion.api_fields import StoryIds
from neutralization import services
from neutralization.api_stories import SpanSerializer
from neutralization.diagnosis import Diagnosis, diagnose
from neutralization.models import AuditVerdict
from neutralization.originals import OriginalState
from neutralization.spans import Phrase
from neutralization.tracing import NotTraceable, StoryTrace, trace_story
from neutralization.types import Output, Span
from neutralization.wire import span_rows
from ntrl.llm.errors import CHAIN_FAILED
from ntrl.rest.access import Scope
from ntrl.rest.fields import Body, RunSerializer, told
from ntrl.rest.problems import Conflict, Unavailable
from ntrl.rest.views import Endpoint, Trigger, trace_id_of
from ntrl.stages.command import MAX_WORKERS
from ntrl.stages.runner import DEFAULT_WORKERS, RunOptions

MAX_LIMIT = 10_000
# Of long texts, as much as a look needs.
PREVIEW_CHARS = 500
SPANS_SAMPLED = 3
_LENGTHS = [output.value for output in Output]


class NeutralizeBody(Body):
    """What to neutralize."""

    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, default=services.DEFAULT_LIMIT)
    max_workers = serializers.IntegerField(min_value=1, max_value=MAX_WORKERS, default=DEFAULT_WORKERS)
    story_ids = StoryIds(help_text="Only these; all that are pending when empty.")
    force = serializers.BooleanField(default=False, help_text="Also those that have a version.")


class NeutralizeSerializer(RunSerializer):
    """What neutralization did."""

    by = serializers.CharField(help_text="Who neutralizes: models, or the embedded default.")
    total_processed = serializers.IntegerField()
    total_success = serializers.IntegerField()
    total_skipped = serializers.IntegerField()
    total_skipped_no_body = serializers.IntegerField()
    total_failed = serializers.IntegerField()


class VerdictSerializer(serializers.ModelSerializer[AuditVerdict]):
    """What one rule of the audit said of one text."""

    evidence = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = AuditVerdict
        fields = ["rule_id", "output", "passed", "evidence"]


class LengthsSerializer(serializers.Serializer[Any]):
    """Characters of each text."""

    original_body = serializers.IntegerField()
    feed_title = serializers.IntegerField()
    feed_summary = serializers.IntegerField()
    detail_title = serializers.IntegerField()
    detail_brief = serializers.IntegerField()
    detail_full = serializers.IntegerField()


class DebugSerializer(serializers.Serializer[Any]):
    """A story under the lens: texts by their first 500 characters, phrases by the first three."""

    story_id = serializers.UUIDField()
    original_body = serializers.CharField(allow_null=True)
    original_body_length = serializers.IntegerField()
    original_body_available = serializers.BooleanField()
    detail_full = serializers.CharField(allow_null=True)
    detail_full_length = serializers.IntegerField()
    detail_brief = serializers.CharField(allow_null=True)
    detail_brief_length = serializers.IntegerField()
    lengths = LengthsSerializer()
    span_count = serializers.IntegerField()
    spans_sample = SpanSerializer(many=True)
    status = serializers.CharField(allow_null=True)
    method = serializers.CharField(allow_null=True)
    model_used = serializers.CharField(allow_null=True)
    has_manipulative_content = serializers.BooleanField()
    detail_full_readable = serializers.BooleanField()
    issues = serializers.ListField(child=serializers.CharField())
    audit_verdicts = VerdictSerializer(many=True)


class PhraseSerializer(serializers.Serializer[Any]):
    """A phrase as a model named it."""

    phrase = serializers.CharField()
    reason = serializers.CharField()
    action = serializers.CharField()
    replacement = serializers.CharField(allow_null=True)


class PipelineTraceSerializer(serializers.Serializer[Any]):
    """How many phrases each step left, and which it let go."""

    after_position_matching = serializers.IntegerField()
    after_quote_filter = serializers.IntegerField()
    after_false_positive_filter = serializers.IntegerField()
    phrases_filtered_by_quotes = serializers.ListField(child=serializers.CharField())
    phrases_filtered_as_false_positives = serializers.ListField(child=serializers.CharField())
    phrases_not_found_in_text = serializers.ListField(child=serializers.CharField())


class DebugSpansSerializer(serializers.Serializer[Any]):
    """A fresh detection, of which nothing was saved."""

    story_id = serializers.UUIDField()
    original_body_preview = serializers.CharField()
    original_body_length = serializers.IntegerField()
    llm_raw_response = serializers.CharField(allow_null=True, help_text="Null without a model.")
    llm_phrases_count = serializers.IntegerField()
    llm_phrases = PhraseSerializer(many=True)
    pipeline_trace = PipelineTraceSerializer()
    final_span_count = serializers.IntegerField()
    final_spans = SpanSerializer(many=True)
    model_used = serializers.CharField(help_text="Or “lexicon”.")


class NeutralizeRun(Trigger):
    """Neutralization."""

    @extend_schema(operation_id="neutralize_run", request=NeutralizeBody, responses=NeutralizeSerializer)
    def post(self, request: Request) -> Any:
        """Find and edit manipulative phrases, write the texts, audit them."""
        return super().post(request)

    def run(self, request: Request) -> Response:
        """Neutralize."""
        wanted, started_at = NeutralizeBody.read(request.data), timezone.now()
        result = services.neutralize_pending(
            trace_id=trace_id_of(request),
            options=RunOptions(limit=wanted["limit"], workers=wanted["max_workers"], force=wanted["force"]),
            story_ids=wanted["story_ids"],
        )
        return Response(NeutralizeSerializer(told(result, [result.report], started_at=started_at)).data)


class StoryDebug(Endpoint):
    """What is known of a story."""

    @extend_schema(operation_id="story_debug", responses=DebugSerializer)
    def get(self, request: Request, story_id: UUID) -> Response:
        """Texts, spans and verdicts as stored, and what looks wrong."""
        found = diagnose(story_id)
        if found is None:
            raise NotFound(f"There is no story {story_id}.")
        return Response(DebugSerializer(_debug_document(found)).data)


class StoryDebugSpans(Endpoint):
    """Detection anew. It may ask a model, which is paid for; so it needs what a run needs."""

    needs = Scope.RUN

    @extend_schema(operation_id="story_debug_spans", responses=DebugSpansSerializer)
    def get(self, request: Request, story_id: UUID) -> Response:
        """Find the phrases by the very code and model that runs use, and save nothing."""
        try:
            trace = trace_story(story_id=story_id)
        except NotTraceable as problem:
            raise _refusal(problem) from problem
        return Response(DebugSpansSerializer(_trace_document(trace)).data)


def _refusal(problem: NotTraceable) -> Exception:
    if problem.reason == "unknown":
        return NotFound(str(problem))
    if problem.reason.startswith(CHAIN_FAILED) or problem.reason in {"llm_budget", "body_unavailable"}:
        return Unavailable(str(problem))
    return Conflict(str(problem))


def _debug_document(found: Diagnosis) -> dict[str, Any]:
    version, is_kept = found.version, found.original.state is OriginalState.KEPT
    texts = {name: getattr(version, name) if version else "" for name in _LENGTHS}
    body = found.original.text
    return {
        "story_id": found.story.id,
        "original_body": body[:PREVIEW_CHARS] if is_kept else None,
        "original_body_length": len(body) if is_kept else found.story.body_length,
        "original_body_available": is_kept,
        "detail_full": texts["detail_full"][:PREVIEW_CHARS] or None,
        "detail_full_length": len(texts["detail_full"]),
        "detail_brief": texts["detail_brief"][:PREVIEW_CHARS] or None,
        "detail_brief_length": len(texts["detail_brief"]),
        "lengths": {"original_body": len(body), **{name: len(text) for name, text in texts.items()}},
        "span_count": len(found.spans),
        "spans_sample": span_rows(found.spans[:SPANS_SAMPLED], body if is_kept else None),
        "status": version.status if version else None,
        "method": version.method if version else None,
        "model_used": (version.model_name or version.method) if version else None,
        "has_manipulative_content": bool(version and version.has_manipulative_content),
        "detail_full_readable": bool(found.is_readable),
        "issues": found.issues,
        "audit_verdicts": found.verdicts,
    }


def _trace_document(trace: StoryTrace) -> dict[str, Any]:
    steps = {step.name: step for step in trace.made.detection}

    def dropped(name: str) -> list[str]:
        return [each.item.original_text for each in steps[name].dropped if isinstance(each.item, Span)]

    # What the lexicon lets go at this step is in the text, in a place where it says something else.
    absent = [each.item.text for each in steps["positions"].dropped if isinstance(each.item, Phrase)]
    model = trace.model
    return {
        "story_id": trace.story_id,
        "original_body_preview": trace.body[:PREVIEW_CHARS],
        "original_body_length": len(trace.body),
        "llm_raw_response": "\n".join(model.raw) if model else None,
        "llm_phrases_count": model.named if model else 0,
        "llm_phrases": [phrase.model_dump() for phrase in model.phrases] if model else [],
        "pipeline_trace": {
            "after_position_matching": len(steps["positions"].kept),
            "after_quote_filter": len(steps["quotes"].kept),
            "after_false_positive_filter": len(steps["false_positives"].kept),
            "phrases_filtered_by_quotes": dropped("quotes"),
            "phrases_filtered_as_false_positives": dropped("false_positives"),
            "phrases_not_found_in_text": absent,
        },
        "final_span_count": len(trace.made.spans),
        "final_spans": span_rows(trace.made.spans, trace.body),
        "model_used": model.names if model else trace.phrase_source,
    }
