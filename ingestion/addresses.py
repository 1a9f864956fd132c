"""Which network addresses a link from a stranger may lead to: public ones, and those that the settings allow."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

# The only range from which public IPv6 addresses are given (RFC 4291, IANA).
_GLOBAL_UNICAST = IPv6Network("2000::/3")

# Not public, though some Python versions count them so: shared by carriers, 6to4 relays, reserved for documentation.
_NEVER_PUBLIC: tuple[Network, ...] = (
    IPv4Network("100.64.0.0/10"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("3fff::/20"),
)

# IPv6 addresses that stand for an IPv4 address: the range, and how far right that address lies in it, in bits.
_EMBEDDINGS: tuple[tuple[IPv6Network, int], ...] = (
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("::ffff:0:0:0/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("2002::/16"), 80),
    (IPv6Network("::/96"), 0),
)


def is_reachable(address: str, allow_networks: Sequence[Network]) -> bool:
    """Tell whether a resolved address may be connected to.

    Args:
        address: an IP address as the resolver gives it, with or without a zone.
        allow_networks: networks that are allowed though they are not public.

    Returns:
        True for a public unicast address, or one inside `allow_networks`; an IPv6 address that stands for an IPv4
        one (mapped, translated, NAT64, 6to4, compatible) is judged as that one. Teredo is never public.
    """
    try:
        parsed = _unwrap(ip_address(address))
    except ValueError:
        return False
    if any(parsed.version == network.version and parsed in network for network in allow_networks):
        return True
    return _is_public(parsed)


def _unwrap(address: Address) -> Address:
    if isinstance(address, IPv6Address) and int(address) > 1:
        for network, shift in _EMBEDDINGS:
            if address in network:
                return IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return address


def _is_public(address: Address) -> bool:
    if any(address.version == network.version and address in network for network in _NEVER_PUBLIC):
        return False
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast
