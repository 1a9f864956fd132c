"""robots.txt: who is meant, what is forbidden, and what holds when it can't be read (RFC 9309)."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import FetchError
from ingestion.fetching import ROBOTS_MAX_BYTES, GuardedFetcher
from ingestion.politeness import PoliteFetcher
from ingestion.robots import Robots, RobotsRules
from tests.support.site import HEAD, Answer, Site, answer, trickle

URL = "https://news.example/politics/story?id=1"


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /sport", True),
        ("User-agent: *\nDisallow: /politics/", False),
        ("User-agent: *\nDisallow: /*/story", False),
        ("User-agent: *\nDisallow: /*.pdf$", True),
        ("User-agent: *\nDisallow: /\nAllow: /politics/", True),
        ("User-agent: *\nDisallow: /*?id=", False),
        ("User-agent: GPTBot\nDisallow: /", True),
        ("User-agent: NTRL\nDisallow: /", False),
        ("user-agent: ntrl # us\ndisallow: /", False),
        ("User-agent: NTRL/2.0\nDisallow: /", False),
        ("User-agent: NTRLbot\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: ntrl\nAllow: /", True),
        ("User-agent: GPTBot\nUser-agent: NTRL\nUser-agent: CCBot\nDisallow: /politics", False),
        ("User-agent: a\nDisallow: /\nUser-agent: *\nDisallow: /private", True),
        ("\ufeffUser-agent: *\r\nDisallow: /", False),
        ("Disallow: /", True),
        ("<!doctype html><title>Not found</title>", True),
        ("\x00\xff\ud800", True),
    ],
)
def test_what_is_allowed(robots: str, allowed: bool) -> None:
    assert RobotsRules(robots.lstrip("\ufeff"), "NTRL").allows(URL) is allowed


@given(st.text(st.sampled_from("user-agent: *ntrl\ndisallow/$%#?=é\x00"), max_size=200), st.text(max_size=50))
def test_anything_can_be_read(robots: str, path: str) -> None:
    assert RobotsRules(robots, "NTRL").allows(f"https://news.example/{path}") in (True, False)


HOSTILE = {
    "robots times rules": "".join(f"User-agent: r{n}\n" for n in range(16_000)) + "Disallow: /a\n" * 18_000,
    "namesakes times rules": "User-agent: ntrl\n" * 15_000 + "Disallow: /a\n" * 18_000,
    "wildcards": "User-agent: *\nDisallow: /" + "*a" * 250_000,
    "many wildcards": "User-agent: *\n" + "".join(f"Disallow: /*a*{n}*b\n" for n in range(25_000)),
    "one line": "User-agent: " * 40_000,
}


@pytest.mark.parametrize("robots", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_are_read(robots: str) -> None:
    assert RobotsRules(robots[:ROBOTS_MAX_BYTES], "NTRL").allows(URL + "a" * 2_000)


# --- over HTTP


@pytest.fixture
def site() -> Iterator[Site]:
    running = Site()
    running.answers["/story"] = answer(body=b"story", Content_Type="text/html")
    yield running
    running.close()


@pytest.fixture
def polite() -> Iterator[PoliteFetcher]:
    guarded = GuardedFetcher(allow_networks=[ip_network("127.0.0.0/8")], user_agent="NTRL/1", timeout_seconds=5)
    fetcher = PoliteFetcher(guarded, product="NTRL", per_host=2, pause_seconds=0)
    yield fetcher
    fetcher.close()


def paths(site: Site) -> list[str]:
    return [path for path, _ in site.requests]


def refusal(fetcher: PoliteFetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url, kind="page")
    return caught.value


def test_a_forbidden_page_is_not_asked_for(site: Site, polite: PoliteFetcher) -> None:
    site.answers["/robots.txt"] = answer(body=b"User-agent: ntrl\nDisallow: /story")
    error = refusal(polite, f"{site.url}/story")
    assert (error.code, error.retryable, error.url) == ("robots_disallowed", False, f"{site.url}/story")
    assert paths(site) == ["/robots.txt"]


def test_a_feed_is_for_robots_whatever_it_says(site: Site, polite: PoliteFetcher) -> None:
    site.answers["/robots.txt"] = answer(body=b"User-agent: *\nDisallow: /")
    assert polite.fetch(f"{site.url}/story", kind="feed").body == b"story"
    assert paths(site) == ["/story"]


def test_it_is_asked_for_once_a_run(site: Site, polite: PoliteFetcher) -> None:
    site.answers["/robots.txt"] = answer(body=b"User-agent: *\nDisallow: /private")
    with ThreadPoolExecutor(5) as pool:
        pages = list(pool.map(lambda _: polite.fetch(f"{site.url}/story", kind="page"), range(10)))
    assert [page.body for page in pages] == [b"story"] * 10
    assert paths(site).count("/robots.txt") == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_where_there_is_none_all_is_allowed(site: Site, polite: PoliteFetcher, status: int) -> None:
    site.answers["/robots.txt"] = answer(status, b"User-agent: *\nDisallow: /")
    assert polite.fetch(f"{site.url}/story", kind="page").body == b"story"


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_what_cannot_be_read_forbids_all_for_now(site: Site, polite: PoliteFetcher, status: int) -> None:
    site.answers["/robots.txt"] = answer(status, Retry_After="120")
    for _ in range(3):
        error = refusal(polite, f"{site.url}/story")
        assert (error.code, error.retryable) == ("robots_unreachable", True)
        assert (error.detail, error.retry_after_seconds) == (f"robots.txt: http_{status}", 120)
    assert paths(site) == ["/robots.txt"]


def hang_up() -> Answer:
    return trickle(iter([b""]))


@pytest.mark.parametrize("reply", [hang_up, lambda: trickle(iter([HEAD + b"Content-Length: 10\r\n\r\nUser"]))])
def test_a_broken_reply_forbids_all_for_now(site: Site, polite: PoliteFetcher, reply: Callable[[], Answer]) -> None:
    site.answers["/robots.txt"] = reply()
    error = refusal(polite, f"{site.url}/story")
    assert (error.code, error.retryable) == ("robots_unreachable", True)


def test_it_may_be_elsewhere(site: Site, polite: PoliteFetcher) -> None:
    site.answers["/robots.txt"] = answer(301, Location="/real-robots.txt")
    site.answers["/real-robots.txt"] = answer(body=b"User-agent: *\nDisallow: /story")
    assert refusal(polite, f"{site.url}/story").code == "robots_disallowed"


@pytest.mark.parametrize("location", ["/robots.txt", "http://169.254.169.254/robots.txt", "file:///etc/passwd"])
def test_a_redirect_astray_is_none(site: Site, polite: PoliteFetcher, location: str) -> None:
    site.answers["/robots.txt"] = answer(302, Location=location)
    assert polite.fetch(f"{site.url}/story", kind="page").body == b"story"


def test_redirects_to_a_forbidden_page_are_not_followed(site: Site, polite: PoliteFetcher) -> None:
    site.answers["/robots.txt"] = answer(body=b"User-agent: *\nDisallow: /private")
    site.answers["/short"] = answer(302, Location="/private/story")
    error = refusal(polite, f"{site.url}/short")
    assert (error.code, error.url) == ("robots_disallowed", f"{site.url}/private/story")
    assert paths(site) == ["/robots.txt", "/short"]


def test_a_private_address_keeps_its_reason(polite: PoliteFetcher) -> None:
    assert refusal(polite, "http://10.0.0.1/story").code == "blocked_address"
    assert refusal(polite, "file:///etc/passwd").code == "bad_url"
    assert refusal(polite, "http://[::1").code == "bad_url"


# --- threads that wait for each other


def test_who_waits_too_long_comes_back_later() -> None:
    robots = Robots("NTRL")
    asked, release = threading.Event(), threading.Event()

    def slow(url: str) -> bytes:
        asked.set()
        release.wait(10)
        return b"User-agent: *\nDisallow: /"

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(robots.check, URL, slow, wait_seconds=10)
        asked.wait(10)
        with pytest.raises(FetchError, match="host_busy") as caught:
            robots.check(URL, slow, wait_seconds=0)
        assert caught.value.retryable
        release.set()
        with pytest.raises(FetchError, match="robots_disallowed"):
            first.result()


@pytest.mark.parametrize(
    "error", [FetchError("host_busy", url=URL, retryable=True, was_asked=False), KeyError("a bug")]
)
def test_a_failure_that_is_not_the_sites_is_not_kept(error: Exception) -> None:
    robots = Robots("NTRL")

    def fail(url: str) -> bytes:
        raise error

    with pytest.raises(type(error)):
        robots.check(URL, fail, wait_seconds=1)
    robots.check(URL, lambda url: b"", wait_seconds=1)
