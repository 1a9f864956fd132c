"""What the readers' pages read: rendered briefs, and public stories with their phrases and differences."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Max, Min, Q

from briefs.models import DailyBrief
from neutralization.models import StoryNeutralized, TransparencySpan
from neutralization.redline import Redline


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest days before and after one that have a brief."""

    previous: date | None
    next: date | None


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
