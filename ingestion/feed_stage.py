"""The stage `feeds`: read each source's feed and put what it announces into the inbox."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ingestion import health
from ingestion.errors import FetchError, IngestionError
from ingestion.feed_reading import FeedReply, read_feed
from ingestion.fetching import Fetcher
from ingestion.health import Health
from ingestion.inbox import announce
from ingestion.models import Source
from ntrl.stages.models import FailureKind
from ntrl.stages.stage import Failure, Outcome, Saved, Stage

# What reading a feed writes of its source; the rest is the editors', who may change it meanwhile.
_WRITTEN = (
    "etag",
    "last_modified",
    "last_attempt_at",
    "last_success_at",
    "consecutive_failures",
    "next_attempt_at",
    "health_reason",
)


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

    def label(self, item: Source) -> str:
        """The source's slug, as commands take it."""
        return item.slug

    def input_hash(self, item: Source) -> str:
        """Change with the address and with each failure: what a feed says next is new input, and its source keeps time.

        So neither a bug nor a hanging read takes a source out of the runs for longer than its own backing-off does.
        """
        return hashlib.sha256(f"{item.consecutive_failures} {item.rss_url}".encode()).hexdigest()

    def entry(self, item: Source) -> tuple[str, str]:
        """The feed's address."""
        return item.rss_url, ""

    def plan(self, item: Source) -> str:
        """Name the feed that would be read."""
        return f"would read {item.rss_url} ({item.name})"

    def compute(self, item: Source) -> FeedReply:
        """Fetch and parse; a feed that can't be read is a result, since the source keeps its health itself."""
        return read_feed(
            self._fetcher,
            item.rss_url,
            publisher=item.name,
            allow_networks=settings.NTRL_FETCH_ALLOW_NETWORKS,
            etag=item.etag,
            last_modified=item.last_modified,
        )

    def save(self, item: Source, result: FeedReply) -> Saved:
        """Take in the entries and, in the same transaction, the feed's validators, address and health."""
        if not _is_current(item):
            return Saved(Outcome.SKIPPED, "address_changed", "somebody has changed the feed's address meanwhile")
        now = timezone.now()
        if result.problem is not None:
            return self._save_problem(item, result.problem, now)
        item.last_success_at = now
        if result.not_modified:
            self._write(item, health.unchanged(_health_of(item)), now)
            return Saved(counts={"not_modified": 1})
        announced = announce(item, result.entries, now=now)
        counts = {"announced": announced.new, "skipped_duplicate": announced.duplicate}
        self.by_source[item.slug].update(counts)
        item.etag, item.last_modified = result.etag, result.last_modified
        self._write(item, health.succeeded([*_follow(item, result.moved_to), *result.warnings]), now)
        return Saved(counts=counts)

    def save_failure(self, item: Source, failure: Failure) -> Mapping[str, int]:
        """Say on the source that its feed could not be read for a bug of ours, or in time."""
        if not _is_current(item):
            return {}
        is_bug = failure.kind == FailureKind.BUG
        self.errors[item.slug] = f"{failure.kind}: {failure.reason}: {failure.detail}"
        code, detail = ("bug", f"{failure.reason}: {failure.detail}") if is_bug else (failure.reason, failure.detail)
        now = timezone.now()
        self._write(item, health.failed(_health_of(item), code, detail, now=now), now)
        return {"unhealthy": int(failure.kind != FailureKind.RETRY)}

    def _due(self) -> QuerySet[Source]:
        active = Source.objects.filter(is_active=True)
        if self._slugs:
            return active.filter(slug__in=self._slugs)
        return active.filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=timezone.now()))

    def _save_problem(self, item: Source, problem: IngestionError, now: datetime) -> Saved:
        asked = problem.retry_after_seconds if isinstance(problem, FetchError) else None
        after = health.failed(_health_of(item), problem.code, problem.detail, now=now, asked_seconds=asked)
        self._write(item, after, now)
        self.errors[item.slug] = str(problem)
        return Saved(Outcome.FAILED, problem.code, problem.detail, {"switched_off": int(not after.is_active)})

    def _write(self, item: Source, after: Health, now: datetime) -> None:
        item.last_attempt_at = now
        item.consecutive_failures = after.consecutive_failures
        item.next_attempt_at = after.next_attempt_at
        item.health_reason = after.reason
        item.is_active = after.is_active
        if after.is_active:
            item.save(update_fields=_WRITTEN)
        else:
            item.closed_at = now
            item.save(update_fields=(*_WRITTEN, "is_active", "closed_at"))


def _is_current(item: Source) -> bool:
    """Whether the source still stands under the address that was read: what an old one said is not its health."""
    return Source.objects.filter(pk=item.pk, rss_url=item.rss_url).exists()


def _health_of(source: Source) -> Health:
    return Health(source.consecutive_failures, source.next_attempt_at, source.health_reason)


def _follow(item: Source, moved_to: str) -> list[str]:
    """Store a feed's new address, unless it is another source's; returns what there is to say about it."""
    if moved_to in ("", item.rss_url):
        return []
    asked = item.rss_url
    try:
        with transaction.atomic():
            Source.objects.filter(pk=item.pk).update(rss_url=moved_to)
    except IntegrityError:
        other = Source.objects.filter(rss_url=moved_to).values_list("slug", flat=True).first()
        return [f"the feed has moved to {moved_to}, which is the address of the source {other}: switch one of them off"]
    item.rss_url = moved_to
    return [f"the feed has moved for good; its address was {asked} until now"]
