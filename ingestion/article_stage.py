"""The stage `articles`: fetch an announced article, keep its body in storage, and store it as a story."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

import ntrl
from ingestion import inbox, twins
from ingestion.errors import FetchError, IngestionError, UrlError
from ingestion.extraction import Extraction, check_landing, decode_page, extract
from ingestion.fetching import Fetcher
from ingestion.language import detect_language
from ingestion.models import EntryState, FeedEntry, Source, StoryRaw
from ingestion.near_duplicates import signature_of
from ingestion.urls import url_hash
from ingestion.versions import Page, add_version
from ntrl.bodies import BodyError, BodyUnavailable, content_hash, put_body
from ntrl.stages import claims
from ntrl.stages.errors import Quarantined, RetryLater
from ntrl.stages.paging import newest_first
from ntrl.stages.stage import Failure, Saved, Stage


@dataclass(frozen=True, slots=True)
class Article:
    """An announced article, from the inbox or (a body that could not be had before) from its story's row.

    An update is of a story whose feed says that it has changed: then `body_*` describe the body that we have.
    """

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
    is_update: bool = False
    body_version: int = 0
    body_hash: str = ""
    body_is_whole: bool = False

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

    @classmethod
    def updated(cls, entry: FeedEntry, story: StoryRaw) -> "Article":
        """Take a stored story whose feed has announced a change."""
        return replace(
            cls.stored(story),
            url=entry.url,
            feed_updated_at=entry.feed_updated_at,
            is_update=True,
            body_version=story.body_version,
            body_hash=story.raw_content_hash,
            body_is_whole=story.raw_content_available and not story.body_is_truncated,
        )


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A page read again for nothing: its text is the one that we have."""


class ArticlesStage(Stage[Article, Page | Unchanged]):
    """One item is an article, keyed by story id. `by_source` collects counts for the report."""

    name = "articles"
    log_name = "ingest"
    deadline_seconds = 90

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        source_slugs: Sequence[str] = (),
        story_ids: Sequence[UUID] = (),
        max_items_per_source: int,
        force: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take articles of these sources; of `story_ids` alone, when there are any, and then not from the inbox.

        With `force`, stories without a body are asked for again whether their next try is due, or ever would be.
        """
        self._fetcher = fetcher
        self._story_ids = story_ids
        self._force = force
        self._slugs = source_slugs
        self._max_items = max_items_per_source
        self._clock = clock
        self.by_source: dict[str, Counter[str]] = defaultdict(Counter)

    def pending(self) -> Iterator[Article]:
        """Yield what the inbox holds, newest first, then stories whose body is worth another try."""
        seen = set()
        for entry in self._announced():
            seen.add(entry.story_id)
            yield _taken(entry)
        for story in newest_first(self._without_body()) if self._force else self._due():
            if story.id not in seen:  # not one that has just failed in this very run
                yield Article.stored(story)

    def total(self) -> int:
        """How many articles the inbox gives to this run, and with `force` how many stories have no body."""
        takeable = 0
        if not self._story_ids:
            takeable = inbox.count_takeable(source_slugs=self._slugs, max_per_source=self._max_items)
        return takeable + (self._without_body().count() if self._force else 0)

    def is_pending(self, item: Article) -> bool:
        """Whether it still waits in the inbox, or for its body."""
        announced = FeedEntry.objects.filter(story_id=item.story_id, source=item.source, state=EntryState.PENDING)
        if item.is_update:
            as_known = StoryRaw.objects.filter(id=item.story_id, body_version=item.body_version)
            return announced.filter(is_update=True).exists() and as_known.exists()
        return announced.exists() or StoryRaw.objects.filter(id=item.story_id, body_version=0).exists()

    def key(self, item: Article) -> str:
        """The story's id."""
        return str(item.story_id)

    def label(self, item: Article) -> str:
        """The article's address."""
        return item.url

    def story_id(self, item: Article) -> UUID:
        """The story's id."""
        return item.story_id

    def entry(self, item: Article) -> tuple[str, str]:
        """The article's address and its hash."""
        return item.url, item.url_hash

    def input_hash(self, item: Article) -> str:
        """The address, and of an update its date: another one for the same story is worth a new try."""
        return content_hash(f"{item.url_hash} {item.feed_updated_at}") if item.is_update else item.url_hash

    def plan(self, item: Article) -> str:
        """Name the article that would be fetched."""
        return f"would fetch {item.url} {'again ' if item.is_update else ''}({item.source.name})"

    def compute(self, item: Article) -> Page | Unchanged:
        """Fetch, extract, and put the body into storage (before any row names it).

        A worker that comes late, having hung past its deadline, puts nothing there: its item may have been tried again,
        and what that try has stored under the same key would be overwritten. The next try is minutes away, more than
        putting a body takes.
        """
        late = self._clock() + self.deadline_seconds
        try:
            got = self._fetcher.fetch(item.url, kind="page")
            check_landing(item.url, got.url)
            found = extract(decode_page(got.body, got.content_type), url=got.url)
            return self._page(item, found, late)
        except FetchError as problem:
            raise _as_item_error(problem) from problem
        except IngestionError as problem:
            raise Quarantined(problem.code, problem.detail) from problem
        except BodyUnavailable as problem:
            raise RetryLater("body_unavailable", str(problem)) from problem
        except BodyError as problem:
            raise Quarantined("body_unfit", str(problem)) from problem

    def save(self, item: Article, result: Page | Unchanged) -> Saved:
        """Write the story, its body's version and what it is a double of, and empty the inbox of it."""
        if item.is_update:
            return self._save_update(item, result)
        assert isinstance(result, Page)  # only an update can find the text that is known
        story, created = self._story(item)
        add_version(story, result, now=timezone.now(), is_new=created)
        counts = {
            "ingested": int(created),
            "body_downloaded": 1,
            "duplicates": twins.settle(story, [twins.Text(result.signature, result.language)]),
            "skipped_duplicate": inbox.clear_story(story),
        }
        self.by_source[item.source.slug].update(counts)
        return Saved(counts=counts)

    def save_failure(self, item: Article, failure: Failure) -> Mapping[str, int]:
        """Store the story without a body and say why; a later try fills it in. A body that we have stays."""
        if item.is_update:
            return self._save_failed_update(item, failure)
        story, created = self._story(item)
        story.body_failure_reason = _reason(failure)
        story.save(force_insert=created)
        counts = {"ingested": int(created), "body_failed": 1, "skipped_duplicate": inbox.clear_story(story)}
        self.by_source[item.source.slug].update(counts)
        return counts

    def _page(self, item: Article, found: Extraction, late: float) -> Page | Unchanged:
        """Put the text of a page into storage, as the next version of what is known, unless it is that."""
        if item.is_update and content_hash(found.text) == item.body_hash:
            return Unchanged()
        if item.body_is_whole and found.is_truncated:
            detail = f"{found.truncation_reason}; the whole text that was read before stays"
            raise Quarantined("update_truncated", detail)
        language = detect_language(found.text)
        signature = b"" if found.is_truncated else signature_of(found.text)
        if self._clock() >= late:
            raise RetryLater("deadline", f"no result within {self.deadline_seconds} s")
        return Page(
            body=put_body(item.story_id, item.body_version + 1, found.text),
            version=item.body_version + 1,
            extractor=found.extractor,
            truncation_reason=found.truncation_reason,
            language=language,
            canonical_url_hash=_hash_or_nothing(found.canonical_url),
            signature=signature,
        )

    def _announced(self) -> Iterator[FeedEntry]:
        if self._story_ids:
            return iter(())
        return inbox.take_from_inbox(source_slugs=self._slugs, max_per_source=self._max_items)

    def _due(self) -> Iterator[StoryRaw]:
        for key in claims.due_keys(self.name, now=timezone.now(), code_version=ntrl.__version__):
            story = self._without_body().filter(id=key).first()
            if story is not None:
                yield story

    def _without_body(self) -> QuerySet[StoryRaw]:
        stories = StoryRaw.objects.select_related("source").filter(body_version=0)
        if self._slugs:
            stories = stories.filter(source__slug__in=self._slugs)
        return stories.filter(id__in=self._story_ids) if self._story_ids else stories

    def _save_update(self, item: Article, result: Page | Unchanged) -> Saved:
        # Before the story's row is written: whoever settles duplicates may be waiting for it.
        twins.hold_duplicates()
        story = StoryRaw.objects.get(id=item.story_id)
        story.feed_updated_at = item.feed_updated_at
        inbox.drop_update(story)
        if isinstance(result, Unchanged):
            story.body_read_at = timezone.now()
            story.body_fruitless_reads += 1
            story.save()
            return Saved(counts={"unchanged": 1})
        add_version(story, result, now=timezone.now())
        counts = {
            "updated" if item.body_version else "body_downloaded": 1,
            "duplicates": twins.settle(story),
            "skipped_duplicate": inbox.clear_story(story),
        }
        self.by_source[item.source.slug].update(counts)
        return Saved(counts=counts)

    def _save_failed_update(self, item: Article, failure: Failure) -> Mapping[str, int]:
        """Keep what we have. While another try is to come, the announcement stays in the inbox."""
        story = StoryRaw.objects.get(id=item.story_id)
        if not item.body_version:
            story.body_failure_reason = _reason(failure)
        if failure.retry_at is None:
            story.feed_updated_at = item.feed_updated_at
            story.body_read_at = timezone.now()
            story.body_fruitless_reads += 1
            inbox.drop_update(story)
        story.save()
        return {"update_failed": 1}

    def _story(self, item: Article) -> tuple[StoryRaw, bool]:
        """Return the story, and whether it is new: then its row is still to be written, once, with all there is."""
        if StoryRaw.objects.filter(id=item.story_id).exists():
            return StoryRaw.objects.get(id=item.story_id), False
        story = StoryRaw(
            id=item.story_id,
            source=item.source,
            original_url=item.url,
            original_title=item.title,
            original_description=item.description,
            original_author=item.author,
            url_hash=item.url_hash,
            title_hash=item.title_hash,
            published_at=item.published_at,
            feed_updated_at=item.feed_updated_at,
        )
        return story, True


def _as_item_error(problem: FetchError) -> RetryLater | Quarantined:
    if not problem.retryable:
        return Quarantined(problem.code, problem.detail)
    asked = problem.retry_after_seconds
    return RetryLater(
        problem.code,
        problem.detail,
        not_before=timezone.now() + timedelta(seconds=asked) if asked is not None else None,
    )


def _taken(entry: FeedEntry) -> Article:
    """Make the inbox's entry an item; an update needs its story's row."""
    story = StoryRaw.objects.select_related("source").filter(id=entry.story_id).first() if entry.is_update else None
    return Article.announced(entry) if story is None else Article.updated(entry, story)


def _reason(failure: Failure) -> str:
    return f"{failure.reason}: {failure.detail}" if failure.detail else failure.reason


def _hash_or_nothing(url: str | None) -> str:
    try:
        return url_hash(url) if url else ""
    except UrlError:
        return ""
