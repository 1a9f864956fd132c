"""Pipeline runs in the admin."""

from django.contrib import admin

from ntrl.pipeline.models import PipelineRunSummary
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
