"""Connections for the guarded fetcher: only to addresses that were checked, and only until a deadline."""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

import httpcore2

from ingestion.addresses import Network, is_reachable
from ntrl.stages.pool import DaemonPool

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]

# One unreachable address of several must leave time for the next.
CONNECT_TIMEOUT_SECONDS = 10.0

# When the exchange that runs in this thread must be over, in seconds of the monotonic clock.
_deadline: ContextVar[float] = ContextVar("deadline")


class GuardError(Exception):
    """A host that was not connected to."""

    code = ""
    is_retryable = False


class BlockedAddress(GuardError):
    """The host has an address that is not public."""

    code = "blocked_address"


class UnknownHost(GuardError):
    """The resolver has no address for the host."""

    code = "dns_failure"
    is_retryable = True


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Let everything that this thread does on guarded connections inside the block end within so many seconds."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def resolve_host(host: str, port: int) -> list[str]:
    """Return every address that the system's resolver knows for a host; raises OSError when none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedBackend(httpcore2.NetworkBackend):
    """Makes connections: resolves, checks every address, and connects to one that was checked."""

    def __init__(self, allow_networks: Sequence[Network], resolve: Resolve) -> None:
        self._allow_networks = allow_networks
        self._resolve = resolve
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first checked address that answers."""
        failure: Exception | None = None
        for address in self._checked_addresses(host, port):
            try:
                limit = min(_remaining(), CONNECT_TIMEOUT_SECONDS)
                return _TimedStream(self._sockets.connect_tcp(address, port, limit, local_address, socket_options))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or UnknownHost("the host has no address")

    def _checked_addresses(self, host: str, port: int) -> Sequence[str]:
        # The resolver knows no time limit: each lookup has a thread of its own, and is waited for only so long.
        resolver = DaemonPool(1, name="resolve")
        lookup = resolver.submit(self._resolve, host, port)
        resolver.close()
        try:
            addresses = lookup.result(timeout=_remaining())
        except FutureTimeoutError as error:
            raise httpcore2.ConnectTimeout("name lookup") from error
        except (OSError, UnicodeError) as error:
            raise UnknownHost(f"the host is not known: {error}") from error
        if not all(is_reachable(address, self._allow_networks) for address in addresses):
            # One private address among public ones is an attack, or a mistake that looks like one.
            raise BlockedAddress("the host has an address that is not public")
        return addresses


class _TimedStream(httpcore2.NetworkStream):
    """A connection on which every read and write ends with the exchange's deadline."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _remaining())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, _remaining()))

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _remaining() -> float:
    """Return the seconds left for the exchange that runs in this thread."""
    seconds = _deadline.get() - time.monotonic()
    if seconds <= 0:
        raise httpcore2.ReadTimeout("the exchange's time is over")
    return seconds
