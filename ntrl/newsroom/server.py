"""The newsroom itself: one HTTP server for each publisher, open while its context lasts."""

import errno
import sys
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Thread
from types import TracebackType
from typing import Self, TypedDict

from ntrl.newsroom.articles import load_articles
from ntrl.newsroom.pages import render_missing
from ntrl.newsroom.publishers import PUBLISHERS, Publisher
from ntrl.newsroom.site import Resource, build_site, find

PORT = 8901  # fixed, so that the articles' addresses (and the ids made of them) never change
POLL_SECONDS = 0.05  # how soon a server notices that it should stop


class NewsroomError(Exception):
    """The newsroom cannot open."""

    def __init__(self, address: str, port: int, cause: OSError) -> None:
        self.address = address
        self.port = port
        super().__init__(f"{address}:{port} {_advice(address, cause)}")


class SourceRow(TypedDict):
    """One feed, as ingestion stores a source."""

    name: str
    slug: str
    rss_url: str
    homepage_url: str
    home_country: str
    priority: int


class Newsroom:
    """Serves all publishers from entering the context to leaving it.

    Args:
        now: the moment all dates are relative to; aware.
        port: one port on every publisher's address.
    """

    def __init__(self, now: datetime, port: int = PORT) -> None:
        if now.tzinfo is None:
            raise ValueError("the newsroom's moment must be aware")
        self._now = now.astimezone(UTC)
        self._port = port
        self._servers: list[_PublisherServer] = []

    def __enter__(self) -> Self:
        """Open every publisher.

        Raises:
            NewsroomError: an address or its port cannot be had; nothing stays open.
        """
        opened: list[_PublisherServer] = []
        try:
            for publisher in PUBLISHERS:
                opened.append(self._open(publisher))
        except NewsroomError:
            for server in opened:
                server.server_close()
            raise
        self._servers.extend(opened)
        for server in opened:
            Thread(target=server.serve_forever, args=(POLL_SECONDS,), name=server.name, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        while self._servers:
            server = self._servers.pop()
            server.shutdown()
            server.server_close()

    def sources(self) -> list[SourceRow]:
        """All feeds, in the publishers' order."""
        return [
            SourceRow(
                name=feed.name,
                slug=feed.slug,
                rss_url=publisher.base_url(self._port) + feed.path,
                homepage_url=publisher.base_url(self._port) + "/",
                home_country=publisher.home_country,
                priority=publisher.priority,
            )
            for publisher in PUBLISHERS
            for feed in publisher.feeds
        ]

    def _open(self, publisher: Publisher) -> "_PublisherServer":
        own = [article for article in load_articles() if article.publisher == publisher.slug]
        site = build_site(publisher, own, now=self._now, port=self._port)
        try:
            return _PublisherServer(publisher, site, self._port)
        except OSError as error:
            raise NewsroomError(publisher.address, self._port, error) from error


class _PublisherServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # a reader's many workers may connect at once

    def __init__(self, publisher: Publisher, site: dict[str, Resource], port: int) -> None:
        self.name = f"newsroom {publisher.slug}"
        self.site = site
        self.missing = Resource(render_missing(publisher), "text/html")
        super().__init__((publisher.address, port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking the resolver for the host's name, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hung up; anything else is a fault of ours and is printed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: _PublisherServer
    protocol_version = "HTTP/1.1"
    server_version = "newsroom"
    sys_version = ""
    timeout = 10  # seconds; a client that connects and says nothing is let go

    def do_GET(self) -> None:
        self._answer(with_content=True)

    def do_HEAD(self) -> None:
        self._answer(with_content=False)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet: the pipeline's own progress is what the terminal shows."""

    def _answer(self, *, with_content: bool) -> None:
        resource = find(self.server.site, self.path)
        status = HTTPStatus.OK if resource else HTTPStatus.NOT_FOUND
        resource = resource or self.server.missing
        if resource.modified_at and self._has_current(resource, resource.modified_at):
            status = HTTPStatus.NOT_MODIFIED
        self.send_response(status)
        self.send_header("Connection", "close")  # else an open connection would outlive the newsroom
        if resource.modified_at:
            self.send_header("ETag", resource.etag)
            self.send_header("Last-Modified", format_datetime(resource.modified_at, usegmt=True))
        if status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Type", resource.content_type)
            self.send_header("Content-Length", str(len(resource.content)))
        self.end_headers()
        if with_content and status != HTTPStatus.NOT_MODIFIED:
            self.wfile.write(resource.content)

    def _has_current(self, resource: Resource, modified_at: datetime) -> bool:
        """Whether the client's validators hold; an ETag is decisive where one is sent (RFC 9110, 13.2.2)."""
        if tags := self.headers.get("If-None-Match"):
            known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return "*" in known or resource.etag in known
        since = self.headers.get("If-Modified-Since")
        try:
            return bool(since) and modified_at <= parsedate_to_datetime(since or "").replace(tzinfo=UTC)
        except ValueError:
            return False


def _advice(address: str, cause: OSError) -> str:
    if cause.errno == errno.EADDRINUSE:
        return "is in use: another newsroom may be open; stop what listens there, then try again"
    if cause.errno == errno.EADDRNOTAVAIL:
        return f"is not an address of this machine: on macOS, first run: sudo ifconfig lo0 alias {address} up"
    return f"cannot be opened: {cause.strerror}"
