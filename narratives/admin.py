"""Narratives in the admin: editors rename, lock, merge, part, move and wake them, each after a preview."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from narratives.consolidation import Live, survivor_first
from narratives.forms import EntityAliasForm, MoveForm, NarrativeForm
from narratives.models import (
    EntityAlias,
    Narrative,
    NarrativeEvent,
    NarrativeMembership,
    StoryFingerprint,
)
from narratives.rules_in_force import load_identity
from narratives.services import editing
from narratives.services.merging import CannotMerge
from ntrl.rules.loader import RuleFileError
from ntrl.stages.admin import ReadOnlyAdmin

# Of an inline; the rest is on the list of memberships.
_ROWS_SHOWN = 100


class _ReadOnlyInline(admin.TabularInline[Any, Narrative]):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Services write these."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Services write these."""
        return False


class MembershipInline(_ReadOnlyInline):
    """Why each story is here."""

    model: type[Model] = NarrativeMembership
    fields = ["story", "reason", "components", "is_locked", "published_at"]
    ordering = ["-published_at"]
    verbose_name_plural = f"stories (the latest {_ROWS_SHOWN})"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The latest, with their titles."""
        narrative = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
        rows = super().get_queryset(request).select_related("story")
        latest = rows.filter(narrative=narrative).order_by("-published_at").values("pk")[:_ROWS_SHOWN]
        return rows.filter(pk__in=list(latest.values_list("pk", flat=True)))


class EventInline(_ReadOnlyInline):
    """What happened."""

    model: type[Model] = NarrativeEvent
    fields = ["at", "kind", "detail", "by"]
    ordering = ["-at"]


def confirm(
    request: HttpRequest,
    model_admin: admin.ModelAdmin[Any],
    *,
    title: str,
    lines: Sequence[str],
    hidden: Sequence[tuple[str, str]],
    form: forms.Form | None = None,
) -> TemplateResponse:
    """The page between asking for a change and doing it: what it would do. `hidden` is sent again with the answer."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "lines": lines,
        "hidden": hidden,
        "form": form,
        "media": model_admin.media + (form.media if form else forms.Media()),
        "opts": model_admin.opts,
        "can_confirm": bool(lines),
    }
    return TemplateResponse(request, "admin/narratives/confirm.html", context)


def _action(name: str, chosen: Sequence[Model]) -> list[tuple[str, str]]:
    """What names an admin action and the rows it is for."""
    return [("action", name), *(("_selected_action", str(each.pk)) for each in chosen)]


@admin.register(Narrative)
class NarrativeAdmin(admin.ModelAdmin[Narrative]):
    """The narratives, tombstones among them."""

    form = NarrativeForm
    list_display = [
        "shown_title",
        "state",
        "article_count",
        "last_article_at",
        "is_locked",
        "merged_into",
    ]
    list_filter = ["state", "is_locked", "theme"]
    list_select_related = ["merged_into"]
    search_fields = ["title", "nucleus_entity", "narrative_focus", "id__exact"]
    show_full_result_count = False
    ordering = ["-last_article_at", "pk"]
    readonly_fields = [
        "nucleus_entity",
        "actors",
        "actions_told",
        "state",
        "merged_into",
        "theme",
        "article_count",
        "velocity",
        "reactivated_count",
        "who",
        "days",
        "summary",
        "first_detected_at",
        "last_article_at",
        "imported_id",
        "counted_elsewhere",
    ]
    fields = ["title", "narrative_focus", "is_locked", *readonly_fields]
    inlines = [MembershipInline, EventInline]
    actions = ["merge_chosen", "unmerge_chosen", "reactivate_chosen"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Stories found narratives."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A narrative that should not be is merged."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what a changed title, focus or lock would do, before it is saved."""
        if request.method == "POST" and "confirmed" not in request.POST:
            narrative = self.get_object(request, object_id)
            form = self.get_form(request, narrative, change=True)(request.POST, instance=narrative)
            if narrative is not None and form.is_valid() and form.changed_data:
                before = Narrative.objects.get(pk=narrative.pk)
                lines = editing.preview_edit(narrative=before, **form.cleaned_data)
                hidden = [(name, value) for name, values in request.POST.lists() for value in values]
                hidden = [pair for pair in hidden if pair[0] != "csrfmiddlewaretoken"]
                return confirm(request, self, title=f"Change “{before}”", lines=lines, hidden=hidden)
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Narrative, form: Any, change: bool) -> None:
        """Write each change through its service, which keeps the history."""
        narrative, values = Narrative.objects.get(pk=obj.pk), form.cleaned_data
        editing.rename(narrative=narrative, title=values["title"], by=request.user)
        editing.set_lock(narrative=narrative, is_locked=values["is_locked"], by=request.user)
        if values["narrative_focus"] != narrative.narrative_focus:
            editing.set_focus(narrative=narrative, focus=values["narrative_focus"], by=request.user)

    @admin.display(description="top actors")
    def actors(self, narrative: Narrative) -> str:
        """The founding story's others."""
        return ", ".join(narrative.top_actors)

    @admin.display(description="key actions")
    def actions_told(self, narrative: Narrative) -> str:
        """The founding story's verbs."""
        return ", ".join(narrative.key_actions)

    @admin.display(description="entities")
    def who(self, narrative: Narrative) -> str:
        """Who its stories name most."""
        return ", ".join(narrative.entities)

    @admin.display(description="timeline")
    def days(self, narrative: Narrative) -> str:
        """Articles by day."""
        return _days(narrative.timeline_data)

    @admin.display(description="counted elsewhere")
    def counted_elsewhere(self, narrative: Narrative) -> str:
        """What the system that it came from said of it: no article of this is here."""
        kept = narrative.snapshot
        if not kept:
            return ""
        return f"“{kept['title']}”, {kept['state']}: {kept['article_count']} articles; {_days(kept['timeline_data'])}"

    @admin.action(description="Merge into the one with the most stories…", permissions=["change"])
    def merge_chosen(self, request: HttpRequest, queryset: QuerySet[Narrative]) -> HttpResponse | None:
        """Merge the chosen narratives."""
        chosen = list(queryset)
        # What was shown is what is done, whatever came in since.
        shown = request.POST.get("survivor")
        survivor = next((each for each in chosen if str(each.pk) == shown), None) or _survivor(chosen)
        losers = [narrative for narrative in chosen if narrative != survivor]
        if not losers:
            self.message_user(request, "Choose two narratives or more.", messages.ERROR)
            return None
        return self._do(
            request,
            "merge_chosen",
            chosen,
            preview=lambda: editing.preview_merge(survivor=survivor, losers=losers),
            work=lambda: editing.merge(survivor=survivor, losers=losers, by=request.user),
            hidden=[("survivor", str(survivor.pk))],
        )

    @admin.action(description="Undo the merge…", permissions=["change"])
    def unmerge_chosen(self, request: HttpRequest, queryset: QuerySet[Narrative]) -> HttpResponse | None:
        """Bring the chosen tombstones back."""
        chosen = list(queryset)
        return self._do(
            request,
            "unmerge_chosen",
            chosen,
            preview=lambda: [editing.preview_unmerge(loser=loser) for loser in chosen],
            work=lambda: [editing.unmerge(loser=loser, by=request.user) for loser in chosen],
        )

    @admin.action(description="Wake dormant ones…", permissions=["change"])
    def reactivate_chosen(self, request: HttpRequest, queryset: QuerySet[Narrative]) -> HttpResponse | None:
        """Wake the chosen narratives."""
        chosen = list(queryset)
        return self._do(
            request,
            "reactivate_chosen",
            chosen,
            preview=lambda: [editing.preview_reactivate(narrative=narrative) for narrative in chosen],
            work=lambda: [editing.reactivate(narrative=narrative, by=request.user) for narrative in chosen],
        )

    def _do(
        self,
        request: HttpRequest,
        action: str,
        chosen: Sequence[Narrative],
        *,
        preview: Callable[[], list[str]],
        work: Callable[[], object],
        hidden: Sequence[tuple[str, str]] = (),
    ) -> HttpResponse | None:
        try:
            lines = preview()
            if "confirmed" not in request.POST:
                return confirm(
                    request, self, title="Are you sure?", lines=lines, hidden=[*_action(action, chosen), *hidden]
                )
            work()
        except (CannotMerge, editing.CannotEdit) as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, f"Done: {'; '.join(lines)}.")
        return None


@admin.register(NarrativeMembership)
class NarrativeMembershipAdmin(ReadOnlyAdmin):
    """Which story is where and why; an editor moves a story from here."""

    list_display = ["story", "narrative", "reason", "components", "is_locked", "published_at"]
    list_filter = ["reason", "is_locked"]
    list_select_related = ["story", "narrative"]
    search_fields = ["story__original_title", "story__id__exact", "narrative__id__exact", "narrative__nucleus_entity"]
    show_full_result_count = False
    actions = ["move_chosen"]

    @admin.action(description="Move to another narrative…", permissions=["view"])
    def move_chosen(self, request: HttpRequest, queryset: QuerySet[NarrativeMembership]) -> HttpResponse | None:
        """Ask where to, show what would happen, then do it."""
        if not request.user.has_perm("narratives.change_narrative"):
            self.message_user(request, "You may not change narratives.", messages.ERROR)
            return None
        chosen, asked = list(queryset), "target" in request.POST
        form = MoveForm(request.POST if asked else None)
        lines: list[str] = []
        if asked and form.is_valid():
            target = form.cleaned_data["target"]
            try:
                lines = [editing.preview_move(story_id=each.story_id, target=target) for each in chosen]
                if "confirmed" in request.POST:
                    for each in chosen:
                        editing.move_story(story_id=each.story_id, target=target, by=request.user)
                    self.message_user(request, f"Done: {'; '.join(lines)}.")
                    return None
            except editing.CannotEdit as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
                return None
        elif asked:  # a fresh one: the field can't show an id that is none
            self.message_user(request, "That is not a valid narrative to move stories to.", messages.ERROR)
            form = MoveForm()
        hidden = _action("move_chosen", chosen)
        return confirm(request, self, title="Move stories", lines=lines, hidden=hidden, form=form)


@admin.register(StoryFingerprint)
class StoryFingerprintAdmin(ReadOnlyAdmin):
    """How stories were read, failures with their reason."""

    list_display = ["story", "nucleus_entity", "narrative_focus", "status", "failure_reason", "method", "timestamp"]
    list_filter = ["status", "failure_reason", "method"]
    list_select_related = ["story"]
    search_fields = ["story__original_title", "story__id__exact", "nucleus_entity", "narrative_focus"]
    exclude = ["terms"]
    show_full_result_count = False


@admin.register(EntityAlias)
class EntityAliasAdmin(admin.ModelAdmin[EntityAlias]):
    """The editors' aliases, over those that ship; the next detection or consolidation uses them."""

    form = EntityAliasForm
    list_display = ["alias", "entity", "is_enabled", "note", "created_at"]
    list_filter = ["is_enabled"]
    search_fields = ["alias", "entity"]

    def save_model(self, request: HttpRequest, obj: EntityAlias, form: Any, change: bool) -> None:
        """Say so when the rules can't be used as they are now."""
        super().save_model(request, obj, form, change)
        try:
            load_identity()
        except RuleFileError as problem:
            self.message_user(request, str(problem), messages.WARNING)


def _days(timeline: Sequence[dict[str, Any]]) -> str:
    return ", ".join(f"{day['date']}: {day['article_count']}" for day in timeline)


def _survivor(chosen: Sequence[Narrative]) -> Narrative:
    """The one that consolidation would keep."""
    survivor = chosen[0]
    for other in chosen[1:]:
        first, _ = survivor_first(_live(survivor), _live(other))
        survivor = survivor if first.id == survivor.pk else other
    return survivor


def _live(narrative: Narrative) -> Live:
    return Live(narrative.pk, narrative.as_fingerprint(), narrative.article_count, narrative.first_detected_at)
