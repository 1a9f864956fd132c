"""Rendered briefs as the bytes that clients get: encoded once a process, and told apart without being read."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from briefs.assembly import EMPTY_MESSAGE
from briefs.models import DailyBrief, DailyBriefItem
from ntrl.stages.compiled import Statement

# Of a megabyte or two each: the current brief, and what readers leaf back to.
DOCUMENTS_KEPT = 8


@dataclass(frozen=True, slots=True)
class BriefKey:
    """Which brief. A rendered brief is never changed, so its id says what is in it."""

    id: UUID
    assembled_at: datetime


# Asked for by every reader's every look: building it would take longer than running it.
_CURRENT = Statement(lambda: DailyBrief.objects.filter(is_current=True).order_by().values_list("id", "assembled_at"))


def current_key() -> BriefKey | None:
    """The current brief; None when there is none yet. One query."""
    return next((BriefKey(*row) for row in _CURRENT.rows()), None)


def key_of(day: date) -> BriefKey | None:
    """The last brief stored for a day. One query."""
    briefs = DailyBrief.objects.filter(brief_date=day)
    # The current one first: one that waited its turn may bear an earlier time than the one before it.
    row = briefs.order_by("-is_current", "-assembled_at").values_list("id", "assembled_at").first()
    return BriefKey(*row) if row else None


def stories_since(brief_id: UUID, since: datetime) -> int:
    """How many stories of a brief were published since a time in whole seconds. One query."""
    return DailyBriefItem.objects.filter(brief=brief_id, published_at__gte=since).count()


@lru_cache(maxsize=DOCUMENTS_KEPT)
def document(brief_id: UUID, newest: int | None = None) -> bytes:
    """A brief in JSON, or of its stories only the `newest` ones. One query the first time, then none.

    Args:
        brief_id: The brief; it is there.
        newest: How many, as `stories_since` counts them, so that stories of one second are all in or all out.
    """
    rendered = DailyBrief.objects.values_list("rendered", flat=True).get(pk=brief_id)
    if newest is not None:
        rendered = only_newest(rendered, newest)
    return json.dumps(rendered, ensure_ascii=False, separators=(",", ":")).encode()


def only_newest(rendered: dict[str, Any], newest: int) -> dict[str, Any]:
    """Leave the newest stories of a rendered brief, in their sections and order; all ten sections stay."""
    times = sorted((s["published_at"] for section in rendered["sections"] for s in section["stories"]), reverse=True)
    since = times[newest - 1] if newest else "~"  # after every time
    sections = [_only_since(section, since) for section in rendered["sections"]]
    return {
        **rendered,
        "sections": sections,
        "total_stories": newest,
        "is_empty": newest == 0,
        "empty_message": None if newest else EMPTY_MESSAGE,
    }


def _only_since(section: dict[str, Any], since: str) -> dict[str, Any]:
    kept = [story for story in section["stories"] if story["published_at"] >= since]
    stories = [story | {"position": position} for position, story in enumerate(kept)]
    return section | {"stories": stories, "story_count": len(stories)}
