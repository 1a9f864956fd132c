"""Read one feed from its address to entries with keys: for the stage `feeds`, and for checking a source."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingestion.addresses import Network
from ingestion.errors import IngestionError, UrlError
from ingestion.feeds import Entry, parse_feed
from ingestion.fetching import Fetcher
from ingestion.inbox import NewEntry
from ingestion.links import check_address, own_network
from ingestion.titles import title_hash
from ingestion.urls import story_id, url_hash

# Entries that were left out are counted; so many are named.
_NAMED = 3
_TITLE_SHOWN_CHARS = 60


@dataclass(frozen=True, slots=True)
class FeedReply:
    """What a feed said. `problem` names why it could not be read; then nothing else is set.

    Attributes:
        entries: those that can become stories, in the feed's order.
        warnings: what was odd, and what was left out, in sentences for an editor.
        not_modified: the server said 304; then nothing else is set.
        is_whole: the document is not broken beyond repair; else entries may be missing, and the validators stand for
            more than was read.
        etag: the validator for the next request; likewise `last_modified`.
        moved_to: where the asked address has moved for good, "" for nowhere.
        format: `rss`, `atom`, `rdf`, `json` or `unknown`.
    """

    entries: Sequence[NewEntry] = ()
    warnings: Sequence[str] = ()
    not_modified: bool = False
    is_whole: bool = True
    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""
    format: str = ""
    problem: IngestionError | None = None


def read_feed(
    fetcher: Fetcher,
    url: str,
    *,
    publisher: str,
    allow_networks: Sequence[Network],
    etag: str = "",
    last_modified: str = "",
) -> FeedReply:
    """Fetch and parse; a feed that can't be read is a reply too, with its `problem`.

    Args:
        fetcher: brings the document.
        url: the feed's address.
        publisher: a name that is dropped from titles before they are hashed.
        allow_networks: entries may link into these though they are not public.
        is_whole: the document is not broken beyond repair; else entries may be missing, and the validators stand for
            more than was read.
        etag: the validator of the last reply; with it or `last_modified` the answer may be 304.
        last_modified: likewise.
    """
    try:
        got = fetcher.fetch(url, kind="feed", etag=etag, last_modified=last_modified)
        if got.status == 304:
            return FeedReply(not_modified=True)
        feed = parse_feed(got.body, url=got.url, content_type=got.content_type)
    except IngestionError as problem:
        return FeedReply(problem=problem)
    entries, left_out = _keyed(feed.entries, publisher, (*allow_networks, *own_network(got.url)))
    return FeedReply(
        entries,
        [*feed.warnings, *left_out],
        is_whole=feed.is_whole,
        etag=got.etag,
        last_modified=got.last_modified,
        moved_to=got.moved_permanently_to,
        format=feed.format,
    )


def _keyed(entries: Iterable[Entry], publisher: str, networks: Sequence[Network]) -> tuple[list[NewEntry], list[str]]:
    """Compute the keys of entries; those whose link may not be followed come back as a warning."""
    keyed: list[NewEntry] = []
    refused: list[str] = []
    for entry in entries:
        try:
            check_address(entry.url, networks)
            keyed.append(_with_keys(entry, publisher))
        except UrlError as error:
            refused.append(f"“{entry.title[:_TITLE_SHOWN_CHARS]}” {error.detail}")
    if not refused:
        return keyed, []
    shown = ", ".join(refused[:_NAMED]) + (", …" if len(refused) > _NAMED else "")
    return keyed, [f"entries left out: {len(refused)} ({shown})"]


def _with_keys(entry: Entry, publisher: str) -> NewEntry:
    key = url_hash(entry.url)
    return NewEntry(
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
