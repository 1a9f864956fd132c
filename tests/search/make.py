"""Stories as a search finds them, made with few words."""

from datetime import timedelta
from typing import Any

from classification.taxonomy import FeedCategory
from ingestion.models import Source, StoryRaw
from tests.support.factories import NOON, a_story, a_version, file_under


def a_shown_story(
    title: str = "Council repairs a bridge",
    *,
    brief: str = "A brief.",
    full: str = "A full text.",
    category: FeedCategory | None = FeedCategory.WORLD,
    source: Source | None = None,
    hours_ago: float = 1,
    **fields: Any,
) -> StoryRaw:
    """A story that readers are shown, published some hours before noon; without a category it is not filed."""
    story = a_story(source, published_at=NOON - timedelta(hours=hours_ago), **fields)
    if category is not None:
        file_under(story, category)
    a_version(
        story, feed_title=title, detail_title=title, feed_summary="Summary.", detail_brief=brief, detail_full=full
    )
    return story
