"""Our reading of a feed beside feedparser's: where the two differ, entry by entry."""

import calendar
import io
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser

from ingestion.feeds import ParsedFeed
from ingestion.titles import TITLE_MAX_CHARS, plain_line

# What is compared, in the order in which it is told.
COMPARED = ("entries", "links", "titles", "dates")

# Feeds whose dates feedparser reads wrongly and we do not: "2020/1/10 14:33:00" is no midnight in November.
REFERENCE_IS_WRONG = {"NetNewsWire__kc0011.rss": Counter(dates=20)}


def real_feeds(shared_data: Path) -> dict[str, bytes]:
    """Read the real feeds, by their names."""
    return {path.name: path.read_bytes() for path in sorted((shared_data / "feeds" / "files").iterdir())}


def reference_of(body: bytes) -> list[Any]:
    """Read a feed with feedparser; returns its entries that link somewhere, as ours are."""
    return [entry for entry in feedparser.parse(io.BytesIO(body)).entries if entry.get("link")]


def differences(feed: ParsedFeed, reference: list[Any]) -> Counter[str]:
    """Count the entries that differ, by what is compared.

    A relative link is made absolute and a title plain. Dates are compared by the second, which is as exact as
    feedparser is; one that it can't read may be one that we can.
    """
    found = Counter(dict.fromkeys(COMPARED, 0))
    found["entries"] = abs(len(feed.entries) - len(reference))
    for ours, theirs in zip(feed.entries, reference, strict=False):
        found["links"] += not ours.url.endswith(theirs.link.strip())
        found["titles"] += ours.title != plain_line(theirs.get("title", ""))[:TITLE_MAX_CHARS]
        time = ours.published_at.replace(microsecond=0) if ours.published_at else None
        found["dates"] += _moment(theirs) not in (time, None)
    return found


def _moment(entry: Any) -> datetime | None:
    # As a plain dictionary: feedparser's own `get` guesses at what is missing, and warns.
    written = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    return datetime.fromtimestamp(calendar.timegm(written), UTC) if written else None
