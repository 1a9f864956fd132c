"""Calls, money set aside and alerts in the admin: to be read, with a page of costs."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from ntrl.llm.models import LLMAlert, LLMCall, Reservation
from ntrl.llm.prices import NOTHING
from ntrl.llm.spending import cost_table, set_aside
from ntrl.stages.admin import ReadOnlyAdmin


@admin.register(LLMCall)
class LLMCallAdmin(ReadOnlyAdmin):
    """The calls, and above their list a link to the costs."""

    change_list_template = "admin/llm/llmcall/change_list.html"
    list_display = [
        "created_at",
        "operation",
        "provider",
        "model",
        "outcome",
        "error_class",
        "tokens_input",
        "tokens_output",
        "cost_usd",
        "latency_ms",
    ]
    list_filter = ["operation", "provider", "model", "outcome", "error_class"]
    search_fields = ["trace_id", "=story_id", "=narrative_id"]
    date_hierarchy = "created_at"
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        """Add the page of costs."""
        costs = path("costs/", self.admin_site.admin_view(self.costs), name="llm_llmcall_costs")
        return [costs, *super().get_urls()]

    def costs(self, request: HttpRequest) -> TemplateResponse:
        """Show the cost by day, operation and model."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = cost_table()
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": "What language models have cost",
            "opts": self.opts,
            "rows": rows,
            "spent": sum((row.cost_usd for row in rows), NOTHING),
            "set_aside": set_aside(),
        }
        return TemplateResponse(request, "admin/llm/llmcall/costs.html", context)


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    """Money set aside."""

    list_display = ["created_at", "stage", "item_key", "amount_usd", "owner", "trace_id"]
    list_filter = ["stage"]
    search_fields = ["trace_id", "item_key"]


@admin.register(LLMAlert)
class LLMAlertAdmin(ReadOnlyAdmin):
    """Alerts."""

    list_display = ["created_at", "code", "subject", "detail", "trace_id"]
    list_filter = ["code"]
    search_fields = ["trace_id"]
