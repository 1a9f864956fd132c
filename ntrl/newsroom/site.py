"""Everything one publisher serves, as a mapping of paths to bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode

from ntrl.newsroom.articles import Article
from ntrl.newsroom.feeds import media_type, render_feed
from ntrl.newsroom.pages import render_article, render_home
from ntrl.newsroom.publishers import Publisher

ROBOTS = b"User-agent: *\nDisallow: /search\n"
PHOTO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 540"><rect width="960" height="540" fill="#cfd6d4"/>'
    b'<path d="M0 540 320 240 520 420 680 300 960 540z" fill="#9fb0ac"/></svg>'
)


@dataclass(frozen=True)
class Resource:
    """One thing that can be fetched; only feeds have a date and answer 304."""

    content: bytes
    content_type: str
    modified_at: datetime | None = None

    @property
    def etag(self) -> str:
        """A strong validator of the content."""
        return f'"{sha256(self.content).hexdigest()[:32]}"'


def build_site(publisher: Publisher, articles: Sequence[Article], *, now: datetime, port: int) -> dict[str, Resource]:
    """All resources of one publisher by path and query.

    Args:
        articles: the publisher's own, newest first.
        now: when the newsroom opened; all dates are relative to it.
        port: the port all publishers listen on.
    """
    html = f"text/html; charset={publisher.charset}" if publisher.charset_in_header else "text/html"
    present = [article for article in articles if not article.page_missing]
    site = {
        "/": Resource(render_home(publisher, present), html),
        "/robots.txt": Resource(ROBOTS, "text/plain"),
        "/photo.svg": Resource(PHOTO, "image/svg+xml"),
    }
    for article in present:
        page = render_article(article, publisher, others=present, now=now, port=port)
        site[article.path(publisher)] = Resource(page, html)
    for feed in publisher.feeds:
        listed = [article for article in articles if feed.slug in article.feeds]
        content = render_feed(feed, publisher, listed, now=now, port=port)
        newest = max((article.published_at(now) for article in listed), default=now)
        site[feed.path] = Resource(content, media_type(feed), newest)
    return site


def find(site: dict[str, Resource], target: str) -> Resource | None:
    """The resource a request's target names, tracking parameters aside."""
    if target in site:
        return site[target]
    path, _, query = target.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query) if not name.startswith("utm_")]
    return site.get(path + (f"?{urlencode(kept)}" if kept else ""))
