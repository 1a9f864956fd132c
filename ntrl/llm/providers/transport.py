"""HTTP for the SDKs with an end: a call is over at its deadline, however slow the reply, and a reply has a size.

The SDKs' own timeouts bound the wait for the next byte, so that a reply in drops would never end.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import httpcore2
import httpx2

# A long article is 50 kB, a provider's list of models 150 kB.
REPLY_MAX_BYTES = 500_000
# A host that does not take the connection in this time is out of order.
CONNECT_TIMEOUT_SECONDS = 10.0
_KEEP_ALIVE_SECONDS = 30.0
# Only Linux has it. A server that writes head and body apart sends the body when we have acknowledged the head, and
# without this we take 40 ms for that.
_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)


class ReplyTooLarge(httpx2.ReadError):
    """The reply has more bytes than any we ask for."""


@dataclass(slots=True)
class _Limits:
    ends_at: float  # monotonic seconds
    bytes_left: int

    def seconds_left(self) -> float:
        seconds = self.ends_at - time.monotonic()
        if seconds <= 0:
            raise httpcore2.ReadTimeout("the call's time is over")
        return seconds


_limits: ContextVar[_Limits] = ContextVar("limits")


@contextmanager
def call_limits(seconds: float, max_bytes: int = REPLY_MAX_BYTES) -> Iterator[None]:
    """Let the call that this thread makes inside the block end within so many seconds and bytes."""
    token = _limits.set(_Limits(time.monotonic() + seconds, max_bytes))
    try:
        yield
    finally:
        _limits.reset(token)


def bounded_client() -> httpx2.Client:
    """Make a client whose calls are made within `call_limits`. Thread-safe. Proxies of the environment are ignored."""
    # Compressed, a small reply could become a huge one.
    return httpx2.Client(transport=_BoundedTransport(), headers={"Accept-Encoding": "identity"}, timeout=None)


class _BoundedTransport(httpx2.HTTPTransport):
    """The library's transport over connections that know the limits."""

    def __init__(self) -> None:
        super().__init__()
        self._pool.close()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=None,
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            network_backend=_BoundedBackend(),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = super().handle_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            response.close()
            raise httpx2.RemoteProtocolError("a compression we did not ask for")
        return response


class _BoundedBackend(httpcore2.NetworkBackend):
    def __init__(self) -> None:
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        limit = min(_limits.get().seconds_left(), CONNECT_TIMEOUT_SECONDS)
        return _BoundedStream(self._sockets.connect_tcp(host, port, limit, local_address, socket_options))


class _BoundedStream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        limits = _limits.get()
        piece = self._stream.read(max_bytes, limits.seconds_left())
        limits.bytes_left -= len(piece)
        if limits.bytes_left < 0:
            raise ReplyTooLarge("too many bytes")
        return piece

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _limits.get().seconds_left())
        connection = self._stream.get_extra_info("socket")
        if _QUICKACK is not None and connection is not None:
            connection.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, _limits.get().seconds_left()))

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
