"""Rows as the pipeline writes them, made with few words."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from classification.models import ClassificationStatus, Method, StoryClassification
from classification.taxonomy import Domain, FeedCategory
from ingestion.inbox import NewEntry
from ingestion.models import Source, StoryBody, StoryRaw
from ingestion.titles import title_hash
from ingestion.urls import story_id, url_hash
from neutralization.models import Method as NeutralMethod
from neutralization.models import Status, StoryNeutralized
from neutralization.types import Mode
from ntrl.bodies import put_body

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = "The council voted on Tuesday to repair the bridge. Work begins in May and ends in the autumn."
_numbers = count(1)


def a_source(slug: str = "herald", **fields: Any) -> Source:
    """A source; its name and addresses follow from the slug."""
    values = {
        "name": slug.title(),
        "rss_url": f"https://{slug}.example/feed.xml",
        "homepage_url": f"https://{slug}.example/",
        **fields,
    }
    return Source.objects.create(slug=slug, **values)


def an_entry(url: str, title: str = "", **fields: Any) -> NewEntry:
    """An entry of a feed with its keys, titled by its address unless told."""
    title = title or f"About {url}"
    key = url_hash(url)
    values = {
        "description": "",
        "author": "",
        "entry_id": url,
        "published_at": NOON,
        "updated_at": None,
        **fields,
    }
    return NewEntry(story_id=story_id(key), url=url, url_hash=key, title=title, title_hash=title_hash(title), **values)


def a_story(source: Source | None = None, *, url: str = "", body: str | None = None, **fields: Any) -> StoryRaw:
    """A story; with `body` its text is put into storage, without (None) only the row says that it is there."""
    url = url or f"https://herald.example/{next(_numbers)}"
    key, title = url_hash(url), fields.pop("original_title", f"About {url}")
    story = StoryRaw(
        id=story_id(key),
        source=source or Source.objects.first() or a_source(),
        original_url=url,
        original_title=title,
        url_hash=key,
        title_hash=title_hash(title),
        **{
            "published_at": NOON,
            "ingested_at": NOON,
            "raw_content_uri": f"raw/{story_id(key)}/body",
            "raw_content_available": True,
            "body_version": 1,
            "language": "en",
            **fields,
        },
    )
    if body is not None:
        stored = put_body(story.id, 1, body)
        story.raw_content_hash, story.body_length = stored.content_hash, stored.length
    story.save()
    if story.raw_content_available:
        StoryBody.objects.create(
            story=story,
            version=1,
            uri=story.raw_content_uri,
            content_hash=story.raw_content_hash,
            length=story.body_length,
            extractor="test",
        )
    return story


def a_story_without_body(source: Source | None = None, **fields: Any) -> StoryRaw:
    """A story whose page could not be had."""
    absent = {"raw_content_uri": "", "raw_content_available": False, "body_version": 0, "language": ""}
    return a_story(source, **{**absent, "body_failure_reason": "http_404", **fields})


def file_under(story: StoryRaw, category: FeedCategory = FeedCategory.WORLD, **fields: Any) -> StoryClassification:
    """Classify a story."""
    values = {
        "status": ClassificationStatus.CLASSIFIED,
        "domain": Domain.GLOBAL_AFFAIRS,
        "feed_category": category,
        "method": Method.KEYWORD,
        **fields,
    }
    return StoryClassification.objects.create(story=story, **values)


def a_version(story: StoryRaw, **fields: Any) -> StoryNeutralized:
    """A successful, current version of a story's neutral texts; another status makes it neither."""
    status = fields.get("status", Status.SUCCESS)
    texts = ("feed_title", "feed_summary", "detail_title", "detail_brief", "detail_full")
    values: dict[str, Any] = {name: f"{name} of {story.original_title}" for name in texts}
    if status != Status.SUCCESS:
        values |= {"is_current": False, "failure_reason": "grounding.numbers"}
    return StoryNeutralized.objects.create(
        story=story,
        **{
            "version": story.neutralizations.count() + 1,
            "is_current": True,
            "status": status,
            "body_version": story.body_version,
            "method": NeutralMethod.LEXICON,
            "mode": Mode.SPAN_GUIDED,
            "input_hash": "i" * 64,
            **values,
            **fields,
        },
    )


def publishable(source: Source | None = None, category: FeedCategory = FeedCategory.WORLD, **fields: Any) -> StoryRaw:
    """A story that qualifies for the brief."""
    story = a_story(source, **fields)
    file_under(story, category)
    a_version(story)
    return story
