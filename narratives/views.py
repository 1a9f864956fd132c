"""The readers' pages of narratives: the list by state, and one narrative with its timeline, stories and history."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from narratives import selectors
from narratives.chart import draw
from narratives.facts.selectors import facts_of
from narratives.lifecycle import State
from narratives.models import EventKind, Narrative, NarrativeEvent

PAGE_MAX_AGE_SECONDS = 60
NARRATIVES_OF_A_PAGE = 100
# A state in words that say what a reader may expect.
TOLD_STATES = {
    State.HOT: "Much is written about it now",
    State.RISING: "More is written about it each day",
    State.EMERGING: "It is new, or little is written about it",
    State.COOLING: "Nothing new for three days",
    State.DORMANT: "Nothing new for a week",
}
TOLD_EVENTS = {
    EventKind.CREATED: "The first story came in",
    EventKind.REACTIVATED: "It came back after a week or more of silence",
    EventKind.MERGED: "It was merged with “{other_title}”",
    EventKind.UNMERGED: "It was parted from “{other_title}”",
    EventKind.SPLIT: "A story was moved by an editor",
    EventKind.FOCUS_BACKFILLED: "What it is about was filled in",
    EventKind.EDITED: "An editor changed it",
}


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a page be read only, cached for a minute by anyone, and asked for again by its ETag."""
    return require_safe(conditional_page(cache_control(public=True, max_age=PAGE_MAX_AGE_SECONDS)(view)))


@public_page
def by_state(request: HttpRequest) -> HttpResponse:
    """The narratives, by state."""
    sections = [{"section": section, "told": TOLD_STATES[section.state]} for section in selectors.sections()]
    return render(request, "narratives/list.html", {"sections": sections})


@public_page
def of_state(request: HttpRequest, state: str) -> HttpResponse:
    """All narratives of one state, page by page."""
    if state not in TOLD_STATES:
        raise Http404
    page = Paginator(selectors.of_state(State(state)), NARRATIVES_OF_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "narratives/of_state.html", {"state": state, "told": TOLD_STATES[State(state)], "page": page}
    )


@public_page
def detail(request: HttpRequest, narrative_id: UUID) -> HttpResponse:
    """One narrative; a merged one leads to its survivor, for as long as nobody undoes the merge."""
    narrative = selectors.narrative(narrative_id)
    if narrative is None:
        raise Http404
    if narrative.merged_into_id is not None:
        return HttpResponseRedirect(reverse("narratives:detail", args=[narrative.merged_into_id]))
    gone = selectors.gone_into(narrative)
    context: dict[str, Any] = {
        "narrative": narrative,
        "state_told": TOLD_STATES[State(narrative.state)],
        "chart": draw(narrative.timeline_data),
        "snapshots": [_snapshot(each) for each in (narrative, *gone) if each.snapshot],
        "stories": (stories := list(selectors.public_stories(narrative))),
        "stories_are_cut": len(stories) == selectors.STORIES_SHOWN,
        "also_known_as": selectors.also_known_as(narrative, gone),
        "facts": facts_of(narrative),
        "history": [{"at": event.at, "told": tell(event)} for event in selectors.history(narrative)],
    }
    return render(request, "narratives/narrative.html", context)


def _snapshot(narrative: Narrative) -> dict[str, Any]:
    """What another system counted, of articles that are not ours, for a narrative that was taken over from it."""
    kept = narrative.snapshot
    dates = {name: datetime.fromisoformat(kept[name]) for name in ("first_at", "last_at")}
    return {
        **kept,
        **dates,
        "of": narrative.shown_title,
        "name": f"before-{narrative.pk}",
        "chart": draw(kept["timeline_data"]),
    }


def tell(event: NarrativeEvent) -> str:
    """An event in words."""
    kind, detail = EventKind(event.kind), event.detail
    if kind == EventKind.CREATED and "imported_id" in detail:
        return "It was taken over from another system"
    if kind == EventKind.STATE_CHANGED:
        return f"From {detail.get('from', '?')} to {detail.get('to', '?')}"
    if kind == EventKind.REACTIVATED and detail.get("by_hand"):
        return "An editor woke it"
    return TOLD_EVENTS[kind].replace("{other_title}", str(detail.get("other_title", "another")))
