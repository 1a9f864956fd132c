"""Narratives in the admin: editors rename, lock, merge, part, move and wake them, each after a preview."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from narratives.consolidation import Live, survivor_first
from narratives.entities import fold_name
from narratives.fingerprints import BadFingerprint, check_focus, clean_focus
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


class NarrativeForm(forms.ModelForm[Narrative]):
    """What an editor decides of a narrative."""

    class Meta:
        model = Narrative
        fields = ["title", "narrative_focus", "is_locked"]

    def clean_narrative_focus(self) -> str:
        """A focus that may stand, or the one that is there."""
        focus: str = self.cleaned_data["narrative_focus"]
        if focus == self.instance.narrative_focus:
            return focus
        focus = clean_focus(focus)
        try:
            check_focus(focus, self.instance.nucleus_entity, load_identity().identity.aliases)
        except BadFingerprint as refusal:
            raise forms.ValidationError(refusal.detail) from refusal
        return focus


class MoveForm(forms.Form):
    """Where chosen stories go."""

    target = forms.ModelChoiceField(
        Narrative.objects.filter(merged_into=None),
        widget=forms.TextInput,
        label="Narrative",
        help_text="Its id, as its page's address has it.",
    )


def confirm(
    request: HttpRequest,
    model_admin: admin.ModelAdmin[Any],
    *,
    title: str,
    lines: Sequence[str],
    chosen: Sequence[Model],
    action: str,
    form: forms.Form | None = None,
) -> TemplateResponse:
    """The page between choosing an action and doing it: what it would do."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "lines": lines,
        "chosen": chosen,
        "action": action,
        "form": form,
        "opts": model_admin.opts,
        "can_confirm": bool(lines),
    }
    return TemplateResponse(request, "admin/narratives/confirm.html", context)


@admin.register(Narrative)
class NarrativeAdmin(admin.ModelAdmin[Narrative]):
    """The narratives, tombstones among them."""

    form = NarrativeForm
    list_display = [
        "shown_title",
        "state",
        "article_count",
        "velocity",
        "theme",
        "last_article_at",
        "reactivated_count",
        "is_locked",
        "merged_into",
    ]
    list_filter = ["state", "is_locked", "theme"]
    list_select_related = ["merged_into"]
    search_fields = ["title", "nucleus_entity", "narrative_focus", "id__exact"]
    show_full_result_count = False
    readonly_fields = [
        "nucleus_entity",
        "top_actors",
        "key_actions",
        "state",
        "merged_into",
        "theme",
        "article_count",
        "velocity",
        "reactivated_count",
        "entities",
        "timeline_data",
        "summary",
        "first_detected_at",
        "last_article_at",
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

    def save_model(self, request: HttpRequest, obj: Narrative, form: Any, change: bool) -> None:
        """Write each change through its service, which keeps the history."""
        narrative, values = Narrative.objects.get(pk=obj.pk), form.cleaned_data
        editing.rename(narrative=narrative, title=values["title"], by=request.user)
        editing.set_lock(narrative=narrative, is_locked=values["is_locked"], by=request.user)
        if values["narrative_focus"] != narrative.narrative_focus:
            editing.set_focus(narrative=narrative, focus=values["narrative_focus"], by=request.user)

    @admin.action(description="Merge into the one with the most stories…", permissions=["change"])
    def merge_chosen(self, request: HttpRequest, queryset: QuerySet[Narrative]) -> HttpResponse | None:
        """Merge the chosen narratives."""
        chosen = list(queryset)
        survivor = _survivor(chosen)
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
    ) -> HttpResponse | None:
        try:
            lines = preview()
            if "confirmed" not in request.POST:
                return confirm(request, self, title="Are you sure?", lines=lines, chosen=chosen, action=action)
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
        return confirm(request, self, title="Move stories", lines=lines, chosen=chosen, action="move_chosen", form=form)


@admin.register(StoryFingerprint)
class StoryFingerprintAdmin(ReadOnlyAdmin):
    """How stories were read, failures with their reason."""

    list_display = ["story", "nucleus_entity", "narrative_focus", "status", "failure_reason", "method", "timestamp"]
    list_filter = ["status", "failure_reason", "method"]
    list_select_related = ["story"]
    search_fields = ["story__original_title", "story__id__exact", "nucleus_entity", "narrative_focus"]
    exclude = ["terms"]
    show_full_result_count = False


class EntityAliasForm(forms.ModelForm[EntityAlias]):
    """Checks an alias as it will be used."""

    class Meta:
        model = EntityAlias
        fields = ["alias", "entity", "is_enabled", "note"]

    def clean(self) -> dict[str, Any]:
        """Refuse a name without a word, one that says nothing, and one that an editor has already."""
        values = super().clean() or {}
        key, entity = fold_name(values.get("alias", "")), fold_name(values.get("entity", ""))
        if not key or not entity:
            raise forms.ValidationError("Both names need a word.")
        if key == entity:
            raise forms.ValidationError("The two names are the same already.")
        if EntityAlias.objects.filter(key=key).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("There is a row for this alias already.")
        self.instance.key = key
        return values


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


def _survivor(chosen: Sequence[Narrative]) -> Narrative:
    """The one that consolidation would keep."""
    survivor = chosen[0]
    for other in chosen[1:]:
        first, _ = survivor_first(_live(survivor), _live(other))
        survivor = survivor if first.id == survivor.pk else other
    return survivor


def _live(narrative: Narrative) -> Live:
    return Live(narrative.pk, narrative.as_fingerprint(), narrative.article_count, narrative.first_detected_at)
