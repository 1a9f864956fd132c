"""The readers' pages: the daily brief, past briefs, a story's four views, and what NTRL is. Rendered on the server."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from briefs import selectors
from briefs.categories import TOLD, Told
from briefs.marking import Mark, Paragraph, Tag, marked_paragraphs, new_marks, numbers_shown, redlined
from neutralization.models import Method, StoryNeutralized, TransparencySpan
from neutralization.taxonomy import Category
from neutralization.types import Mode

# A correction must reach readers soon; a minute still spares the server a burst of them.
PAGE_MAX_AGE_SECONDS = 60

METHOD_NOTES = {
    Method.LEXICON: "Made by rules from the article’s own sentences, without a language model.",
    Method.EDITOR: "Made by an editor from the article’s own text.",
    Method.LLM: "Made by a language model from the article’s own text, and checked against it by rules.",
}


@dataclass(frozen=True, slots=True)
class Note:
    """A change as the page lists it; `is_marked` when the text above has a mark to lead back to."""

    number: int
    span: TransparencySpan
    category: Told
    is_marked: bool


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a page be read only, cached for a minute by anyone, and asked for again by its ETag."""
    return require_safe(conditional_page(cache_control(public=True, max_age=PAGE_MAX_AGE_SECONDS)(view)))


@public_page
def current(request: HttpRequest) -> HttpResponse:
    """The current brief, or what to do when there is none yet."""
    brief = selectors.current_brief()
    if brief is None:
        return render(request, "briefs/none_yet.html")
    return render(request, "briefs/brief.html", _brief_context(brief))


@public_page
def of_day(request: HttpRequest, day: date) -> HttpResponse:
    """The last brief of a day, with the days to leaf to."""
    brief = selectors.brief_of(day)
    if brief is None:
        raise Http404
    return render(request, "briefs/brief.html", _brief_context(brief) | {"neighbours": selectors.neighbours(day)})


@public_page
def story_brief(request: HttpRequest, story_id: UUID) -> HttpResponse:
    """A story in short."""
    version = _public_story(story_id)
    paragraphs = marked_paragraphs(version.detail_brief)
    return _story_page(request, "briefs/story_brief.html", version, paragraphs)


@public_page
def story_full(request: HttpRequest, story_id: UUID) -> HttpResponse:
    """A story's full neutral text, with the places that differ from the original marked."""
    version = _public_story(story_id)
    redline = selectors.redline_of(version)
    # Nothing of an article written anew is a place that differs: its changes have a page of their own.
    changes = () if redline is None or version.mode == Mode.SYNTHESIS else redline.changes
    paragraphs = marked_paragraphs(version.detail_full, new_marks(changes))
    notes = _notes(selectors.spans_of(version), paragraphs)
    return _story_page(request, "briefs/story_full.html", version, paragraphs, notes=notes, redline=redline)


@public_page
def story_changes(request: HttpRequest, story_id: UUID) -> HttpResponse:
    """A story's redline: its full text with every word that went and came, each change leading to its reason."""
    version = _public_story(story_id)
    redline = selectors.redline_of(version)
    paragraphs = marked_paragraphs(*redlined(version.detail_full, redline.changes if redline else ()))
    notes = _notes(selectors.spans_of(version), paragraphs)
    return _story_page(request, "briefs/story_changes.html", version, paragraphs, notes=notes, redline=redline)


@public_page
def story_original(request: HttpRequest, story_id: UUID) -> HttpResponse:
    """The article's own text with every accepted span marked; only the list of spans when the text is gone."""
    version = _public_story(story_id)
    original = selectors.original_text(version)
    spans = selectors.spans_of(version)
    marks = [Mark(span.start, span.original_text, Tag.PHRASE, (span.position + 1,)) for span in spans]
    paragraphs = marked_paragraphs(original.text, marks)
    notes = _notes(spans, paragraphs)
    return _story_page(request, "briefs/story_original.html", version, paragraphs, notes=notes, original=original)


@public_page
def about(request: HttpRequest) -> HttpResponse:
    """How NTRL works, and the categories of manipulation it knows."""
    return render(request, "briefs/about.html", {"categories": TOLD.values()})


def _brief_context(brief: dict[str, Any]) -> dict[str, Any]:
    """A rendered brief with its times as times, for templates to write in their own way."""
    sections = [
        section | {"stories": [story | {"published_at": _time(story["published_at"])} for story in section["stories"]]}
        for section in brief["sections"]
    ]
    return {
        "brief": brief,
        "day": date.fromisoformat(brief["brief_date"]),
        "assembled_at": _time(brief["assembled_at"]),
        "sections": sections,
        "category_count": sum(1 for section in sections if section["stories"]),
    }


def _time(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def _public_story(story_id: UUID) -> StoryNeutralized:
    version = selectors.public_story(story_id)
    if version is None:
        raise Http404
    return version


def _story_page(
    request: HttpRequest, template: str, version: StoryNeutralized, paragraphs: list[Paragraph], **more: Any
) -> HttpResponse:
    context = {
        "version": version,
        "story": version.story,
        "original_url": _web_address(version.story.original_url),
        "method_note": METHOD_NOTES[Method(version.method)],
        "is_synthesis": version.mode == Mode.SYNTHESIS,
        "paragraphs": paragraphs,
    }
    return render(request, template, context | more)


def _notes(spans: Iterable[TransparencySpan], paragraphs: Iterable[Paragraph]) -> list[Note]:
    marked = numbers_shown(paragraphs)
    return [Note(span.position + 1, span, TOLD[Category(span.category)], span.position + 1 in marked) for span in spans]


def _web_address(url: str) -> str:
    """Return an address that is safe to link to, "" when it is not one of the web."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""
