"""How often a client may ask: counted in files that all processes of this machine share, exactly.

A limit's count is read and written under a lock, so that requests side by side can't pass together. When the files
can't be written (a full disk), requests pass: the API does not go down with its limits.
"""

import fcntl
import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from ntrl.rest.access import Caller

log = logging.getLogger(__name__)

CACHE = "throttle"
# So many clients can be counted at the same instant.
_LOCKS = 64
# Whoever has an IPv6 address has all of its network.
_IPV6_CLIENT_BITS = 64


class Throttle(SimpleRateThrottle):
    """One limit; its rate is that of its scope in the setting NTRL_THROTTLE, None for no limit."""

    def get_rate(self) -> str | None:
        """Read the setting anew: tests and benches change it."""
        return settings.NTRL_THROTTLE[str(self.scope)]

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """The limit and the client."""
        return f"{self.scope}:{self.client(request)}"

    def client(self, request: Request) -> str:
        """Whom the limit is of: the address that sent the request, past the proxies that are ours."""
        sent_from: str = self.get_ident(request)
        try:
            address = ip_address(sent_from)
        except ValueError:
            return sent_from
        if isinstance(address, IPv6Address):
            return str(ip_network((address, _IPV6_CLIENT_BITS), strict=False))
        return sent_from

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the request, and say whether it may pass."""
        if self.rate is None:
            return True
        try:
            self.cache = caches[CACHE]
            with _turn(self.get_cache_key(request, view)):
                return bool(super().allow_request(request, view))
        except OSError as error:
            log.warning("requests can't be counted, so no limit holds: %s", error)
            return True


class ClientThrottle(Throttle):
    """Everything that a client asks."""

    scope = "client"


class _CallerThrottle(Throttle):
    def client(self, request: Request) -> str:
        """Whom the key belongs to."""
        return request.auth.ident if isinstance(request.auth, Caller) else super().client(request)


class AdminThrottle(_CallerThrottle):
    """What needs a key."""

    scope = "admin"


class TriggerThrottle(_CallerThrottle):
    """What starts a run."""

    scope = "trigger"


@contextmanager
def _turn(key: str) -> Iterator[None]:
    """Wait until nobody else counts under this key."""
    folder = Path(str(caches.settings[CACHE]["LOCATION"]))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / f"{zlib.crc32(key.encode()) % _LOCKS}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
