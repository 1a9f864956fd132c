"""Which of several announcements of one article is fetched, and which of its stories is shown: decided by rank."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

# The same title within this time is the same article; after it, a new one (a yearly report, a weekly column).
SAME_TITLE_WINDOW = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A feed's entry, as far as duplicates are concerned. An empty `title_hash` is like no other.

    `is_update`: it is of a stored article, which is read again.
    """

    pk: int
    story_id: UUID
    title_hash: str
    published_at: datetime
    source_priority: int
    source_slug: str
    is_update: bool = False

    @property
    def rank(self) -> tuple[int, datetime, str, str]:
        """The best source first, then the earliest article; the rest only makes the order total."""
        return (self.source_priority, self.published_at, str(self.story_id), self.source_slug)


def choose(announcements: Iterable[Announcement]) -> list[Announcement]:
    """Keep the best-ranked announcement of each article: new ones before updates, then the newest first.

    Two announce one article when they share the story id, or the title within `SAME_TITLE_WINDOW`.
    """
    kept: list[Announcement] = []
    ids: set[UUID] = set()
    times: dict[str, list[datetime]] = {}
    for one in sorted(announcements, key=lambda announcement: announcement.rank):
        known = times.setdefault(one.title_hash, [])
        if one.story_id in ids or (one.title_hash and is_near(one.published_at, known)):
            continue
        ids.add(one.story_id)
        known.append(one.published_at)
        kept.append(one)
    return sorted(kept, key=lambda one: (one.is_update, -one.published_at.timestamp(), str(one.story_id)))


def is_near(moment: datetime, others: Sequence[datetime]) -> bool:
    """True when one of `others` is within the same-title window of `moment`."""
    return any(abs(moment - other) <= SAME_TITLE_WINDOW for other in others)


@dataclass(frozen=True, slots=True)
class Contender:
    """One of several stored stories that are the same article. `is_shown`: readers have its neutral texts."""

    story_id: UUID
    source_priority: int
    published_at: datetime
    is_truncated: bool
    is_shown: bool

    @property
    def rank(self) -> tuple[bool, int, datetime, str]:
        """A whole text first, then as announcements."""
        return (self.is_truncated, self.source_priority, self.published_at, str(self.story_id))


def original_of(contenders: Iterable[Contender]) -> Contender:
    """Choose the original: the best-ranked of those that readers know, or else of all.

    So a story that is shown is never taken away for another, and among new ones nobody's arrival matters.
    """
    return min(contenders, key=lambda one: (not one.is_shown, one.rank))
