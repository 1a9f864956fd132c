"""Feeds to read, and our reading of one beside feedparser's: where the two differ, entry by entry."""

import calendar
import io
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import feedparser

from ingestion.feeds import ParsedFeed
from ingestion.titles import TITLE_MAX_CHARS, plain_line

# What is compared, in the order in which it is told.
COMPARED = ("entries", "links", "titles", "dates", "ids", "descriptions")

# What feedparser reads wrongly and we do not: "2020/1/10 14:33:00" is no midnight in November, and "&utm_medium=rss" in
# an address is not "&utm;_medium=rss".
REFERENCE_IS_WRONG = {"NetNewsWire__kc0011.rss": Counter(dates=20), "FeedKit__Ampersand.xml": Counter(ids=20)}

# So much of a description is compared; where it ends is a matter of taste.
_DESCRIPTION_LETTERS = 40

# One entry of a feed, and what becomes of it is known.
ITEM = "<title>A</title><link>https://example.com/a</link>"


def rss(*items: str, head: str = "<title>T</title>") -> str:
    """Write a feed of RSS 2.0 around the insides of items."""
    return f'<rss version="2.0"><channel>{head}{"".join(f"<item>{item}</item>" for item in items)}</channel></rss>'


def real_feeds(shared_data: Path) -> dict[str, bytes]:
    """Read the real feeds, by their names."""
    return {path.name: path.read_bytes() for path in sorted((shared_data / "feeds" / "files").iterdir())}


def reference_of(body: bytes) -> list[Any]:
    """Read a feed with feedparser; returns its entries that link somewhere, as ours are."""
    return [entry for entry in feedparser.parse(io.BytesIO(body)).entries if entry.get("link")]


def differences(feed: ParsedFeed, reference: list[Any], url: str) -> Counter[str]:
    """Count the entries that differ, by what is compared; `url` is the feed's.

    A relative link is made absolute and a title plain. Dates are compared by the second, which is as exact as
    feedparser is; one that it can't read may be one that we can. So may be an id. A description, where we have one,
    begins with words of one of feedparser's texts.
    """
    found = Counter(dict.fromkeys(COMPARED, 0))
    found["entries"] = abs(len(feed.entries) - len(reference))
    for ours, theirs in zip(feed.entries, reference, strict=False):
        found["links"] += ours.url != urljoin(url, theirs.link.strip())
        found["titles"] += ours.title != plain_line(theirs.get("title", ""))[:TITLE_MAX_CHARS]
        time = ours.published_at.replace(microsecond=0) if ours.published_at else None
        found["dates"] += _moment(theirs) not in (time, None)
        found["ids"] += plain_line(theirs.get("id", "")) not in (ours.entry_id, "")
        found["descriptions"] += _letters(ours.description)[:_DESCRIPTION_LETTERS] not in _all_letters(theirs)
    return found


def _moment(entry: Any) -> datetime | None:
    # As a plain dictionary: feedparser's own `get` guesses at what is missing, and warns.
    written = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    return datetime.fromtimestamp(calendar.timegm(written), UTC) if written else None


def _all_letters(entry: Any) -> str:
    texts = (entry.get("summary", ""), *(content.value for content in entry.get("content", ())))
    return _letters(plain_line(" ".join(texts)))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
