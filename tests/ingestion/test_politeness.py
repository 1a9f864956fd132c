"""Few requests at once to one host, and a pause between them: whoever must wait too long comes back later."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import FetchError
from ingestion.fetching import GuardedFetcher
from ingestion.politeness import Patience, PoliteFetcher, Turns
from tests.support.site import Site, answer

HOST = "news.example"
URL = f"https://{HOST}/story"


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def may_begin(turns: Turns, host: str = HOST) -> bool:
    """Whether a request without patience is let in at once."""
    try:
        with turns.turn(host, Patience(0), url=URL):
            return True
    except FetchError as error:
        if (error.code, error.retryable, error.url) != ("host_busy", True, URL):
            raise
        return False


def test_places_are_limited_by_host() -> None:
    turns = Turns(per_host=2, pause_seconds=0, clock=Clock())
    with turns.turn(HOST, Patience(0), url=URL):
        assert may_begin(turns)
        with turns.turn(HOST, Patience(0), url=URL):
            assert not may_begin(turns)
            assert may_begin(turns, "other.example")
        assert may_begin(turns)


def test_a_place_is_free_again_after_a_failure() -> None:
    turns = Turns(per_host=1, pause_seconds=0, clock=Clock())
    with pytest.raises(KeyError), turns.turn(HOST, Patience(0), url=URL):
        raise KeyError
    assert may_begin(turns)


def test_there_is_a_pause_after_a_beginning_and_after_an_end() -> None:
    clock = Clock()
    turns = Turns(per_host=2, pause_seconds=1.0, clock=clock)
    with turns.turn(HOST, Patience(0), url=URL):
        assert not may_begin(turns)
        assert may_begin(turns, "other.example")
        clock.now = 1.0
        with turns.turn(HOST, Patience(0), url=URL):
            clock.now = 5.0
    assert not may_begin(turns)
    clock.now = 5.9
    assert not may_begin(turns)
    clock.now = 6.0
    assert may_begin(turns)


def test_nobody_waits_in_vain() -> None:
    """Who knows that the pause is longer than its patience leaves at once."""
    turns = Turns(per_host=1, pause_seconds=1_000, clock=Clock())
    assert may_begin(turns)
    with pytest.raises(FetchError, match="host_busy"):
        turns.turn(HOST, Patience(999), url=URL).__enter__()


def test_places_are_given_in_the_order_of_asking() -> None:
    turns, order = Turns(per_host=1, pause_seconds=0), list[int]()
    queued = threading.Semaphore(0)

    def take(number: int) -> None:
        queued.release()
        with turns.turn(HOST, Patience(30), url=URL):
            order.append(number)

    with ThreadPoolExecutor(5) as pool, turns.turn(HOST, Patience(0), url=URL):
        for number in range(5):
            pool.submit(take, number)
            queued.acquire()
            threading.Event().wait(0.02)  # it says so just before it queues
    assert order == list(range(5))


def test_who_gives_up_holds_nobody_up() -> None:
    turns = Turns(per_host=1, pause_seconds=0)
    with turns.turn(HOST, Patience(0), url=URL):
        assert not may_begin(turns)
        assert not may_begin(turns)
    assert may_begin(turns)


def test_a_host_that_asked_to_wait_is_left_alone() -> None:
    clock = Clock()
    turns = Turns(per_host=2, pause_seconds=0, clock=clock)
    turns.leave_alone(HOST, 3_600)
    turns.leave_alone(HOST, 60)

    with pytest.raises(FetchError, match="host_waiting") as caught:
        turns.turn(HOST, Patience(20), url=URL).__enter__()
    assert (caught.value.retryable, caught.value.was_asked) == (True, False)
    assert caught.value.retry_after_seconds == 3_600
    assert may_begin(turns, "other.example")
    clock.now = 3_600
    assert may_begin(turns)


@given(st.lists(st.tuples(st.sampled_from(["begin", "end", "wait"]), st.floats(0, 3)), max_size=40))
def test_never_more_than_allowed_and_never_too_soon(steps: list[tuple[str, float]]) -> None:
    clock = Clock()
    turns = Turns(per_host=2, pause_seconds=1.0, clock=clock)
    held: list[ExitStack] = []
    last = -1_000.0
    for step, seconds in steps:
        if step == "wait":
            clock.now += seconds
        elif step == "end" and held:
            held.pop().close()
            last = clock.now
        elif step == "begin":
            stack = ExitStack()
            due = len(held) < 2 and clock.now - last >= 1.0
            try:
                stack.enter_context(turns.turn(HOST, Patience(0), url=URL))
            except FetchError:
                assert not due or abs(clock.now - last - 1.0) < 1e-9
                continue
            held.append(stack)
            assert len(held) <= 2
            assert clock.now - last >= 1.0 - 1e-9
            last = clock.now


# --- over HTTP

AT_ONCE = 2


class BusySite(Site):
    """Counts who is being served, and holds each request until as many are in as may be."""

    def __init__(self) -> None:
        super().__init__()
        self.most = Counter[str]()
        self._now = Counter[str]()
        self._change = threading.Lock()

    def serve(self, path: str, host: str, meet: threading.Barrier | None) -> None:
        """Answer `path`, counted under `host`."""

        def send(handler: object) -> None:
            with self._change:
                self._now[host] += 1
                self.most[host] = max(self.most[host], self._now[host])
            if meet is not None:
                meet.wait(10)
            with self._change:
                self._now[host] -= 1
            answer(body=b"x")(handler)  # type: ignore[arg-type]

        self.answers[path] = send


@pytest.fixture
def site() -> Iterator[BusySite]:
    running = BusySite()
    yield running
    running.close()


def polite(**options: float) -> PoliteFetcher:
    guarded = GuardedFetcher(
        allow_networks=[ip_network("127.0.0.0/8")],
        user_agent="NTRL/1",
        timeout_seconds=20,
        resolve=lambda host, port: ["127.0.0.1"],
    )
    return PoliteFetcher(
        guarded, product="NTRL", per_host=AT_ONCE, pause_seconds=0, patience_seconds=options.get("patience_seconds", 20)
    )


def test_at_most_two_requests_at_once_to_one_host(site: BusySite) -> None:
    """Six workers; each request waits for a second one to be in, and a third would be counted."""
    site.serve("/a", "a", threading.Barrier(AT_ONCE))
    fetcher = polite()
    with ThreadPoolExecutor(6) as pool:
        bodies = pool.map(lambda _: fetcher.fetch(f"http://a.example:{site.port}/a", kind="feed").body, range(12))
    assert list(bodies) == [b"x"] * 12
    assert site.most["a"] == AT_ONCE


def test_loopback_is_asked_without_limit(site: BusySite) -> None:
    site.serve("/a", "a", threading.Barrier(5))
    fetcher = polite(patience_seconds=0)
    with ThreadPoolExecutor(5) as pool:
        bodies = pool.map(lambda _: fetcher.fetch(f"{site.url}/a", kind="feed").body, range(5))
    assert list(bodies) == [b"x"] * 5


def test_a_busy_host_is_left_for_later_and_others_are_not_held_up(site: BusySite) -> None:
    meet = threading.Barrier(AT_ONCE + 1)
    site.serve("/slow", "slow", meet)
    site.serve("/quick", "quick", None)
    fetcher = polite(patience_seconds=0)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        slow = [
            pool.submit(fetcher.fetch, f"http://slow.example:{site.port}/slow", kind="feed") for _ in range(AT_ONCE)
        ]
        while site.most["slow"] < AT_ONCE:
            threading.Event().wait(0.01)
        with pytest.raises(FetchError, match="host_busy"):
            fetcher.fetch(f"http://slow.example:{site.port}/other", kind="feed")
        assert fetcher.fetch(f"http://quick.example:{site.port}/quick", kind="feed").body == b"x"
        meet.wait(10)
        assert [page.result().body for page in slow] == [b"x"] * AT_ONCE


def test_a_redirect_takes_a_place_at_its_new_host_and_leaves_the_old_one(site: BusySite) -> None:
    site.answers["/away"] = answer(302, Location=f"http://b.example:{site.port}/b")
    site.serve("/b", "b", threading.Barrier(AT_ONCE))
    fetcher = polite()
    with ThreadPoolExecutor(6) as pool:
        hosts = [f"http://{name}.example:{site.port}/away" for name in "aacc"]
        assert [page.url for page in pool.map(lambda url: fetcher.fetch(url, kind="feed"), hosts)] == [
            f"http://b.example:{site.port}/b"
        ] * 4
    assert site.most["b"] == AT_ONCE


def test_too_many_requests_is_said_of_the_host(site: BusySite) -> None:
    site.answers["/a"] = answer(429, Retry_After="3600")
    site.answers["/b"] = answer(200, b"x")
    fetcher = polite()

    with pytest.raises(FetchError, match="http_429"):
        fetcher.fetch(f"http://strict.example:{site.port}/a", kind="feed")
    with pytest.raises(FetchError, match="host_waiting") as caught:
        fetcher.fetch(f"http://strict.example:{site.port}/b", kind="feed")

    assert 3_500 < (caught.value.retry_after_seconds or 0) <= 3_600
    assert fetcher.fetch(f"http://other.example:{site.port}/b", kind="feed").body == b"x"
