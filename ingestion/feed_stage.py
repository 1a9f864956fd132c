"""The stage `feeds`: read each source's feed and put what it announces into the inbox."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from ingestion.errors import FetchError, IngestionError, UrlError
from ingestion.feeds import Entry, parse_feed
from ingestion.fetching import Fetcher
from ingestion.inbox import NewEntry, announce
from ingestion.models import Source
from ingestion.titles import title_hash
from ingestion.urls import story_id, url_hash
from ntrl.stages.models import FailureKind
from ntrl.stages.stage import Failure, Outcome, Saved, Stage

# A failing feed is asked again after this long, doubling with each failure up to the longest.
FIRST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(days=1)
# What reading a feed writes of its source; the rest is the editors', who may change it meanwhile.
_HEALTH = (
    "etag",
    "last_modified",
    "last_attempt_at",
    "last_success_at",
    "consecutive_failures",
    "next_attempt_at",
    "health_reason",
)


@dataclass(frozen=True, slots=True)
class FeedReply:
    """What a feed said. `problem` names why it could not be read; then nothing else is set."""

    entries: Sequence[NewEntry] = ()
    warnings: Sequence[str] = ()
    not_modified: bool = False
    etag: str = ""
    last_modified: str = ""
    problem: IngestionError | None = None


class FeedsStage(Stage[Source, FeedReply]):
    """One item is a source. `by_source` collects counts and errors for the report."""

    name = "feeds"
    deadline_seconds = 60

    def __init__(self, fetcher: Fetcher, *, source_slugs: Sequence[str] = ()) -> None:
        self._fetcher = fetcher
        self._slugs = source_slugs
        self.by_source: dict[str, Counter[str]] = defaultdict(Counter)
        self.errors: dict[str, str] = {}

    def pending(self) -> Iterator[Source]:
        """Yield the active sources that are due; one asked for by name is always due."""
        yield from self._due().order_by("priority", "slug")

    def is_pending(self, item: Source) -> bool:
        """Whether nobody has read the feed since, and no editor has switched the source off."""
        return self._due().filter(pk=item.pk, last_attempt_at=item.last_attempt_at).exists()

    def total(self) -> int:
        """How many sources are due."""
        return self._due().count()

    def key(self, item: Source) -> str:
        """A source's id."""
        return str(item.pk)

    def entry(self, item: Source) -> tuple[str, str]:
        """The feed's address."""
        return item.rss_url, ""

    def plan(self, item: Source) -> str:
        """Name the feed that would be read."""
        return f"would read {item.rss_url} ({item.name})"

    def compute(self, item: Source) -> FeedReply:
        """Fetch and parse; a feed that can't be read is a result, since the source keeps its health itself."""
        try:
            got = self._fetcher.fetch(item.rss_url, kind="feed", etag=item.etag, last_modified=item.last_modified)
            if got.status == 304:
                return FeedReply(not_modified=True)
            feed = parse_feed(got.body, url=got.url, content_type=got.content_type)
        except IngestionError as problem:
            return FeedReply(problem=problem)
        entries, unusable = _keyed(feed.entries, publisher=item.name)
        return FeedReply(entries, [*feed.warnings, *unusable], etag=got.etag, last_modified=got.last_modified)

    def save(self, item: Source, result: FeedReply) -> Saved:
        """Take in the entries and, in the same transaction, the feed's validators and health."""
        now = timezone.now()
        item.last_attempt_at = now
        if result.problem is not None:
            return self._save_problem(item, result.problem, now)
        counts: Mapping[str, int] = {}
        if not result.not_modified:
            announced = announce(item, result.entries, now=now)
            counts = {"announced": announced.new, "skipped_duplicate": announced.duplicate}
            item.etag, item.last_modified = result.etag, result.last_modified
        item.last_success_at = now
        item.consecutive_failures, item.next_attempt_at = 0, None
        item.health_reason = "; ".join(result.warnings)
        item.save(update_fields=_HEALTH)
        self.by_source[item.slug].update(counts)
        return Saved(counts={"not_modified": int(result.not_modified), **counts})

    def save_failure(self, item: Source, failure: Failure) -> Mapping[str, int]:
        """Say on the source that a bug of ours kept its feed from being read."""
        self._mark_unhealthy(item, f"{failure.kind}: {failure.reason}: {failure.detail}", timezone.now(), None)
        return {"unhealthy": int(failure.kind != FailureKind.RETRY)}

    def _due(self) -> QuerySet[Source]:
        active = Source.objects.filter(is_active=True)
        if self._slugs:
            return active.filter(slug__in=self._slugs)
        return active.filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=timezone.now()))

    def _save_problem(self, item: Source, problem: IngestionError, now: datetime) -> Saved:
        asked = problem.retry_after_seconds if isinstance(problem, FetchError) else None
        self._mark_unhealthy(item, str(problem), now, asked)
        return Saved(Outcome.FAILED, problem.code, problem.detail)

    def _mark_unhealthy(self, item: Source, reason: str, now: datetime, asked_seconds: float | None) -> None:
        wait = min(FIRST_WAIT * 2 ** min(item.consecutive_failures, 10), LONGEST_WAIT)
        if asked_seconds is not None:
            wait = min(max(wait, timedelta(seconds=asked_seconds)), LONGEST_WAIT)
        item.last_attempt_at = now
        item.consecutive_failures += 1
        item.next_attempt_at = now + wait
        item.health_reason = reason
        item.save(update_fields=_HEALTH)
        self.errors[item.slug] = reason


def _keyed(entries: Sequence[Entry], *, publisher: str) -> tuple[list[NewEntry], list[str]]:
    """Compute the keys of entries; those whose link can't name a story come back as warnings."""
    keyed: list[NewEntry] = []
    unusable: list[str] = []
    for entry in entries:
        try:
            key = url_hash(entry.url)
        except UrlError as error:
            unusable.append(f"an entry was left out ({error.detail}): {entry.title[:80]!r}")
            continue
        keyed.append(
            NewEntry(
                story_id=story_id(key),
                url=entry.url,
                url_hash=key,
                title=entry.title,
                title_hash=title_hash(entry.title, publisher) if entry.title else "",
                description=entry.description,
                author=entry.author,
                entry_id=entry.entry_id,
                published_at=entry.published_at,
                updated_at=entry.updated_at,
            )
        )
    return keyed, unusable
