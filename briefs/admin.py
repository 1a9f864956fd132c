"""Briefs in the admin: what they held, and what was left out and why."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from briefs.models import BriefExclusion, DailyBrief, DailyBriefItem
from ntrl.stages.admin import ReadOnlyAdmin


class _ReadOnlyInline(admin.TabularInline[Any, DailyBrief]):
    extra = 0
    can_delete = False
    raw_id_fields = ["story"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only assembling writes these."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only assembling writes these."""
        return False


class ItemInline(_ReadOnlyInline):
    """The stories as they were shown."""

    model: type[Model] = DailyBriefItem
    fields = ["section", "position", "feed_title", "source_name", "published_at", "has_manipulative_content"]


class ExclusionInline(_ReadOnlyInline):
    """The stories left out."""

    model: type[Model] = BriefExclusion
    fields = ["story", "reason", "detail"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read the stories' titles with them."""
        return super().get_queryset(request).select_related("story")


@admin.register(DailyBrief)
class DailyBriefAdmin(ReadOnlyAdmin):
    """Every brief there was."""

    list_display = ["brief_date", "assembled_at", "is_current", "total_stories", "section_count", "trace_id"]
    list_filter = ["is_current"]
    date_hierarchy = "brief_date"
    exclude = ["rendered"]
    inlines = [ItemInline, ExclusionInline]
