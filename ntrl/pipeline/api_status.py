"""How the system fares over REST: `GET /v1/status`."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

import ntrl
from narratives.services.metrics import narrative_metrics
from ntrl.pipeline import status
from ntrl.pipeline.health import Health
from ntrl.rest.views import Endpoint


class NeutralizerSerializer(serializers.Serializer[Any]):
    """Who neutralizes."""

    provider = serializers.CharField(help_text="Or “lexicon”.")
    model = serializers.CharField(allow_null=True)
    error = serializers.CharField(allow_null=True)


class LastRunSerializer(serializers.Serializer[Any]):
    """The last run of a stage."""

    stage = serializers.CharField()
    status = serializers.CharField()
    finished_at = serializers.DateTimeField()
    duration_ms = serializers.IntegerField()


class LatestRunSerializer(serializers.Serializer[Any]):
    """The last run of the pipeline."""

    trace_id = serializers.CharField()
    finished_at = serializers.DateTimeField()
    status = serializers.CharField()
    body_download_rate = serializers.FloatField(allow_null=True)
    neutralization_rate = serializers.FloatField(allow_null=True)
    brief_story_count = serializers.IntegerField()
    alerts = serializers.ListField(child=serializers.CharField())


class NucleusSerializer(serializers.Serializer[Any]):
    """How many live narratives a nucleus has."""

    nucleus_entity = serializers.CharField()
    narratives = serializers.IntegerField()


class NarrativeMetricsSerializer(serializers.Serializer[Any]):
    """The figures by which narratives are judged; rates are null over nothing."""

    narratives = serializers.DictField(child=serializers.IntegerField())
    per_nucleus = serializers.FloatField(allow_null=True)
    most_per_nucleus = NucleusSerializer(many=True)
    is_alarming = serializers.BooleanField()
    merges = serializers.IntegerField()
    reactivation_rate = serializers.FloatField(allow_null=True)
    focus_failure_rate = serializers.FloatField(allow_null=True)
    without_fingerprint_rate = serializers.FloatField(allow_null=True)


class StatusSerializer(serializers.Serializer[Any]):
    """The whole system at a glance."""

    status = serializers.ChoiceField(choices=["ok"])
    health = serializers.ChoiceField(choices=list(Health))
    code_version = serializers.CharField()
    neutralizer = NeutralizerSerializer()
    has_openai_api_key = serializers.BooleanField()
    has_google_api_key = serializers.BooleanField()
    has_anthropic_api_key = serializers.BooleanField()
    has_aws_credentials = serializers.BooleanField()
    s3_bucket = serializers.CharField(allow_null=True)
    total_articles_ingested = serializers.IntegerField()
    total_articles_neutralized = serializers.IntegerField()
    total_sources = serializers.IntegerField()
    last_ingest = LastRunSerializer(allow_null=True)
    last_classify = LastRunSerializer(allow_null=True)
    last_neutralize = LastRunSerializer(allow_null=True)
    last_brief = LastRunSerializer(allow_null=True)
    latest_pipeline_run = LatestRunSerializer(allow_null=True)
    thresholds = serializers.DictField(child=serializers.FloatField())
    llm_cost_today = serializers.CharField(help_text="US dollars, with what is set aside.")
    narratives = NarrativeMetricsSerializer()


class SystemStatus(Endpoint):
    """The status."""

    @extend_schema(operation_id="status", responses=StatusSerializer)
    def get(self, request: Request) -> Response:
        """How the system fares, what it holds, and what its last runs did."""
        run, held = status.latest_run(), status.totals()
        metrics = asdict(narrative_metrics())
        nuclei = [{"nucleus_entity": name, "narratives": number} for name, number in metrics["most_per_nucleus"]]
        document = {
            "status": "ok",
            "health": status.health_of(run, timezone.now()),
            "code_version": ntrl.__version__,
            "neutralizer": status.neutralizer(run),
            "s3_bucket": settings.NTRL_BODIES_BUCKET or None,
            "total_articles_ingested": held.articles_ingested,
            "total_articles_neutralized": held.articles_neutralized,
            "total_sources": held.sources,
            "latest_pipeline_run": run,
            "thresholds": status.thresholds(),
            "llm_cost_today": status.cost_of(status.today()),
            "narratives": metrics | {"most_per_nucleus": nuclei},
            **status.keys_set(),
            **status.last_runs(),
        }
        return Response(StatusSerializer(document).data)
