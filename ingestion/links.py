"""Whether an address from a stranger's list may be kept: one that can be fetched, and no private one by number.

A name may still resolve to a private address: the fetcher checks that at the connection. This tells an editor early.
"""

import socket
import unicodedata
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from ingestion.addresses import Network, is_reachable
from ingestion.errors import UrlError
from ingestion.urls import normalize_url


def check_link(url: str, allow_networks: Sequence[Network] = ()) -> None:
    """Let an http or https address pass.

    Args:
        url: absolute, as it was written.
        allow_networks: networks that may be reached though they are not public.

    Raises:
        UrlError: it cannot be fetched, or its host is a private address in any spelling.
    """
    normalize_url(url)
    check_address(url, allow_networks)


def check_address(url: str, allow_networks: Sequence[Network] = ()) -> None:
    """Let a well-formed address pass unless its host is a private one by number; raises UrlError."""
    address = written_address(url)
    if address and not is_reachable(address, allow_networks):
        raise UrlError(f"leads to {address}, which is not a public address")


def own_network(url: str) -> tuple[Network, ...]:
    """Return the network of the one address that a URL names by number; empty when it has a name.

    What was fetched from there has passed the guard, so its links may stay there.
    """
    address = written_address(url)
    return (ip_network(address),) if address else ()


def written_address(url: str) -> str:
    """Return the IP address that stands in a URL as its host ("127.1", "0x7f000001" and `localhost` too), or ""."""
    host = unicodedata.normalize("NFKC", urlsplit(url.strip()).hostname or "").partition("%")[0].removesuffix(".")
    if host == "localhost" or host.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return ""
