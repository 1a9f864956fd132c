"""The inbox of announced articles: what a feed's reply adds, what is taken from it, what leaves it as a duplicate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from ingestion.duplicates import SAME_TITLE_WINDOW, Announcement, choose, is_near
from ingestion.models import EntryState, FeedEntry, Source, StoryRaw
from ingestion.updates import Reading, is_worth_reading_again

# Entries read at once while the inbox is worked off.
PAGE_ENTRIES = 100

# What tells whether a stored story is worth another reading.
_KNOWN = ("source_id", "feed_updated_at", "ingested_at", "body_read_at", "body_fruitless_reads", "body_version")


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
    """How a reply's entries were taken in. `updated` ones are of stored articles, to be read again."""

    new: int
    duplicate: int
    updated: int = 0


def announce(source: Source, entries: Sequence[NewEntry], *, now: datetime) -> Announced:
    """Put a reply's new entries into the inbox; count the ones already known (queries: four, whatever the number).

    A missing or future date is clamped to `now`. An entry of one of this source's stories comes in again when its date
    of update has moved and the story is worth another reading.
    """
    unique = {entry.story_id: entry for entry in entries}
    stored = {story.id: story for story in StoryRaw.objects.filter(id__in=unique).only(*_KNOWN)}
    waiting = set(FeedEntry.objects.filter(source=source, story_id__in=unique).values_list("story_id", flat=True))
    fresh = [entry for story_id, entry in unique.items() if story_id not in stored.keys() | waiting]
    titles = _stored_titles({entry.title_hash for entry in fresh if entry.title_hash})
    rows = [_row(source, entry, titles.get(entry.title_hash, []), now) for entry in fresh]
    new = sum(row.state == EntryState.PENDING for row in rows)
    moved = [entry for story_id, entry in unique.items() if story_id in stored and story_id not in waiting]
    updates = [_update(source, entry, now) for entry in moved if _has_moved(stored[entry.story_id], source, entry, now)]
    FeedEntry.objects.bulk_create([*rows, *updates])
    known = len(entries) - new - len(updates) - len(_pending_among(waiting, source))
    return Announced(new, known, len(updates))


def take_from_inbox(*, source_slugs: Sequence[str], max_per_source: int) -> Iterator[FeedEntry]:
    """Yield the entries to be fetched in this run: the newest of each source, one for each article.

    Those of a source that an editor has switched off wait; those of one that its publisher has closed do not.
    Updates of stored articles come last, and take only what new ones leave of a source's share.
    """
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

    Returns how many announcements turned out to be duplicates. A story without a body, or with a piece
    of one, keeps no title of others out.
    """
    FeedEntry.objects.filter(story_id=story.id, source=story.source).delete()
    same = Q(story_id=story.id)
    if story.raw_content_available and not story.body_is_truncated and story.title_hash:
        window = (story.published_at - SAME_TITLE_WINDOW, story.published_at + SAME_TITLE_WINDOW)
        same |= Q(title_hash=story.title_hash, published_at__range=window)
    doubles = FeedEntry.objects.filter(same, state=EntryState.PENDING)
    return doubles.update(state=EntryState.DUPLICATE, duplicate_of=story.id)


def drop_update(story: StoryRaw) -> None:
    """Take the announcement of a stored story's update out of the inbox."""
    FeedEntry.objects.filter(story_id=story.id, is_update=True).delete()


def _chosen(source_slugs: Sequence[str], max_per_source: int) -> list[Announcement]:
    newest = Window(RowNumber(), partition_by=F("source_id"), order_by=["is_update", "-published_at", "story_id"])
    pending = _pending(source_slugs).annotate(place=newest).filter(place__lte=max_per_source)
    return choose(
        Announcement(*row)
        for row in pending.values_list(
            "pk", "story_id", "title_hash", "published_at", "source__priority", "source__slug", "is_update"
        )
    )


def _pending(source_slugs: Sequence[str]) -> QuerySet[FeedEntry]:
    is_read = Q(source__is_active=True) | Q(source__closed_at__isnull=False)
    rows = FeedEntry.objects.filter(is_read, state=EntryState.PENDING)
    return rows.filter(source__slug__in=source_slugs) if source_slugs else rows


def _pending_among(story_ids: set[UUID], source: Source) -> set[UUID]:
    """Entries announced again while they wait: neither new nor duplicates."""
    waiting = FeedEntry.objects.filter(source=source, story_id__in=story_ids, state=EntryState.PENDING)
    return set(waiting.values_list("story_id", flat=True))


def _stored_titles(title_hashes: set[str]) -> dict[str, list[tuple[datetime, UUID]]]:
    titles: dict[str, list[tuple[datetime, UUID]]] = {}
    stored = StoryRaw.objects.filter(title_hash__in=title_hashes, body_version__gte=1, body_is_truncated=False)
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
        feed_updated_at=_moment(entry.updated_at, now),
        seen_at=now,
        state=EntryState.DUPLICATE if double else EntryState.PENDING,
        duplicate_of=double,
    )


def _has_moved(story: StoryRaw, source: Source, entry: NewEntry, now: datetime) -> bool:
    """Whether the story's own source says that it has changed, and it is worth another reading."""
    if story.source_id != source.pk:
        return False
    known = Reading(
        read_at=story.body_read_at or story.ingested_at,
        feed_updated_at=story.feed_updated_at,
        fruitless_reads=story.body_fruitless_reads,
        body_version=story.body_version,
    )
    return is_worth_reading_again(known, updated_at=_moment(entry.updated_at, now), now=now)


def _update(source: Source, entry: NewEntry, now: datetime) -> FeedEntry:
    row = _row(source, entry, [], now)
    row.is_update, row.title_hash = True, ""
    return row


def _moment(updated_at: datetime | None, now: datetime) -> datetime | None:
    """A date of update, never in the future: one that was would hide all later ones."""
    return min(updated_at, now) if updated_at else None
