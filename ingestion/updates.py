"""Whether a stored article is worth reading again: its feed says that it changed, and has not cried wolf too often."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# No article of ours has more versions of its body; each may cost a neutralization.
MAX_VERSIONS = 10

# How long to wait since the last reading, by how many readings in a row found nothing new; after the last, never again.
# Two mistakes are forgiven at once, since publishers announce a change before their caches show it. A feed whose dates
# always move costs six readings of an article, spread over days, during which a true correction is still found.
WAITS = (
    timedelta(0),
    timedelta(0),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=16),
    timedelta(hours=32),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of a stored article: when its page was last read, and the feed's date that was known then."""

    read_at: datetime
    feed_updated_at: datetime | None
    fruitless_reads: int
    body_version: int


def is_worth_reading_again(known: Reading, *, updated_at: datetime | None, now: datetime) -> bool:
    """Decide over an entry that its feed says was updated at `updated_at` (None: it does not say).

    A feed that gave no date before must name one after our reading.
    """
    if updated_at is None or updated_at <= (known.feed_updated_at or known.read_at):
        return False
    if known.body_version >= MAX_VERSIONS or known.fruitless_reads >= len(WAITS):
        return False
    return now >= known.read_at + WAITS[known.fruitless_reads]
