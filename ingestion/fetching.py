"""Fetch feeds and pages from strangers: only public addresses, within a time, a size and a number of redirects.

The host is resolved here and the connection is made to the address that was checked, so a name that resolves to
something else a moment later (DNS rebinding) gains nothing. Every redirect is a new address, checked anew.
"""

import re
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Literal, Protocol, TypeAlias, cast

import httpcore2
import httpx2

from ingestion.addresses import Network
from ingestion.connections import GuardedBackend, GuardError, Resolve, resolve_host, time_limit
from ingestion.errors import FetchError, UrlError
from ingestion.urls import normalize_url

Kind: TypeAlias = Literal["feed", "page", "robots"]

# Entered around each exchange with its address: may wait, and may refuse by raising FetchError.
Admit: TypeAlias = Callable[[str], AbstractContextManager[None]]

# A feed or a page that takes longer has a dead or a hostile server; 25 of them must not hold up a run.
FETCH_TIMEOUT_SECONDS = 30.0

# Of decoded body. The longest article pages have 3 MB; ten times the usual 300 kB is refused late enough.
FETCH_MAX_BYTES = 5_000_000

# robots.txt comes before a page and shares the page's patience.
ROBOTS_TIMEOUT_SECONDS = 10.0

# At least so much of robots.txt must be read (RFC 9309, 2.5); what comes after it is not.
ROBOTS_MAX_BYTES = 512_000

# What browsers follow is 20; publishers need three (http to https to www to the article).
FETCH_MAX_REDIRECTS = 5

# Longer waits are no politeness: the backing-off of a failing source is bounded by a day too.
RETRY_AFTER_MAX_SECONDS = 86_400.0

# Long enough for the next article of one host, short enough not to meet connections the server has closed.
_KEEP_ALIVE_SECONDS = 5.0

# Real validators have 20 to 60 characters.
_VALIDATOR_MAX_CHARS = 200

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_RETRYABLE_STATUSES = frozenset({408, 425, 429})
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "br", "deflate"})
_ACCEPT: dict[Kind, str] = {
    "feed": "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
    "robots": "text/plain, */*;q=0.5",
}
# What a page may call itself; a film, a picture or a PDF file is none.
_PAGE_TYPE = re.compile(r"text/|application/(xhtml|xml|octet-stream)|[^/]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Redirect:
    """One hop: the status that asked for it, and where it led."""

    status: int
    url: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server gave: status 200 with a body, or 304 without one. `url` is the address after redirects.

    `headers` have lower-case names; `body` is decompressed, in the document's own character set.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    redirects: tuple[Redirect, ...] = ()

    @property
    def content_type(self) -> str:
        """The Content-Type header as sent."""
        return self.headers.get("content-type", "")

    @property
    def etag(self) -> str:
        """The validator to send next time; "" for none."""
        return _validator(self.headers.get("etag", ""))

    @property
    def last_modified(self) -> str:
        """The time to send next time, as the server wrote it; "" for none."""
        return _validator(self.headers.get("last-modified", ""))

    @property
    def moved_permanently_to(self) -> str:
        """Where the first redirects, as far as all are permanent, have moved the asked address; "" if nowhere."""
        moved = ""
        for redirect in self.redirects:
            if redirect.status not in _PERMANENT:
                break
            moved = redirect.url
        return moved


class Fetcher(Protocol):
    """Whatever brings documents: the guarded fetcher, a polite one around it, a fake."""

    def fetch(self, url: str, *, kind: Kind, etag: str = "", last_modified: str = "") -> Fetched:
        """Return the document, or raise FetchError."""
        ...


class GuardedFetcher:
    """Fetches over HTTP under guard. Thread-safe: one serves all workers.

    Args:
        allow_networks: networks that may be reached though they are not public (a test's loopback).
        user_agent: our name, with an address where a publisher finds us.
        timeout_seconds: for the whole exchange, redirects and names included.
        max_bytes: of decoded body.
        max_redirects: followed before giving up.
        resolve: names to addresses; the system's resolver but in tests.
    """

    def __init__(
        self,
        *,
        allow_networks: Sequence[Network],
        user_agent: str,
        timeout_seconds: float = FETCH_TIMEOUT_SECONDS,
        max_bytes: int = FETCH_MAX_BYTES,
        max_redirects: int = FETCH_MAX_REDIRECTS,
        resolve: Resolve = resolve_host,
    ) -> None:
        self._user_agent = user_agent
        self._timeout_seconds = timeout_seconds
        self._max_bytes = max_bytes
        self._max_redirects = max_redirects
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            max_connections=None,
            network_backend=GuardedBackend(tuple(allow_networks), resolve),
        )

    def fetch(
        self, url: str, *, kind: Kind, etag: str = "", last_modified: str = "", admit: Admit | None = None
    ) -> Fetched:
        """Fetch one document, following redirects.

        Args:
            url: an http or https address.
            kind: what is expected, for the Accept header; a page must also say that it is text.
            etag: the validator of the copy we have; with it or `last_modified` the answer may be 304.
            last_modified: likewise.
            admit: asked at each address, redirects included; the time it takes does not count.

        Returns:
            The document. Of a robots.txt only the beginning, when it is long.

        Raises:
            FetchError: with `retryable` and, when the server said so, `retry_after_seconds`.
        """
        headers = self._headers(kind, etag, last_modified)
        redirects: list[Redirect] = []
        seconds_left = self._timeout_seconds if kind != "robots" else min(self._timeout_seconds, ROBOTS_TIMEOUT_SECONDS)
        while True:
            here = redirects[-1].url if redirects else url
            with admit(here) if admit else nullcontext(), time_limit(seconds_left):
                started = time.monotonic()
                step = self._exchange(here, headers, kind)
                seconds_left -= time.monotonic() - started
            if isinstance(step, Fetched):
                return replace(step, redirects=tuple(redirects))
            self._check_redirect(step, [url, *(redirect.url for redirect in redirects)])
            redirects.append(step)

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def _headers(self, kind: Kind, etag: str, last_modified: str) -> dict[str, str]:
        headers = {"User-Agent": self._user_agent, "Accept": _ACCEPT[kind], "Accept-Encoding": "gzip, br"}
        if _validator(etag):
            headers["If-None-Match"] = etag
        if _validator(last_modified):
            headers["If-Modified-Since"] = last_modified
        return headers

    def _check_redirect(self, step: Redirect, seen: Sequence[str]) -> None:
        if step.url in seen:
            raise FetchError("redirect_loop", "redirects lead back", url=step.url, retryable=False)
        if len(seen) > self._max_redirects:
            raise FetchError(
                "too_many_redirects", f"more than {self._max_redirects} redirects", url=step.url, retryable=False
            )

    def _exchange(self, url: str, headers: Mapping[str, str], kind: Kind) -> Fetched | Redirect:
        """Ask one address once; errors of the network become ours."""
        try:
            normalize_url(url)
            request = httpx2.Request("GET", url, headers=headers)
            with _Answer(self._pool, request) as response:
                return self._read(response, url, kind)
        except (UrlError, httpx2.InvalidURL, httpcore2.LocalProtocolError, UnicodeError) as error:
            detail = error.detail if isinstance(error, UrlError) else str(error)
            raise FetchError("bad_url", detail, url=url, retryable=False) from error
        except GuardError as error:
            raise FetchError(error.code, str(error), url=url, retryable=error.is_retryable) from error
        except httpcore2.TimeoutException as error:
            detail = f"not done within {self._timeout_seconds:g} s"
            raise FetchError("timeout", detail, url=url, retryable=True) from error
        except httpcore2.NetworkError as error:
            raise FetchError("connection_failed", str(error), url=url, retryable=True) from error
        except (httpcore2.ProtocolError, httpx2.DecodingError) as error:
            raise FetchError("bad_response", str(error), url=url, retryable=True) from error

    def _read(self, response: httpx2.Response, url: str, kind: Kind) -> Fetched | Redirect:
        status = response.status_code
        if status in _REDIRECTS:
            return Redirect(status, _target(response, url))
        headers = {name.lower(): value for name, value in response.headers.items()}
        if status == 304 and _is_conditional(response.request):
            return Fetched(url, status, headers, b"")
        if status != 200:
            raise FetchError(
                f"http_{status}",
                url=url,
                retryable=status in _RETRYABLE_STATUSES or status >= 500,
                retry_after_seconds=_retry_after(headers.get("retry-after", "")),
            )
        _check_type(headers, url, kind)
        if kind == "robots":
            return Fetched(url, status, headers, _beginning(response, ROBOTS_MAX_BYTES))
        return Fetched(url, status, headers, self._body(response, url))

    def _body(self, response: httpx2.Response, url: str) -> bytes:
        """Read the body as it is decoded, so that what grows without end is cut off early."""
        announced = response.headers.get("content-length", "")
        body = bytearray()
        if not (announced.isdecimal() and len(announced) < 20 and int(announced) > self._max_bytes):
            for piece in response.iter_bytes():
                body += piece
                if len(body) > self._max_bytes:
                    body.clear()  # the error's traceback would hold it for as long as the error lives
                    break
            else:
                return bytes(body)
        raise FetchError("too_large", f"more than {self._max_bytes:,} bytes", url=url, retryable=False)


class _Answer(httpx2.SyncByteStream):
    """One exchange as a context: inside it the response's body can be read, after it the connection is free."""

    def __init__(self, pool: httpcore2.ConnectionPool, request: httpx2.Request) -> None:
        self._pool = pool
        self._request = request

    def __enter__(self) -> httpx2.Response:
        url = self._request.url
        self._response = self._pool.handle_request(
            httpcore2.Request(
                method="GET",
                url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=self._request.headers.raw,
            )
        )
        return httpx2.Response(
            self._response.status, headers=self._response.headers, stream=self, request=self._request
        )

    def __exit__(self, *_: object) -> None:
        self._response.close()

    def __iter__(self) -> Iterator[bytes]:
        yield from cast("Iterable[bytes]", self._response.stream)


def _beginning(response: httpx2.Response, max_bytes: int) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) >= max_bytes:
            break
    return bytes(body[:max_bytes])


def _target(response: httpx2.Response, url: str) -> str:
    location = response.headers.get("location", "").strip()
    if not location:
        raise httpcore2.RemoteProtocolError("a redirect to nowhere")
    return str(httpx2.URL(url).join(location).copy_with(fragment=None))


def _is_conditional(request: httpx2.Request) -> bool:
    return "if-none-match" in request.headers or "if-modified-since" in request.headers


def _check_type(headers: Mapping[str, str], url: str, kind: Kind) -> None:
    encodings = {encoding.strip().lower() for encoding in headers.get("content-encoding", "").split(",")}
    if not encodings <= _ENCODINGS:
        raise httpcore2.RemoteProtocolError("a compression we did not ask for")
    content_type = headers.get("content-type", "").strip()
    if kind == "page" and not _PAGE_TYPE.match(content_type):
        raise FetchError("not_a_page", content_type[:100], url=url, retryable=False)


def _retry_after(header: str) -> float | None:
    """Read seconds, or a date, which is measured against our own clock."""
    header = header.strip()
    try:
        if header.isdecimal() and len(header) < 20:
            seconds = float(header)
        else:
            moment = parsedate_to_datetime(header)
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_MAX_SECONDS)


def _validator(value: str) -> str:
    return value if value.isascii() and value.isprintable() and len(value) <= _VALIDATOR_MAX_CHARS else ""
