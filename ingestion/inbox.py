"""The inbox of announced articles: what a feed's reply adds, what is taken from it, what leaves it as a duplicate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from ingestion.duplicates import SAME_TITLE_WINDOW, Announcement, choose, is_near
from ingestion.models import EntryState, FeedEntry, Source, StoryRaw

# Entries read at once while the inbox is worked off.
PAGE_ENTRIES = 100


@dataclass(frozen=True, slots=True)
class NewEntry:
    """One entry of a feed's reply with its keys computed."""

    story_id: UUID
    url: str
    url_hash: str
    title: str
    title_hash: str
    description: str
    author: str
    entry_id: str
    published_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Announced:
    """How a reply's entries were taken in."""

    new: int
    duplicate: int


def announce(source: Source, entries: Sequence[NewEntry], *, now: datetime) -> Announced:
    """Put a reply's new entries into the inbox; count the ones already known (queries: four, whatever the number).

    A missing or future date is clamped to `now`.
    """
    unique = {entry.story_id: entry for entry in entries}
    stored = set(StoryRaw.objects.filter(id__in=unique).values_list("id", flat=True))
    waiting = set(FeedEntry.objects.filter(source=source, story_id__in=unique).values_list("story_id", flat=True))
    fresh = [entry for story_id, entry in unique.items() if story_id not in stored | waiting]
    titles = _stored_titles({entry.title_hash for entry in fresh if entry.title_hash})
    rows = [_row(source, entry, titles.get(entry.title_hash, []), now) for entry in fresh]
    FeedEntry.objects.bulk_create(rows)
    new = sum(row.state == EntryState.PENDING for row in rows)
    return Announced(new, len(entries) - new - len(_pending_among(waiting, source)))


def take_from_inbox(*, source_slugs: Sequence[str], max_per_source: int) -> Iterator[FeedEntry]:
    """Yield the entries to be fetched in this run: the newest of each active source, one for each article."""
    chosen = _chosen(source_slugs, max_per_source)
    for start in range(0, len(chosen), PAGE_ENTRIES):
        keys = [one.pk for one in chosen[start : start + PAGE_ENTRIES]]
        rows = FeedEntry.objects.select_related("source").in_bulk(keys)
        yield from (rows[key] for key in keys if key in rows)


def count_takeable(*, source_slugs: Sequence[str], max_per_source: int) -> int:
    """How many entries `take_from_inbox` would yield now."""
    return len(_chosen(source_slugs, max_per_source))


def clear_story(story: StoryRaw) -> int:
    """Empty the inbox of a stored story: its own entries go, others under its title become duplicates.

    Returns how many announcements turned out to be duplicates. A story without a body keeps no title of others out.
    """
    FeedEntry.objects.filter(story_id=story.id, source=story.source).delete()
    same = FeedEntry.objects.filter(state=EntryState.PENDING, story_id=story.id)
    found = same.update(state=EntryState.DUPLICATE, duplicate_of=story.id)
    if story.raw_content_available and story.title_hash:
        titled = FeedEntry.objects.filter(
            state=EntryState.PENDING,
            title_hash=story.title_hash,
            published_at__range=(story.published_at - SAME_TITLE_WINDOW, story.published_at + SAME_TITLE_WINDOW),
        )
        found += titled.update(state=EntryState.DUPLICATE, duplicate_of=story.id)
    return found


def _chosen(source_slugs: Sequence[str], max_per_source: int) -> list[Announcement]:
    newest = Window(RowNumber(), partition_by=F("source_id"), order_by=[F("published_at").desc(), F("story_id")])
    pending = _pending(source_slugs).annotate(place=newest).filter(place__lte=max_per_source)
    return choose(
        Announcement(*row)
        for row in pending.values_list(
            "pk", "story_id", "title_hash", "published_at", "source__priority", "source__slug"
        )
    )


def _pending(source_slugs: Sequence[str]) -> QuerySet[FeedEntry]:
    rows = FeedEntry.objects.filter(state=EntryState.PENDING, source__is_active=True)
    return rows.filter(source__slug__in=source_slugs) if source_slugs else rows


def _pending_among(story_ids: set[UUID], source: Source) -> set[UUID]:
    """Entries announced again while they wait: neither new nor duplicates."""
    waiting = FeedEntry.objects.filter(source=source, story_id__in=story_ids, state=EntryState.PENDING)
    return set(waiting.values_list("story_id", flat=True))


def _stored_titles(title_hashes: set[str]) -> dict[str, list[tuple[datetime, UUID]]]:
    titles: dict[str, list[tuple[datetime, UUID]]] = {}
    stored = StoryRaw.objects.filter(title_hash__in=title_hashes, raw_content_available=True)
    for title_hash, published_at, story_id in stored.values_list("title_hash", "published_at", "id"):
        titles.setdefault(title_hash, []).append((published_at, story_id))
    return titles


def _row(source: Source, entry: NewEntry, titled: list[tuple[datetime, UUID]], now: datetime) -> FeedEntry:
    published_at = min(entry.published_at or now, now)
    double = next((story_id for time, story_id in sorted(titled) if is_near(published_at, [time])), None)
    return FeedEntry(
        source=source,
        story_id=entry.story_id,
        url=entry.url,
        url_hash=entry.url_hash,
        title=entry.title,
        title_hash=entry.title_hash,
        description=entry.description,
        author=entry.author,
        entry_id=entry.entry_id,
        published_at=published_at,
        feed_updated_at=entry.updated_at,
        seen_at=now,
        state=EntryState.DUPLICATE if double else EntryState.PENDING,
        duplicate_of=double,
    )
