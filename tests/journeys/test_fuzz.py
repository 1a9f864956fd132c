"""Two thousand damaged copies of real feeds and pages: whatever comes of them, it is no unhandled exception."""

import gzip
import json
from collections import Counter
from datetime import UTC
from pathlib import Path

import pytest

from ingestion.errors import ExtractionError, IngestionError
from ingestion.extraction import decode_page, extract
from ingestion.feed_reading import read_feed
from ingestion.fetching import Fetched
from ingestion.language import detect_language
from ingestion.near_duplicates import signature_of
from tests.support.fetching import FakeFetcher
from tests.support.mutations import MUTATIONS, mutated

FEED_MUTATIONS = 1_600
PAGE_MUTATIONS = 400
SEED = 20261121
# Small ones, so that two thousand take seconds; damage does not depend on size.
FEED_MAX_BYTES = 45_000
PAGE_MAX_BYTES = 80_000

URL = "https://news.example/feed"

pytestmark = [pytest.mark.journey, pytest.mark.any_database]


def test_damaged_feeds(shared_data: Path) -> None:
    paths = sorted((shared_data / "feeds" / "files").iterdir())
    feeds = [body for path in paths if len(body := path.read_bytes()) <= FEED_MAX_BYTES]
    assert len(feeds) >= 30
    seen = Counter[str]()
    for name, body, content_type in mutated(feeds, FEED_MUTATIONS, SEED):
        fetcher = FakeFetcher({URL: Fetched(URL, 200, {"content-type": content_type}, body)})
        try:
            reply = read_feed(fetcher, URL, publisher="News", allow_networks=[])
        except Exception as error:
            raise AssertionError(f"mutation {name} ({content_type})") from error
        if reply.problem is not None:
            assert isinstance(reply.problem, IngestionError)
            seen[reply.problem.code] += 1
            continue
        seen["entries" if reply.entries else "none"] += 1
        for entry in reply.entries:
            _check_text(entry.title, entry.description, entry.author, entry.url)
            assert entry.url.startswith(("http://", "https://"))
            assert len(entry.url_hash) == 64
            assert entry.published_at is None or entry.published_at.tzinfo is UTC
        _check_text(*reply.warnings)
    assert seen.total() == FEED_MUTATIONS
    # Most damage leaves something to read; some leaves no feed.
    assert seen["entries"] > FEED_MUTATIONS / 2, seen
    assert seen["not_a_feed"] > 0, seen


def test_damaged_pages(shared_data: Path) -> None:
    folder = shared_data / "extraction" / "benchmark" / "html"
    unpacked = (gzip.decompress(path.read_bytes()) for path in sorted(folder.glob("*.gz")))
    pages = [body for body in unpacked if len(body) <= PAGE_MAX_BYTES]
    assert len(pages) >= 20
    seen = Counter[str]()
    for name, body, content_type in mutated(pages, PAGE_MUTATIONS, SEED):
        try:
            found = extract(decode_page(body, content_type), url=URL)
            _check_text(found.text, found.title)
            detect_language(found.text)
            signature_of(found.text)
            seen["article"] += 1
        except ExtractionError as error:
            seen[error.code] += 1
        except Exception as error:
            raise AssertionError(f"mutation {name} ({content_type})") from error
    assert seen.total() == PAGE_MUTATIONS
    assert seen["article"] > PAGE_MUTATIONS / 2, seen


def test_every_kind_of_damage_is_done() -> None:
    document = json.dumps({"<a>": 1, "encoding='x'": "<b>é</b>" * 9}, ensure_ascii=False).encode()
    names = {word for name, *_ in mutated([document], 200, SEED) for word in name.split()[1:]}
    assert names == {mutation.__name__ for mutation in MUTATIONS}


def _check_text(*texts: str) -> None:
    for text in texts:
        text.encode("utf-8")  # no lone surrogate, which no database takes
        assert "\x00" not in text
