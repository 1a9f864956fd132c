"""Pipeline runs, alerts and clusters in the admin."""

from django.contrib import admin

from ntrl.pipeline.models import Alert, AlertMessage, Cluster, PipelineRunSummary
from ntrl.stages.admin import ReadOnlyAdmin


@admin.register(PipelineRunSummary)
class PipelineRunSummaryAdmin(ReadOnlyAdmin):
    """One row per run."""

    list_display = [
        "started_at",
        "status",
        "trigger",
        "brief_story_count",
        "alerts",
        "reason",
        "notice",
        "duration_ms",
        "trace_id",
    ]
    list_filter = ["status", "trigger"]
    search_fields = ["trace_id"]
    date_hierarchy = "started_at"


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """What is wrong, and what was."""

    list_display = ["code", "raised_at", "cleared_at", "raised_by", "cleared_by"]
    list_filter = ["code"]
    date_hierarchy = "raised_at"


@admin.register(AlertMessage)
class AlertMessageAdmin(ReadOnlyAdmin):
    """Whether people have been told."""

    list_display = ["created_at", "alert", "event", "channel", "status", "attempts", "sent_at", "error"]
    list_filter = ["status", "channel"]
    list_select_related = ["alert"]


@admin.register(Cluster)
class ClusterAdmin(ReadOnlyAdmin):
    """Who works off the queue."""

    list_display = ["key", "owner", "started_at", "heartbeat_at"]
