"""Be a polite guest: do what robots.txt says, ask one host little at once, and pause between requests to it."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from urllib.parse import urlsplit

from ingestion.errors import FetchError
from ingestion.fetching import Fetched, GuardedFetcher, Kind
from ingestion.links import written_address
from ingestion.robots import Robots

# With robots.txt (10 s), the exchange (30 s) and extraction, a page stays within its stage's 90 s, a feed within 60 s.
PATIENCE_SECONDS = 20.0

# Answers whose Retry-After speaks of the whole host.
_OF_THE_HOST = frozenset({"http_429", "http_503"})


@dataclass(slots=True)
class Patience:
    """How long one document may still wait for its turns, redirects included."""

    seconds_left: float


@dataclass(slots=True)
class _Host:
    busy: int = 0
    last_seen: float | None = None  # when a request to it last began or ended, monotonic seconds
    not_before: float = float("-inf")  # until when it asked to be left alone, monotonic seconds
    waiting: deque[object] = field(default_factory=deque)  # a token for each who waits, first come first


class Turns:
    """Who may ask which host now. Thread-safe; who must wait sleeps until something has changed.

    Args:
        per_host: requests to one host at once.
        pause_seconds: between a request's beginning or end and the next one's beginning.
        clock: monotonic seconds.
    """

    def __init__(self, *, per_host: int, pause_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_host = per_host
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, host: str, patience: Patience, *, url: str) -> Iterator[None]:
        """Hold one of the host's places inside the block; places are given in the order of asking.

        Raises:
            FetchError: `host_busy` or `host_waiting`, when patience ends before a place is free, or would.
        """
        me = object()
        with self._changed:
            state = self._hosts.setdefault(host, _Host())
            state.waiting.append(me)
            try:
                while wait := self._wait_seconds(state, me):
                    self._wait(wait, state, patience, url)
                state.busy, state.last_seen = state.busy + 1, self._clock()
            finally:
                state.waiting.remove(me)
                self._changed.notify_all()  # whoever is first now
        try:
            yield
        finally:
            with self._changed:
                state.busy, state.last_seen = state.busy - 1, self._clock()
                self._changed.notify_all()

    def leave_alone(self, host: str, seconds: float) -> None:
        """Ask the host for nothing for so long: it said so."""
        with self._changed:
            state = self._hosts.setdefault(host, _Host())
            state.not_before = max(state.not_before, self._clock() + seconds)

    def _wait_seconds(self, state: _Host, me: object) -> float:
        """Return how long a request must wait at least; without end while all places are taken, or others come first.

        What the host asked for holds for all, so that nobody queues for what can't be had.
        """
        asked = state.not_before - self._clock()
        if asked > 0:
            return asked
        if state.busy >= self._per_host or state.waiting[0] is not me:
            return float("inf")
        if state.last_seen is None:
            return 0.0
        return max(0.0, state.last_seen + self._pause_seconds - self._clock())

    def _wait(self, seconds: float, state: _Host, patience: Patience, url: str) -> None:
        left = patience.seconds_left
        if left <= 0 or left < seconds < float("inf"):
            asked = state.not_before - self._clock()
            if asked > 0:
                raise _unasked("host_waiting", "the host asked us to wait", url, asked)
            raise _unasked("host_busy", "others are asking this host", url)
        started = self._clock()
        self._changed.wait(min(seconds, left))
        patience.seconds_left -= self._clock() - started


class PoliteFetcher:
    """The guarded fetcher with manners. Thread-safe; one serves one run, so that robots.txt is read anew in the next.

    Args:
        guarded: does the fetching.
        product: the name before the slash in our User-Agent, by which robots.txt calls us.
        per_host: requests to one host at once; loopback hosts are asked without limit and pause.
        pause_seconds: between two requests to one host.
        patience_seconds: how long a document may wait for its turns before it is left for later.
    """

    def __init__(
        self,
        guarded: GuardedFetcher,
        *,
        product: str,
        per_host: int,
        pause_seconds: float,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._guarded = guarded
        self._robots = Robots(product)
        self._turns = Turns(per_host=per_host, pause_seconds=pause_seconds)
        self._patience_seconds = patience_seconds

    def fetch(self, url: str, *, kind: Kind, etag: str = "", last_modified: str = "") -> Fetched:
        """Fetch one document as the guarded fetcher does; pages, wherever redirects lead, only as robots.txt allows.

        Raises:
            FetchError: as the guarded fetcher does, and `robots_disallowed`, `robots_unreachable`, `host_busy`,
                `host_waiting`.
        """
        admit = partial(self._admit, kind, Patience(self._patience_seconds))
        try:
            return self._guarded.fetch(url, kind=kind, etag=etag, last_modified=last_modified, admit=admit)
        except FetchError as problem:
            # Too many requests, or none for now, is said of the host, not of one article of it.
            host = _host(problem.url) if problem.code in _OF_THE_HOST and problem.was_asked else ""
            if host and problem.retry_after_seconds:
                self._turns.leave_alone(host, problem.retry_after_seconds)
            raise

    def close(self) -> None:
        """Close idle connections."""
        self._guarded.close()

    @contextmanager
    def _admit(self, kind: Kind, patience: Patience, url: str) -> Iterator[None]:
        if kind == "page":
            started = time.monotonic()
            self._robots.check(url, partial(self._read_robots, patience), wait_seconds=max(patience.seconds_left, 0.0))
            patience.seconds_left -= time.monotonic() - started
        host = _host(url)
        if not host:
            yield
            return
        with self._turns.turn(host, patience, url=url):
            yield

    def _read_robots(self, patience: Patience, url: str) -> bytes:
        return self._guarded.fetch(url, kind="robots", admit=partial(self._admit, "robots", patience)).body


def _unasked(code: str, detail: str, url: str, seconds: float | None = None) -> FetchError:
    return FetchError(code, detail, url=url, retryable=True, retry_after_seconds=seconds, was_asked=False)


def _host(url: str) -> str:
    """Return the host to be polite to; "" for loopback, and for what is no address."""
    try:
        address = written_address(url)
        is_loopback = bool(address) and ip_address(address).is_loopback
        return "" if is_loopback else (urlsplit(url).hostname or "")
    except ValueError:
        return ""
