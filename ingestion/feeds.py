"""Read a feed: RSS 0.9 to 2.0, Atom, RDF or JSON Feed become one list of entries, with what was odd about it."""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import urljoin

import fastfeedparser
import feedparser
from resiliparse.extract.html2text import extract_plain_text

from ingestion.errors import FeedError, UrlError
from ingestion.feed_text import FeedText, read_text
from ingestion.page_limits import has_many_attributes
from ingestion.titles import TITLE_MAX_CHARS, drop_unprintable, plain_line
from ingestion.urls import normalize_url

# A news feed lists 10 to 200 entries; of more, only the newest are news. Bounds what one hostile feed can cost.
MAX_ENTRIES = 1_000

# Kept for audit, and for classification beside the body; some feeds put whole articles there.
DESCRIPTION_MAX_CHARS = 5_000
_DESCRIPTION_MARKUP_MAX_CHARS = 100_000

AUTHOR_MAX_CHARS = 300
ENTRY_ID_MAX_CHARS = 2_000

# feedparser needs up to 5 s for a hostile megabyte; what the fast parser can't read and is longer stays unread.
SECOND_READING_MAX_CHARS = 2_000_000
# It needs 1.5 kB and 50 µs a tag; of 72 real feeds the largest has 6,600.
SECOND_READING_MAX_TAGS = 40_000

# Where the root element, or a page's title, is looked for.
_HEAD_CHARS = 4_096

_ROOT = re.compile(r"<(?:\w{1,20}:)?(rss|feed|rdf|html|head|body|!doctype html)\b", re.IGNORECASE)
_PAGE_TITLE = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)
_FORMATS = {"rss": "rss", "feed": "atom", "rdf": "rdf"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as its feed announces it. Times are aware UTC; texts are plain, one line each; `url` is absolute."""

    url: str
    title: str
    description: str
    author: str
    published_at: datetime | None
    updated_at: datetime | None
    entry_id: str


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed's entries in its own order, and sentences about what was odd, for its editor.

    `format` is `rss`, `atom`, `rdf`, `json` or `unknown`. `is_whole` is False when the document is broken beyond
    repair, cut off for one: then there may have been more entries than are here.
    """

    title: str
    entries: tuple[Entry, ...]
    warnings: tuple[str, ...]
    format: str
    is_whole: bool


_Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one parser made of the document, in the names that both parsers share."""

    title: str
    link: str
    rows: Sequence[_Row]
    oddity: str = ""

    @property
    def usable(self) -> int:
        return sum(_is_usable(row) for row in self.rows)

    @property
    def absolute(self) -> int:
        """Links that need no base: an `xml:base` is known to the patient parser only."""
        return sum("://" in _text(row, "link") for row in self.rows)

    @property
    def is_clean(self) -> bool:
        return bool(self.rows) and self.usable == self.absolute == len(self.rows)


def parse_feed(body: bytes, *, url: str, content_type: str = "") -> ParsedFeed:
    """Read a feed.

    Args:
        body: the document as it came, decompressed.
        url: where it came from, after redirects; relative links are resolved against it.
        content_type: the header, for its character set; "" when unknown.

    Returns:
        The entries that link somewhere, at most `MAX_ENTRIES`, newest kept. An empty list with a warning when the
        feed is valid and has none.

    Raises:
        FeedError: the document is empty, an HTML page, or no feed at all; broken and without an entry; or such that
            reading it would cost too much.
    """
    source = read_text(body, content_type)
    kind = _format(source.text)
    reading = _read(source, kind)
    if reading is None or (kind == "html" and not reading.rows):
        raise _refusal(source.text, kind, content_type)
    if not reading.rows:
        _check_emptiness(source)
    warnings = [oddity for oddity in (source.fault or reading.oddity,) if oddity]
    rows = reading.rows
    if len(rows) > MAX_ENTRIES:
        warnings.append(f"{len(rows)} entries; only the newest {MAX_ENTRIES} are read")
        rows = _newest(rows)
    entries, unusable = _entries(rows, base=_base(url, reading.link, kind), feed_url=url)
    if not reading.rows:
        warnings.append("feed lists no entries" if warnings else "feed is valid but lists no entries")
    title = plain_line(reading.title)[:TITLE_MAX_CHARS]
    return ParsedFeed(title, entries, (*warnings, *unusable), kind, source.is_whole)


def _check_emptiness(source: FeedText) -> None:
    """Let a feed pass that has no entries, not one that may have lost them."""
    if not _may_be_read_again(source):
        raise FeedError("feed_too_complex", "no entries were found, and looking closer would cost too much")
    if not source.is_whole:
        raise FeedError("malformed_feed", f"{source.fault}; no entries were found")


def _read(source: FeedText, kind: str) -> _Reading | None:
    """Read with the fast parser, and again with the patient one when the first reading leaves doubts.

    The fast one passes over what is not well-formed without a word, so then the patient one is believed.
    """
    first = _attempt(_read_fast, source, kind)
    is_done = first is not None and first.is_clean and source.is_whole
    if is_done or not source.text or not _may_be_read_again(source):
        return first
    second = _attempt(_read_patiently, source, kind)
    believed = (first, second) if source.is_whole else (second, first)
    readings = [reading for reading in believed if reading is not None]
    return max(readings, key=lambda reading: (reading.usable, reading.absolute), default=None)


def _may_be_read_again(source: FeedText) -> bool:
    if len(source.text) > SECOND_READING_MAX_CHARS or source.text.count("<") > SECOND_READING_MAX_TAGS:
        return False
    return not source.has_entities  # only the patient parser puts in what they stand for


def _attempt(read: Callable[[bytes, str], _Reading | None], source: FeedText, kind: str) -> _Reading | None:
    try:
        return read(source.text.encode(), kind)
    except Exception:  # noqa: BLE001 - hostile input: a parser raises whatever its parts raise
        return None


def _read_fast(body: bytes, kind: str) -> _Reading:
    # Bytes, never str: the parser takes a string for an address and fetches it.
    parsed = fastfeedparser.parse(body, include_tags=False, include_media=False, include_enclosures=False)
    rows = [_with_alternate(row) for row in parsed.entries] if kind == "atom" else parsed.entries
    return _Reading(_text(parsed.feed, "title"), _text(parsed.feed, "link"), rows)


def _with_alternate(row: _Row) -> _Row:
    """Take the link that Atom means: the parser prefers any first one to one without `rel`, which is an alternate."""
    links = [link for link in row.get("links", ()) if link.get("rel") in (None, "", "alternate")]
    return {**row, "link": links[0].get("href") if links else ""}


def _read_patiently(body: bytes, kind: str) -> _Reading | None:
    # A file object, never bytes or str: the parser takes those for an address or a path, and opens it.
    content_type = "application/json" if kind == "json" else "application/xml; charset=utf-8"
    parsed = feedparser.parse(io.BytesIO(body), response_headers={"content-type": content_type})
    if not parsed.entries and not parsed.get("version"):
        return None
    oddity = plain_line(str(parsed.get("bozo_exception") or ""))[:200] if parsed.bozo else ""
    return _Reading(
        _text(parsed.feed, "title"),
        _text(parsed.feed, "link"),
        parsed.entries,
        f"feed is malformed: {oddity}" if oddity else "",
    )


def _is_usable(row: _Row) -> bool:
    return bool(_text(row, "link")) and bool(_text(row, "title") or _text(row, "description"))


def _text(row: _Row, key: str) -> str:
    value = row.get(key)
    return _undo_double_encoding(value.strip()) if isinstance(value, str) else ""


def _undo_double_encoding(text: str) -> str:
    """Read "cafÃ©" as "café": UTF-8 taken for Latin-1 and encoded again, which no text becomes by chance."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _newest(rows: Sequence[_Row]) -> list[_Row]:
    oldest = datetime.min.replace(tzinfo=UTC)
    by_age = sorted(range(len(rows)), key=lambda at: _time(rows[at], "published", "updated") or oldest, reverse=True)
    return [rows[at] for at in sorted(by_age[:MAX_ENTRIES])]


def _entries(rows: Sequence[_Row], *, base: str, feed_url: str) -> tuple[tuple[Entry, ...], list[str]]:
    """Make entries of rows; count those without a usable link, instead of losing them silently."""
    no_articles = {normalize_url(address) for address in (base, feed_url)}
    entries: list[Entry] = []
    without_link = 0
    refused: list[str] = []
    for row in rows:
        try:
            url = _absolute(_text(row, "link"), base)
            if not url:
                without_link += 1
            elif normalize_url(url) in no_articles:
                refused.append("leads to the feed or to its front page, not to an article")
            else:
                entries.append(_entry(row, url))
        except UrlError as error:
            refused.append(error.detail)
    warnings = [f"entries without a link: {without_link}"] if without_link else []
    if refused:
        warnings.append(f"entries whose link cannot be used: {len(refused)} (first: {refused[0]})")
    return tuple(entries), warnings


def _entry(row: _Row, url: str) -> Entry:
    updated_at = _time(row, "updated")
    return Entry(
        url=url,
        title=plain_line(_text(row, "title")[: 4 * TITLE_MAX_CHARS])[:TITLE_MAX_CHARS],
        description=_plain_text(_text(row, "description")),
        author=plain_line(_text(row, "author")[: 4 * AUTHOR_MAX_CHARS])[:AUTHOR_MAX_CHARS],
        published_at=_time(row, "published") or updated_at,
        updated_at=updated_at,
        entry_id=plain_line(_text(row, "id")[:ENTRY_ID_MAX_CHARS]),
    )


def _absolute(link: str, base: str) -> str:
    """Return the link as an absolute address that names a story, "" for no link; raises UrlError for others."""
    if not link:
        return ""
    try:
        url = urljoin(base, link)
    except ValueError as error:
        raise UrlError(f"cannot be read: {error}") from error
    normalize_url(url)
    return url


def _base(url: str, feed_link: str, kind: str) -> str:
    """Return what relative links hang on: RSS means its channel's site, Atom (RFC 4287) the document."""
    if kind == "atom":
        return url
    try:
        return _absolute(feed_link, url) or url
    except UrlError:
        return url


def _time(row: _Row, *keys: str) -> datetime | None:
    """Return the first time that can be read; naive ones are UTC."""
    for key in keys:
        # Asking feedparser for a missing `updated` gives `published`, unless asked this way.
        if key not in row and f"{key}_parsed" not in row:
            continue
        parsed, written = row.get(f"{key}_parsed"), row.get(key)
        try:
            if parsed is not None:
                year, month, day, hour, minute, second = parsed[:6]
                return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            if isinstance(written, str):
                time = datetime.fromisoformat(written)
                return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        except (ValueError, OverflowError, TypeError):
            continue
    return None


def _plain_text(markup: str) -> str:
    markup = markup[:_DESCRIPTION_MARKUP_MAX_CHARS]
    if "<" in markup and not has_many_attributes(markup):
        # A lone surrogate is nothing that the HTML parser takes.
        markup = markup.encode("utf-8", "ignore").decode("utf-8")
        text = extract_plain_text(markup, preserve_formatting=False, list_bullets=False, alt_texts=False)
        return " ".join(drop_unprintable(text).replace("\x00", " ").split())[:DESCRIPTION_MAX_CHARS]
    return plain_line(markup)[:DESCRIPTION_MAX_CHARS]


def _format(text: str) -> str:
    head = text[:_HEAD_CHARS].lstrip()
    if head.startswith("{"):
        return "json"
    root = _ROOT.search(head)
    return _FORMATS.get(root[1].lower(), "html") if root else "unknown"


def _refusal(text: str, kind: str, content_type: str) -> FeedError:
    if not text.strip():
        return FeedError("empty_document", "the document is empty")
    if kind == "html":
        title = _PAGE_TITLE.search(text[:_HEAD_CHARS])
        name = plain_line(title[1])[:100] if title else ""
        return FeedError("html_instead_of_feed", f"a web page titled “{name}”" if name else "a web page")
    said = f", sent as {plain_line(content_type)[:100]}" if content_type else ""
    return FeedError("not_a_feed", f"neither RSS, Atom, RDF nor JSON Feed{said}")
