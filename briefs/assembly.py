"""Which stories make a brief, in which order, and why the others don't. Pure: same stories in, same brief out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from classification.taxonomy import FeedCategory

EMPTY_MESSAGE = "There are no stories in this brief yet."


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story as the brief sees it. `neutralized_id` and the texts are those of its current successful version."""

    story_id: UUID
    source_name: str
    source_priority: int
    source_url: str
    publisher_url: str
    published_at: datetime
    ingested_at: datetime
    feed_category: str
    classification_failure: str
    is_duplicate: bool
    duplicate_of: UUID | None
    neutralized_id: UUID | None
    latest_status: str
    latest_failure: str
    feed_title: str
    feed_summary: str
    detail_title: str
    detail_brief: str
    detail_full: str
    disclosure: str
    has_manipulative_content: bool
    change_count: int

    @property
    def time(self) -> datetime:
        """When it was published, as far as the brief is concerned: never later than it reached us."""
        return min(self.published_at, self.ingested_at)


@dataclass(frozen=True, slots=True)
class Section:
    """One of the ten categories with its stories, in order."""

    category: FeedCategory
    stories: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a story is not in the brief."""

    story_id: UUID
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Assembly:
    """All ten sections in the brief's order, and the stories left out."""

    sections: tuple[Section, ...]
    exclusions: tuple[Exclusion, ...]

    @property
    def total_stories(self) -> int:
        """How many stories the brief holds."""
        return sum(len(section.stories) for section in self.sections)

    @property
    def section_count(self) -> int:
        """How many sections hold a story."""
        return sum(bool(section.stories) for section in self.sections)


def assemble(candidates: Iterable[Candidate], *, cutoff_time: datetime) -> Assembly:
    """Sort stories into the ten sections: newest first, then by the source's priority, then by id."""
    chosen: dict[str, list[Candidate]] = {category: [] for category in FeedCategory}
    exclusions: list[Exclusion] = []
    for candidate in candidates:
        left_out = why_left_out(candidate, cutoff_time=cutoff_time)
        if left_out is None:
            chosen[candidate.feed_category].append(candidate)
        else:
            exclusions.append(left_out)
    sections = tuple(Section(category, _in_order(chosen[category])) for category in FeedCategory)
    return Assembly(sections, tuple(sorted(exclusions, key=lambda exclusion: str(exclusion.story_id))))


def why_left_out(candidate: Candidate, *, cutoff_time: datetime) -> Exclusion | None:
    """Give the first reason that keeps a story out; None when it qualifies."""
    story_id = candidate.story_id
    if candidate.is_duplicate:
        return Exclusion(story_id, "duplicate", f"duplicate of {candidate.duplicate_of}")
    if candidate.time < cutoff_time:
        return Exclusion(story_id, "older_than_cutoff", f"published {candidate.time:%Y-%m-%d %H:%M} UTC")
    if candidate.neutralized_id is None:
        if not candidate.latest_status:
            return Exclusion(story_id, "not_neutralized", "waits for a neutralization run")
        return Exclusion(story_id, candidate.latest_status, candidate.latest_failure)
    if not candidate.feed_category:
        why = candidate.classification_failure
        return Exclusion(story_id, "not_classified", why or "waits for a classification run")
    return None


def render(
    assembly: Assembly, *, brief_id: UUID, brief_date: str, cutoff_time: datetime, assembled_at: datetime
) -> dict[str, Any]:
    """Build the document that readers and clients get: the body of `GET /v1/brief`, field by field."""
    return {
        "id": str(brief_id),
        "brief_date": brief_date,
        "cutoff_time": iso(cutoff_time),
        "assembled_at": iso(assembled_at),
        "sections": [_render_section(order, section) for order, section in enumerate(assembly.sections)],
        "total_stories": assembly.total_stories,
        "is_empty": assembly.total_stories == 0,
        "empty_message": EMPTY_MESSAGE if assembly.total_stories == 0 else None,
    }


def iso(moment: datetime) -> str:
    """Write a UTC time as ISO 8601 with Z, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _in_order(stories: Sequence[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(stories, key=lambda one: (-one.time.timestamp(), one.source_priority, str(one.story_id))))


def _render_section(order: int, section: Section) -> dict[str, Any]:
    return {
        "name": section.category.value,
        "display_name": section.category.display_name,
        "order": order,
        "story_count": len(section.stories),
        "stories": [_render_story(position, story) for position, story in enumerate(section.stories)],
    }


def _render_story(position: int, story: Candidate) -> dict[str, Any]:
    return {
        "id": str(story.story_id),
        "feed_title": story.feed_title,
        "feed_summary": story.feed_summary,
        "source_name": story.source_name,
        "source_url": story.source_url,
        "publisher_url": story.publisher_url,
        "published_at": iso(story.time),
        "has_manipulative_content": story.has_manipulative_content,
        "change_count": story.change_count,
        "position": position,
        "detail_title": story.detail_title,
        "detail_brief": story.detail_brief,
        "detail_full": story.detail_full,
        "disclosure": story.disclosure or None,
    }
