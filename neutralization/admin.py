"""Neutral texts in the admin: every version with spans, edits and verdicts to read, and the desk to correct them."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from neutralization.audit import describe
from neutralization.desk import desk
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the phrases with them."""
        return super().get_queryset(request).select_related("span")


class VerdictInline(_ReadOnlyInline):
    """What the audit said, the rules that failed first."""

    model: type[Model] = AuditVerdict
    fields = readonly_fields = ("output", "rule", "passed", "found")
    verbose_name_plural = "what the audit said, text by text"
    ordering = ["passed", "output", "rule_id"]

    @admin.display(description="rule")
    def rule(self, verdict: AuditVerdict) -> str:
        """What the rule asks for, and its id."""
        description = describe(verdict.rule_id)
        return f"{description} ({verdict.rule_id})"

    @admin.display(description="evidence")
    def found(self, verdict: AuditVerdict) -> str:
        """The words that offend."""
        return "; ".join(f"“{words}”" for words in verdict.evidence) or "-"


class _ShortRows(ChangeList):
    def get_queryset(self, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        return super().get_queryset(*args, **kwargs).defer("detail_full", "detail_brief", "redline")


@admin.register(StoryNeutralized)
class StoryNeutralizedAdmin(ReadOnlyAdmin):
    """Versions of neutral texts, failed ones with their reason."""

    change_form_template = "admin/neutralization/version.html"
    list_display = [
        "story",
        "version",
        "is_current",
        "is_locked",
        "status",
        "failure_reason",
        "method",
        "feed_title",
        "created_at",
        "correct",
    ]
    list_filter = ["status", "is_current", "is_locked", "method", "has_manipulative_content", "failure_reason"]
    list_select_related = ["story"]
    search_fields = ["feed_title", "story__original_title", "story__id__exact"]
    inlines = [SpanInline, EditInline, VerdictInline]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Read no long texts for the list."""
        return _ShortRows

    def get_urls(self) -> list[URLPattern]:
        """The desk has an address for each story."""
        view = self.admin_site.admin_view(self.desk)
        return [path("desk/<uuid:story_id>/", view, name="neutralization_desk"), *super().get_urls()]

    def desk(self, request: HttpRequest, story_id: UUID) -> HttpResponse:
        """The desk, for those who may change neutral texts."""
        if not request.user.has_perm("neutralization.change_storyneutralized"):
            raise PermissionDenied
        return desk(request, story_id, site=self.admin_site)

    @admin.display(description="correct")
    def correct(self, version: StoryNeutralized) -> str:
        """Lead to the story's desk."""
        address = reverse("admin:neutralization_desk", args=[version.story_id])
        return format_html('<a href="{}">Desk<span class="visually-hidden"> of {}</span></a>', address, version.story)


@admin.register(TransparencySpan)
class TransparencySpanAdmin(ReadOnlyAdmin):
    """All spans, so that an editor can look for a phrase or a category."""

    list_display = ["original_text", "category", "action", "replacement_text", "rule_key", "neutralized"]
    list_filter = ["category", "action"]
    list_select_related = ["neutralized"]
    search_fields = ["original_text", "rule_key"]
