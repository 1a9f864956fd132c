"""The desk: one story's original and neutral text side by side, and what an editor may do about them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from ingestion.models import StoryRaw
from neutralization.corrections import Refused
from neutralization.desk_forms import SPANS_A_PAGE, AdditionForm, SpanForm, TextsForm, corrections_of
from neutralization.editing import Corrected, StaleVersion, correct_story, make_anew, restore_version
from neutralization.models import StoryNeutralized
from neutralization.selectors import basis_of, body_of, history_of, version_to_correct
from neutralization.sheet import Sheet
from neutralization.types import Mode

# To make a rule, and to switch one on again.
RULE_PERMISSIONS = ("rules.add_rule", "rules.change_rule")


def desk(request: HttpRequest, story_id: UUID, *, site: AdminSite) -> HttpResponse:
    """Show a story's version to correct; take corrections, a version to show again, or the wish for a new run.

    The caller has checked that the user may change neutral texts.
    """
    story = get_object_or_404(StoryRaw.objects.select_related("source"), pk=story_id)
    base = _named_version(request, story) if request.method == "POST" else version_to_correct(story.pk)
    sheet = _sheet(request, base) if base else None
    problems: list[str] = []
    status = 200
    if request.method == "POST":
        try:
            corrected = _carry_out(request, story, sheet)
        except Refused as refusal:
            status = 409 if isinstance(refusal, StaleVersion) else 200
            if sheet:
                sheet.refuse(refusal)
            else:
                problems.append(str(refusal))
        else:
            if corrected is not None:
                _tell(request, corrected)
                return HttpResponseRedirect(request.get_full_path())
    context = {
        **site.each_context(request),
        "title": f"Neutral text of “{story.original_title or story.original_url}”",
        "opts": StoryNeutralized._meta,
        "story": story,
        "sheet": sheet,
        "problems": problems,
        "history": history_of(story.pk),
        "is_stale": status == 409,
        **_paging(request, sheet),
    }
    return TemplateResponse(request, "admin/neutralization/desk.html", context, status=status)


def _carry_out(request: HttpRequest, story: StoryRaw, sheet: Sheet | None) -> Corrected | None:
    """Do what a button asks for; None when the forms are not filled in right."""
    editor: Any = request.user
    if "make_anew" in request.POST:
        return make_anew(story_id=story.pk, base=sheet.base if sheet else None, editor=editor)
    if sheet is None:
        raise BadRequest("no version is named")
    if "show_again" in request.POST:
        number = request.POST["show_again"]
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise BadRequest("a version has a number")
        return restore_version(base=sheet.base, version=int(number), editor=editor)
    corrections = corrections_of(sheet.span_forms, sheet.addition, sheet.texts)
    if corrections is None:
        return None
    return correct_story(base=sheet.base, corrections=corrections, editor=editor)


def _named_version(request: HttpRequest, story: StoryRaw) -> StoryNeutralized | None:
    """The version that the form was made of, which need not be the newest any more."""
    named = request.POST.get("base", "")
    if not named:
        return None
    try:
        key = UUID(named)
    except ValueError:
        raise BadRequest("the version's id is none") from None
    version = StoryNeutralized.objects.filter(pk=key, story=story).select_related("story__source").first()
    if version is None:
        raise BadRequest("no such version of this story")
    return version


def _sheet(request: HttpRequest, base: StoryNeutralized) -> Sheet:
    body = body_of(base)
    basis = basis_of(base, body.text)
    is_correction = request.method == "POST" and not {"make_anew", "show_again"} & request.POST.keys()
    data = request.POST if is_correction else None
    user: Any = request.user
    may_exempt = user.has_perms(RULE_PERMISSIONS)
    first = _first_span(request)
    can_change = body.text is not None and basis.mode is Mode.SPAN_GUIDED and bool(base.detail_full)
    forms = [
        SpanForm(data, position=position, span=span, may_exempt=may_exempt)
        for position, span in enumerate(basis.spans)
        if can_change and first <= position < first + SPANS_A_PAGE
    ]
    addition = AdditionForm(data, body=body.text or "") if can_change else None
    return Sheet(base, body, basis, forms, addition, TextsForm(data, basis=basis))


def _first_span(request: HttpRequest) -> int:
    page = request.GET.get("page", "")
    return (max(int(page), 1) - 1) * SPANS_A_PAGE if page.isascii() and page.isdigit() and len(page) < 6 else 0


def _paging(request: HttpRequest, sheet: Sheet | None) -> dict[str, Any]:
    count = len(sheet.basis.spans) if sheet else 0
    return {
        "page": _first_span(request) // SPANS_A_PAGE + 1,
        "pages": range(1, (max(count, 1) - 1) // SPANS_A_PAGE + 2),
    }


def _tell(request: HttpRequest, corrected: Corrected) -> None:
    version = corrected.version
    lock = "Runs leave it alone." if version.is_locked else "It is not locked: runs may replace it."
    messages.success(request, f"Version {version.version} is shown now. {lock}")
    if corrected.rules:
        links = format_html_join(
            ", ",
            '<a href="{}">{}</a>',
            ((reverse("admin:rules_rule_change", args=[r.pk]), r.key) for r in corrected.rules),
        )
        messages.success(request, format_html("Later runs leave it alone by the rule {}.", links))
