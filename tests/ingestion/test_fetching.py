"""The guarded fetcher over real loopback HTTP: what it brings, what it refuses, and what it cuts off."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network

import brotli
import pytest

from ingestion.errors import FetchError
from ingestion.fetching import RETRY_AFTER_MAX_SECONDS, ROBOTS_MAX_BYTES, Fetched, GuardedFetcher, Kind
from tests.support.site import HEAD, Answer, Site, answer, trickle

LOOPBACK = ip_network("127.0.0.0/8")
AGENT = "NTRL/test (+https://ntrl.example/)"


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    running = Site()
    yield running
    running.close()


@pytest.fixture
def site(server: Site) -> Site:
    server.answers.clear()
    server.requests.clear()
    return server


@pytest.fixture(scope="module")
def fetcher() -> Iterator[GuardedFetcher]:
    guarded = GuardedFetcher(allow_networks=[LOOPBACK], user_agent=AGENT, timeout_seconds=10)
    yield guarded
    guarded.close()


def failure(fetcher: GuardedFetcher, url: str, kind: Kind = "page") -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url, kind=kind)
    return caught.value


def test_a_document_and_what_it_says_of_itself(site: Site, fetcher: GuardedFetcher) -> None:
    site.answers["/a"] = answer(
        body="<p>olé".encode("latin-1"),
        Content_Type="text/html; charset=ISO-8859-1",
        ETag='"v1"',
        Last_Modified="Tue, 02 Jan 2024 03:04:05 GMT",
    )
    got = fetcher.fetch(f"{site.url}/a", kind="page")
    assert (got.url, got.status, got.body) == (f"{site.url}/a", 200, b"<p>ol\xe9")
    assert got.content_type == "text/html; charset=ISO-8859-1"
    assert (got.etag, got.last_modified) == ('"v1"', "Tue, 02 Jan 2024 03:04:05 GMT")
    assert (got.redirects, got.moved_permanently_to) == ((), "")
    headers = site.requests[0][1]
    assert headers["user-agent"] == AGENT
    assert headers["host"] == f"127.0.0.1:{site.port}"
    assert headers["accept"].startswith("text/html")
    assert "cookie" not in headers


def test_validators_are_sent_and_304_has_no_body(site: Site, fetcher: GuardedFetcher) -> None:
    site.answers["/feed"] = answer(304, ETag='"v1"')
    got = fetcher.fetch(f"{site.url}/feed", kind="feed", etag='"v1"', last_modified="Tue, 02 Jan 2024 03:04:05 GMT")
    assert (got.status, got.body) == (304, b"")
    headers = site.requests[0][1]
    assert headers["if-none-match"] == '"v1"'
    assert headers["if-modified-since"] == "Tue, 02 Jan 2024 03:04:05 GMT"
    assert headers["accept"].startswith("application/rss+xml")
    assert failure(fetcher, f"{site.url}/feed").code == "http_304"


@pytest.mark.parametrize("validator", ['"bad\r\nX-Injected: 1"', "ünïcode", "x" * 1_000])
def test_validators_that_are_none_are_not_sent(site: Site, fetcher: GuardedFetcher, validator: str) -> None:
    site.answers["/feed"] = answer(body=b"<rss/>")
    fetcher.fetch(f"{site.url}/feed", kind="feed", etag=validator, last_modified=validator)
    assert {"if-none-match", "if-modified-since", "x-injected"}.isdisjoint(site.requests[0][1])


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("gzip", gzip.compress), ("br", brotli.compress), ("deflate", zlib.compress), ("identity", bytes)],
)
def test_compressed_bodies_are_decoded(
    site: Site, fetcher: GuardedFetcher, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    site.answers["/a"] = answer(body=compress(b"text " * 1_000), Content_Encoding=encoding)
    assert fetcher.fetch(f"{site.url}/a", kind="page").body == b"text " * 1_000


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(204, False), (403, False), (404, False), (410, False), (408, True), (429, True), (500, True), (503, True)],
)
def test_statuses(site: Site, fetcher: GuardedFetcher, status: int, retryable: bool) -> None:
    site.answers["/a"] = answer(status, Content_Type="text/html")
    error = failure(fetcher, f"{site.url}/a")
    assert (error.code, error.retryable, error.url) == (f"http_{status}", retryable, f"{site.url}/a")
    assert error.retry_after_seconds is None


@pytest.mark.parametrize(("status", "code"), [(301, "http_410"), (308, "http_410"), (302, "redirected_to_gone")])
def test_gone_is_the_asked_address_only_behind_permanent_redirects(
    site: Site, fetcher: GuardedFetcher, status: int, code: str
) -> None:
    site.answers["/a"] = answer(301, Location=f"{site.url}/b")
    site.answers["/b"] = answer(status, Location=f"{site.url}/c")
    site.answers["/c"] = answer(410)
    assert failure(fetcher, f"{site.url}/a").code == code


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("120", 120, 120),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0, 0),
        ("9" * 15, RETRY_AFTER_MAX_SECONDS, RETRY_AFTER_MAX_SECONDS),
        ("Fri, 31 Dec 2199 23:59:59 -0000", RETRY_AFTER_MAX_SECONDS, RETRY_AFTER_MAX_SECONDS),
    ],
)
def test_retry_after(site: Site, fetcher: GuardedFetcher, header: str, low: float, high: float) -> None:
    site.answers["/a"] = answer(429, Retry_After=header)
    seconds = failure(fetcher, f"{site.url}/a").retry_after_seconds
    assert seconds is not None
    assert low <= seconds <= high


@pytest.mark.parametrize("header", ["soon", "-5", "", "9" * 5_000])
def test_retry_after_that_is_none(site: Site, fetcher: GuardedFetcher, header: str) -> None:
    site.answers["/a"] = answer(503, Retry_After=header)
    assert failure(fetcher, f"{site.url}/a").retry_after_seconds is None


# --- redirects


def test_redirects_are_followed_and_named(site: Site, fetcher: GuardedFetcher) -> None:
    site.answers["/a"] = answer(301, Location="/b")
    site.answers["/b"] = answer(308, Location=f"{site.url}/c?x=1#top")
    site.answers["/c?x=1"] = answer(302, Location="d")
    site.answers["/d"] = answer(body=b"here")
    got = fetcher.fetch(f"{site.url}/a", kind="page")
    assert (got.url, got.body) == (f"{site.url}/d", b"here")
    assert [(hop.status, hop.url) for hop in got.redirects] == [
        (301, f"{site.url}/b"),
        (308, f"{site.url}/c?x=1"),
        (302, f"{site.url}/d"),
    ]
    assert got.moved_permanently_to == f"{site.url}/c?x=1"


def test_a_temporary_redirect_moves_nothing(site: Site, fetcher: GuardedFetcher) -> None:
    site.answers["/a"] = answer(307, Location="/b")
    site.answers["/b"] = answer(301, Location="/c")
    site.answers["/c"] = answer()
    assert fetcher.fetch(f"{site.url}/a", kind="page").moved_permanently_to == ""


def test_redirects_are_limited(site: Site, fetcher: GuardedFetcher) -> None:
    for hop in range(7):
        site.answers[f"/{hop}"] = answer(302, Location=f"/{hop + 1}")
    site.answers["/6"] = answer(body=b"far")
    assert failure(fetcher, f"{site.url}/0").code == "too_many_redirects"
    assert fetcher.fetch(f"{site.url}/1", kind="page").body == b"far"


@pytest.mark.parametrize("location", ["/a", "/b"])
def test_redirect_loops_end(site: Site, fetcher: GuardedFetcher, location: str) -> None:
    site.answers["/a"] = answer(302, Location=location)
    site.answers["/b"] = answer(302, Location="/a")
    error = failure(fetcher, f"{site.url}/a")
    assert (error.code, error.retryable) == ("redirect_loop", False)


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("file:///etc/passwd", "bad_url"),
        ("gopher://127.0.0.1/", "bad_url"),
        ("http://user:secret@127.0.0.1/", "bad_url"),
        ("http://exa mple/", "bad_url"),
        ("", "bad_response"),
    ],
)
def test_redirects_to_what_is_no_address(site: Site, fetcher: GuardedFetcher, location: str, code: str) -> None:
    site.answers["/a"] = answer(302, Location=location)
    assert failure(fetcher, f"{site.url}/a").code == code


# --- addresses


def test_the_next_address_is_tried_when_one_is_dead(site: Site) -> None:
    site.answers["/a"] = answer(body=b"second")
    guarded = GuardedFetcher(
        allow_networks=[LOOPBACK], user_agent=AGENT, resolve=lambda host, port: ["127.0.0.99", "127.0.0.1"]
    )
    assert guarded.fetch(f"http://news.example:{site.port}/a", kind="page").body == b"second"


def test_unknown_hosts_and_dead_ports(fetcher: GuardedFetcher) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    lost = failure(GuardedFetcher(allow_networks=[], user_agent=AGENT, resolve=unknown), "http://gone.example/")
    assert (lost.code, lost.retryable) == ("dns_failure", True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    dead = failure(fetcher, f"http://127.0.0.1:{port}/")
    assert (dead.code, dead.retryable) == ("connection_failed", True)


@pytest.mark.parametrize(
    "url",
    ["", "file:///etc/passwd", "ftp://example.com/", "http://user@example.com/", "http://a\nb/", "/a", "http://[::1"],
)
def test_bad_addresses(fetcher: GuardedFetcher, url: str) -> None:
    error = failure(fetcher, url)
    assert (error.code, error.retryable) == ("bad_url", False)


def test_proxies_of_the_environment_are_not_used(
    site: Site, fetcher: GuardedFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.answers["/a"] = answer(body=b"direct")
    assert fetcher.fetch(f"{site.url}/a", kind="page").body == b"direct"


# --- sizes and times


def small(**limits: float) -> GuardedFetcher:
    max_bytes = int(limits.get("max_bytes", 10_000))
    timeout = limits.get("timeout_seconds", 10.0)
    return GuardedFetcher(allow_networks=[LOOPBACK], user_agent=AGENT, max_bytes=max_bytes, timeout_seconds=timeout)


def test_bodies_up_to_the_limit_are_read_and_no_longer_ones(site: Site) -> None:
    site.answers["/fits"] = answer(body=b"x" * 10_000)
    site.answers["/long"] = answer(body=b"x" * 10_001)
    assert len(small().fetch(f"{site.url}/fits", kind="page").body) == 10_000
    error = failure(small(), f"{site.url}/long")
    assert (error.code, error.retryable) == ("too_large", False)


def test_of_a_long_robots_txt_only_the_beginning_is_read(site: Site, fetcher: GuardedFetcher) -> None:
    site.answers["/robots.txt"] = trickle(iter([HEAD + b"\r\n", *[b"x" * 10_000] * 1_000_000]))
    assert fetcher.fetch(f"{site.url}/robots.txt", kind="robots").body == b"x" * ROBOTS_MAX_BYTES


def test_an_endless_body_is_cut_off(site: Site) -> None:
    site.answers["/a"] = trickle(iter([HEAD + b"\r\n", *[b"x" * 1_000] * 1_000_000]))
    assert failure(small(), f"{site.url}/a").code == "too_large"


@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("br", lambda body: brotli.compress(body, quality=1))]
)
def test_a_bomb_is_cut_off(site: Site, encoding: str, compress: Callable[[bytes], bytes]) -> None:
    bomb = compress(b"\x00" * 30_000_000)
    assert len(bomb) < 100_000
    site.answers["/a"] = answer(body=bomb, Content_Encoding=encoding)
    assert failure(small(max_bytes=200_000), f"{site.url}/a").code == "too_large"


@pytest.mark.parametrize(
    "encoding", ["zstd", "gzip", ", ".join(["gzip"] * 50)], ids=["not asked for", "not compressed", "fifty times"]
)
def test_a_compression_that_is_none_is_a_bad_response(site: Site, encoding: str) -> None:
    site.answers["/a"] = answer(body=b"plain text, not compressed", Content_Encoding=encoding)
    assert failure(small(), f"{site.url}/a").code == "bad_response"


@pytest.mark.parametrize(
    "pieces",
    [
        [bytes([byte]) for byte in HEAD + b"\r\n" + b"x" * 1_000],
        [HEAD, *[b"X-Filler: 1\r\n"] * 1_000],
        [HEAD + b"\r\n", *[b"x"] * 1_000],
        [b""] * 1_000,
    ],
    ids=["byte by byte", "endless headers", "slow body", "silence"],
)
def test_slow_servers_are_cut_off(site: Site, pieces: list[bytes]) -> None:
    rest = iter(pieces)
    site.answers["/a"] = trickle(rest, pause_seconds=0.05)
    error = failure(small(timeout_seconds=0.4), f"{site.url}/a")
    assert (error.code, error.retryable) == ("timeout", True)
    assert next(rest, None) is not None, "the server was heard out"


def test_the_time_limit_is_for_all_redirects_together(site: Site) -> None:
    def slow(location: str) -> Answer:
        def send(handler: BaseHTTPRequestHandler) -> None:
            time.sleep(0.2)
            answer(302, Location=location)(handler)

        return send

    for hop in range(5):
        site.answers[f"/{hop}"] = slow(f"/{hop + 1}")
    assert failure(small(timeout_seconds=0.5), f"{site.url}/0").code == "timeout"


def test_a_name_that_takes_for_ever_is_given_up() -> None:
    release = threading.Event()
    holds_up_exit: list[bool] = []

    def stuck(host: str, port: int) -> list[str]:
        holds_up_exit.append(not threading.current_thread().daemon)
        release.wait()
        return ["127.0.0.1"]

    guarded = GuardedFetcher(allow_networks=[LOOPBACK], user_agent=AGENT, timeout_seconds=0.2, resolve=stuck)
    errors = [failure(guarded, f"http://slow{number}.example/").code for number in range(10)]
    assert errors == ["timeout"] * 10
    assert holds_up_exit == [False] * 10, "one stuck name must not stand in another's way"
    release.set()


@pytest.mark.parametrize("reply", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"])
def test_broken_replies(site: Site, fetcher: GuardedFetcher, reply: bytes) -> None:
    site.answers["/a"] = trickle(iter([reply]))
    error = failure(fetcher, f"{site.url}/a")
    assert (error.code, error.retryable) == ("bad_response", True)


@pytest.mark.parametrize("content_type", ["image/jpeg", "video/mp4", "application/pdf", "audio/mpeg"])
def test_a_page_must_be_text(site: Site, fetcher: GuardedFetcher, content_type: str) -> None:
    site.answers["/a"] = answer(body=b"%PDF", Content_Type=content_type)
    assert failure(fetcher, f"{site.url}/a").code == "not_a_page"
    assert fetcher.fetch(f"{site.url}/a", kind="feed").body == b"%PDF"


@pytest.mark.parametrize(
    "content_type", ["", "text/html", "application/xhtml+xml", "TEXT/HTML; charset=utf-8", "text/plain"]
)
def test_pages_by_any_textual_name(site: Site, fetcher: GuardedFetcher, content_type: str) -> None:
    site.answers["/a"] = answer(body=b"ok", Content_Type=content_type)
    assert fetcher.fetch(f"{site.url}/a", kind="page").body == b"ok"


def test_one_fetcher_serves_many_threads(site: Site, fetcher: GuardedFetcher) -> None:
    for number in range(40):
        site.answers[f"/{number}"] = answer(body=str(number).encode())

    def get(number: int) -> Fetched:
        return fetcher.fetch(f"{site.url}/{number}", kind="page")

    with ThreadPoolExecutor(5) as pool:
        assert [got.body for got in pool.map(get, range(40))] == [str(number).encode() for number in range(40)]
