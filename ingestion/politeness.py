"""Be a polite guest: do what robots.txt says, ask one host little at once, and pause between requests to it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from urllib.parse import urlsplit

from ingestion.errors import FetchError
from ingestion.fetching import Fetched, GuardedFetcher, Kind
from ingestion.links import written_address
from ingestion.robots import Robots

# With robots.txt (10 s), the exchange (30 s) and extraction, a page stays within its stage's 90 s, a feed within 60 s.
PATIENCE_SECONDS = 20.0


@dataclass(slots=True)
class Patience:
    """How long one document may still wait for its turns, redirects included."""

    seconds_left: float


@dataclass(slots=True)
class _Host:
    busy: int = 0
    last_seen: float | None = None  # when a request to it last began or ended, monotonic seconds


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
        """Hold one of the host's places inside the block.

        Raises:
            FetchError: `host_busy`, when patience ends before a place is free.
        """
        with self._changed:
            state = self._hosts.setdefault(host, _Host())
            while wait := self._wait_seconds(state):
                self._wait(wait, patience, url)
            state.busy, state.last_seen = state.busy + 1, self._clock()
        try:
            yield
        finally:
            with self._changed:
                state.busy, state.last_seen = state.busy - 1, self._clock()
                self._changed.notify_all()

    def _wait_seconds(self, state: _Host) -> float:
        """Return how long a new request must wait at least; without end while all places are taken."""
        if state.busy >= self._per_host:
            return float("inf")
        if state.last_seen is None:
            return 0.0
        return max(0.0, state.last_seen + self._pause_seconds - self._clock())

    def _wait(self, seconds: float, patience: Patience, url: str) -> None:
        left = patience.seconds_left
        if left <= 0 or left < seconds < float("inf"):
            raise FetchError("host_busy", "others are asking this host", url=url, retryable=True)
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
            FetchError: as the guarded fetcher does, and `robots_disallowed`, `robots_unreachable`, `host_busy`.
        """
        admit = partial(self._admit, kind, Patience(self._patience_seconds))
        return self._guarded.fetch(url, kind=kind, etag=etag, last_modified=last_modified, admit=admit)

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


def _host(url: str) -> str:
    """Return the host to be polite to; "" for loopback, and for what is no address."""
    try:
        address = written_address(url)
        is_loopback = bool(address) and ip_address(address).is_loopback
        return "" if is_loopback else (urlsplit(url).hostname or "")
    except ValueError:
        return ""
