"""The stage `articles`: fetch an announced article, keep its body in storage, and store it as a story."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

import ntrl
from ingestion import inbox
from ingestion.duplicates import SAME_TITLE_WINDOW
from ingestion.errors import FetchError, IngestionError, UrlError
from ingestion.extraction import check_landing, decode_page, extract
from ingestion.fetching import Fetcher
from ingestion.language import detect_language
from ingestion.models import EntryState, FeedEntry, Source, StoryBody, StoryRaw
from ingestion.urls import url_hash
from ntrl.bodies import BodyError, StoredBody, put_body
from ntrl.stages import claims
from ntrl.stages.errors import Quarantined, RetryLater
from ntrl.stages.stage import Failure, Saved, Stage


@dataclass(frozen=True, slots=True)
class Article:
    """An announced article, from the inbox or (a body that could not be had before) from its story's row."""

    story_id: UUID
    source: Source
    url: str
    url_hash: str
    title: str
    title_hash: str
    description: str
    author: str
    published_at: datetime
    feed_updated_at: datetime | None

    @classmethod
    def announced(cls, entry: FeedEntry) -> "Article":
        """Take it from the inbox."""
        return cls(
            entry.story_id,
            entry.source,
            entry.url,
            entry.url_hash,
            entry.title,
            entry.title_hash,
            entry.description,
            entry.author,
            entry.published_at,
            entry.feed_updated_at,
        )

    @classmethod
    def stored(cls, story: StoryRaw) -> "Article":
        """Take up a stored story that has no body yet."""
        return cls(
            story.id,
            story.source,
            story.original_url,
            story.url_hash,
            story.original_title,
            story.title_hash,
            story.original_description,
            story.original_author,
            story.published_at,
            story.feed_updated_at,
        )


@dataclass(frozen=True, slots=True)
class Page:
    """What became of an article's page: its body, stored already, and what was learnt on the way."""

    body: StoredBody
    extractor: str
    is_truncated: bool
    language: str
    canonical_url_hash: str


class ArticlesStage(Stage[Article, Page]):
    """One item is an article, keyed by story id. `by_source` collects counts for the report."""

    name = "articles"
    log_name = "ingest"
    deadline_seconds = 90

    def __init__(self, fetcher: Fetcher, *, source_slugs: Sequence[str] = (), max_items_per_source: int) -> None:
        self._fetcher = fetcher
        self._slugs = source_slugs
        self._max_items = max_items_per_source
        self.by_source: dict[str, Counter[str]] = defaultdict(Counter)

    def pending(self) -> Iterator[Article]:
        """Yield what the inbox holds, newest first, then stories whose body is worth another try."""
        entries = inbox.take_from_inbox(source_slugs=self._slugs, max_per_source=self._max_items)
        yield from (Article.announced(entry) for entry in entries)
        for key in claims.due_keys(self.name, now=timezone.now(), code_version=ntrl.__version__):
            story = StoryRaw.objects.select_related("source").filter(id=key, raw_content_available=False).first()
            if story is not None and (not self._slugs or story.source.slug in self._slugs):
                yield Article.stored(story)

    def total(self) -> int:
        """How many articles the inbox gives to this run."""
        return inbox.count_takeable(source_slugs=self._slugs, max_per_source=self._max_items)

    def is_pending(self, item: Article) -> bool:
        """Whether it still waits in the inbox, or for its body."""
        announced = FeedEntry.objects.filter(story_id=item.story_id, source=item.source, state=EntryState.PENDING)
        return announced.exists() or StoryRaw.objects.filter(id=item.story_id, raw_content_available=False).exists()

    def key(self, item: Article) -> str:
        """The story's id."""
        return str(item.story_id)

    def story_id(self, item: Article) -> UUID:
        """The story's id."""
        return item.story_id

    def entry(self, item: Article) -> tuple[str, str]:
        """The article's address and its hash."""
        return item.url, item.url_hash

    def input_hash(self, item: Article) -> str:
        """The address: another one for the same story is worth a new try."""
        return item.url_hash

    def plan(self, item: Article) -> str:
        """Name the article that would be fetched."""
        return f"would fetch {item.url} ({item.source.name})"

    def compute(self, item: Article) -> Page:
        """Fetch, extract, and put the body into storage (before any row names it)."""
        try:
            got = self._fetcher.fetch(item.url, kind="page")
            check_landing(item.url, got.url)
            found = extract(decode_page(got.body, got.content_type), url=got.url)
            body = put_body(item.story_id, 1, found.text)
        except FetchError as problem:
            raise _as_item_error(problem) from problem
        except IngestionError as problem:
            raise Quarantined(problem.code, problem.detail) from problem
        except BodyError as problem:
            raise Quarantined("body_unfit", str(problem)) from problem
        return Page(
            body=body,
            extractor=found.extractor,
            is_truncated=found.is_truncated,
            language=detect_language(found.text),
            canonical_url_hash=_hash_or_nothing(found.canonical_url),
        )

    def save(self, item: Article, result: Page) -> Saved:
        """Write the story, its body's first version, and empty the inbox of it."""
        double = _double_of(item, result.canonical_url_hash)
        story, created = self._story(item)
        story.is_duplicate, story.duplicate_of = double is not None, double
        story.canonical_url_hash = result.canonical_url_hash
        story.raw_content_uri, story.raw_content_hash = result.body.key, result.body.content_hash
        story.raw_content_available, story.body_version, story.body_length = True, 1, result.body.length
        story.body_extractor, story.body_is_truncated = result.extractor, result.is_truncated
        story.body_failure_reason, story.language = "", result.language
        story.save()
        StoryBody.objects.create(
            story=story,
            version=1,
            uri=result.body.key,
            content_hash=result.body.content_hash,
            length=result.body.length,
            extractor=result.extractor,
            is_truncated=result.is_truncated,
            language=result.language,
        )
        counts = {"ingested": int(created), "body_downloaded": 1, "skipped_duplicate": inbox.clear_story(story)}
        self.by_source[item.source.slug].update(counts)
        return Saved(counts=counts)

    def save_failure(self, item: Article, failure: Failure) -> Mapping[str, int]:
        """Store the story without a body and say why; a later try fills it in."""
        story, created = self._story(item)
        story.body_failure_reason = f"{failure.reason}: {failure.detail}" if failure.detail else failure.reason
        story.save()
        counts = {"ingested": int(created), "body_failed": 1, "skipped_duplicate": inbox.clear_story(story)}
        self.by_source[item.source.slug].update(counts)
        return counts

    def _story(self, item: Article) -> tuple[StoryRaw, bool]:
        return StoryRaw.objects.get_or_create(
            id=item.story_id,
            defaults={
                "source": item.source,
                "original_url": item.url,
                "original_title": item.title,
                "original_description": item.description,
                "original_author": item.author,
                "url_hash": item.url_hash,
                "title_hash": item.title_hash,
                "published_at": item.published_at,
                "feed_updated_at": item.feed_updated_at,
            },
        )


def _as_item_error(problem: FetchError) -> RetryLater | Quarantined:
    if not problem.retryable:
        return Quarantined(problem.code, problem.detail)
    asked = problem.retry_after_seconds
    return RetryLater(
        problem.code,
        problem.detail,
        not_before=timezone.now() + timedelta(seconds=asked) if asked is not None else None,
    )


def _double_of(item: Article, canonical_url_hash: str) -> StoryRaw | None:
    """Find the stored story that this one repeats: by a canonical address, or by title within the window."""
    same = Q(title_hash=item.title_hash) & Q(
        published_at__range=(item.published_at - SAME_TITLE_WINDOW, item.published_at + SAME_TITLE_WINDOW)
    )
    same = same if item.title_hash else Q(pk__in=[])
    same |= Q(canonical_url_hash=item.url_hash)
    if canonical_url_hash:
        same |= Q(url_hash=canonical_url_hash) | Q(canonical_url_hash=canonical_url_hash)
    others = StoryRaw.objects.filter(same, raw_content_available=True, is_duplicate=False).exclude(id=item.story_id)
    return others.order_by("ingested_at", "id").first()


def _hash_or_nothing(url: str | None) -> str:
    try:
        return url_hash(url) if url else ""
    except UrlError:
        return ""
