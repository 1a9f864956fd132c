"""Runs, claims and the audit trail in the admin: to be read, not changed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from ntrl.stages.models import Claim, PipelineLog, StageRun


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Rows that only runs write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one by hand."""
        return False


@admin.register(StageRun)
class StageRunAdmin(ReadOnlyAdmin):
    """What each worker did."""

    list_display = ["started_at", "stage", "status", "counts", "duration_ms", "reason", "trace_id"]
    list_filter = ["stage", "status"]
    search_fields = ["trace_id"]
    date_hierarchy = "started_at"


@admin.register(PipelineLog)
class PipelineLogAdmin(ReadOnlyAdmin):
    """The audit trail."""

    list_display = ["finished_at", "stage", "status", "failure_reason", "item_key", "duration_ms", "trace_id"]
    list_filter = ["stage", "status", "failure_reason"]
    search_fields = ["item_key", "trace_id", "entry_url"]
    show_full_result_count = False


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    """Items in hand, and items that failed and wait."""

    list_display = ["stage", "item_key", "failure_kind", "reason", "attempts", "next_attempt_at", "owner"]
    list_filter = ["stage", "failure_kind"]
    search_fields = ["item_key", "reason"]
