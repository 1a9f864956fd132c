"""Neutral texts in the admin: every version with its spans, edits and verdicts, to be read."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from neutralization.models import AuditVerdict, NeutralEdit, StoryNeutralized, TransparencySpan
from ntrl.stages.admin import ReadOnlyAdmin


class _ReadOnlyInline(admin.TabularInline[Any, StoryNeutralized]):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Versions are never changed."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Versions are never changed."""
        return False


class SpanInline(_ReadOnlyInline):
    """The accepted phrases."""

    model: type[Model] = TransparencySpan
    fields = ["start", "end", "original_text", "category", "action", "replacement_text", "rule_key"]


class EditInline(_ReadOnlyInline):
    """The changes made because of them."""

    model: type[Model] = NeutralEdit
    fields = ["start", "end", "replacement", "span"]


class VerdictInline(_ReadOnlyInline):
    """What the audit said."""

    model: type[Model] = AuditVerdict
    fields = ["rule_id", "output", "passed", "evidence"]


@admin.register(StoryNeutralized)
class StoryNeutralizedAdmin(ReadOnlyAdmin):
    """Versions of neutral texts, failed ones with their reason."""

    list_display = ["story", "version", "is_current", "status", "failure_reason", "method", "feed_title", "created_at"]
    list_filter = ["status", "is_current", "method", "has_manipulative_content", "failure_reason"]
    list_select_related = ["story"]
    search_fields = ["feed_title", "story__original_title", "story__id__exact"]
    inlines = [SpanInline, EditInline, VerdictInline]


@admin.register(TransparencySpan)
class TransparencySpanAdmin(ReadOnlyAdmin):
    """All spans, so that an editor can look for a phrase or a category."""

    list_display = ["original_text", "category", "action", "replacement_text", "rule_key", "neutralized"]
    list_filter = ["category", "action"]
    list_select_related = ["neutralized"]
    search_fields = ["original_text", "rule_key"]
