"""What the readers' pages read: rendered briefs, public stories, and the bodies that stories were made from."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Max, Min, Q

from briefs.models import DailyBrief
from ingestion.models import StoryBody
from neutralization.models import StoryNeutralized, TransparencySpan
from neutralization.redline import Redline
from ntrl.bodies import BodyError, BodyMissing, BodyUnavailable, get_body


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest days before and after one that have a brief."""

    previous: date | None
    next: date | None


class OriginalState(StrEnum):
    """Whether the original can be shown; `unreachable` may change by itself."""

    KEPT = "kept"
    GONE = "gone"
    DAMAGED = "damaged"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class OriginalText:
    """A body as published, "" when it can't be shown; `expired_at` is when it was removed, where that is known."""

    text: str = ""
    state: OriginalState = OriginalState.KEPT
    expired_at: datetime | None = None


def current_brief() -> dict[str, Any] | None:
    """The current brief as it was rendered, None when there is none yet. One query."""
    return DailyBrief.objects.filter(is_current=True).values_list("rendered", flat=True).first()


def brief_of(day: date) -> dict[str, Any] | None:
    """The last brief stored for a day, as it was rendered. One query."""
    briefs = DailyBrief.objects.filter(brief_date=day)
    # The current one first: one that waited its turn may bear an earlier time than the one before it.
    return briefs.order_by("-is_current", "-assembled_at").values_list("rendered", flat=True).first()


def neighbours(day: date) -> Neighbours:
    """The days to leaf to from `day`. One query."""
    days = DailyBrief.objects.aggregate(
        previous=Max("brief_date", filter=Q(brief_date__lt=day)),
        next=Min("brief_date", filter=Q(brief_date__gt=day)),
    )
    return Neighbours(**days)


def public_story(story_id: UUID) -> StoryNeutralized | None:
    """The version of a story that readers are shown, with its story and source; None when there is none. One query."""
    return StoryNeutralized.objects.filter(story_id=story_id, is_current=True).select_related("story__source").first()


def spans_of(version: StoryNeutralized) -> list[TransparencySpan]:
    """The accepted spans, in the order of the text. One query."""
    return list(version.spans.order_by("position"))


def redline_of(version: StoryNeutralized) -> Redline | None:
    """The differences of detail_full from its body, None where they were not recorded. No query."""
    return None if version.redline is None else Redline.from_rows(version.redline)


def original_text(version: StoryNeutralized) -> OriginalText:
    """The body that a version was made from, which need not be the story's newest. One query."""
    body = StoryBody.objects.filter(story_id=version.story_id, version=version.body_version).first()
    if body is None:
        return OriginalText(state=OriginalState.GONE)
    if body.expired_at is not None:
        return OriginalText(state=OriginalState.GONE, expired_at=body.expired_at)
    try:
        return OriginalText(get_body(body.uri, body.content_hash))
    except BodyMissing:
        return OriginalText(state=OriginalState.GONE)
    except BodyUnavailable:
        return OriginalText(state=OriginalState.UNREACHABLE)
    except BodyError:
        return OriginalText(state=OriginalState.DAMAGED)
