"""A fetcher without a network: addresses answer what is queued for them. And documents to answer with."""

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from ingestion.errors import FetchError
from ingestion.fetching import Fetched, Kind

PARAGRAPHS = (
    "The city council voted on Tuesday evening to repair the old bridge over the river after two years of debate.",
    "Engineers had found cracks in three of the pillars during an inspection last autumn, the council's report says.",
    "Work begins in May and is expected to end in the autumn. Traffic will be led over the northern bridge meanwhile.",
    "The repair costs 4 million dollars, half of which the state pays. Two of nine members voted against the plan.",
    "Residents had asked for a footpath along the rails, and the council said that it would look at that next year.",
)


class FakeFetcher:
    """Answers from `replies`, by address: one after another, the last for ever. An unknown address is a 404.

    A reply is an exception, a `Fetched`, or a text (status 200).
    """

    def __init__(self, replies: Mapping[str, Any] | None = None) -> None:
        self.replies = {url: self._queue(reply) for url, reply in (replies or {}).items()}
        self.asked: list[tuple[str, Kind, str, str]] = []
        self._lock = threading.Lock()

    def set(self, url: str, *replies: Any) -> None:
        """Answer differently from now on."""
        self.replies[url] = list(replies)

    def fetch(self, url: str, *, kind: Kind, etag: str = "", last_modified: str = "") -> Fetched:
        """Answer."""
        with self._lock:
            self.asked.append((url, kind, etag, last_modified))
            queue = self.replies.get(url, [failure(404)])
            reply = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, Fetched) else ok(reply, url=url)

    def close(self) -> None:
        """Hold nothing."""

    def pages_asked(self) -> list[str]:
        """The articles' addresses that were fetched, in order."""
        return [url for url, kind, *_ in self.asked if kind == "page"]

    @staticmethod
    def _queue(reply: Any) -> list[Any]:
        return list(reply) if isinstance(reply, list) else [reply]


def ok(text: str, *, url: str = "https://example.org/", **headers: str) -> Fetched:
    """A document with status 200; `etag="x"` and the like become headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fetched(url, 200, {"content-type": "text/html; charset=utf-8", **named}, text.encode())


def not_modified(url: str = "https://example.org/") -> Fetched:
    """Status 304."""
    return Fetched(url, 304, {}, b"")


def failure(status: int, *, retry_after_seconds: float | None = None) -> FetchError:
    """What the fetcher raises for a status."""
    return FetchError(
        f"http_{status}",
        url="https://example.org/",
        retryable=status == 429 or status >= 500,
        retry_after_seconds=retry_after_seconds,
    )


def a_feed(*items: tuple[str, str, datetime | None]) -> str:
    """An RSS document of (address, title, time) items."""
    return f"<rss version='2.0'><channel><title>Feed</title>{''.join(map(_item, items))}</channel></rss>"


def a_page(title: str = "A page", *, paragraphs: Iterable[str] = PARAGRAPHS, canonical: str = "") -> str:
    """An article's page."""
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html lang=en><head><title>{escape(title)}</title>{link}</head>"
        f"<body><article><h1>{escape(title)}</h1>{text}</article></body></html>"
    )


def _item(item: tuple[str, str, datetime | None]) -> str:
    url, title, moment = item
    date = f"<pubDate>{format_datetime(moment)}</pubDate>" if moment else ""
    return f"<item><link>{escape(url)}</link><guid>{escape(url)}</guid><title>{escape(title)}</title>{date}</item>"
