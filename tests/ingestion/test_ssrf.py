"""The battery of addresses that a stranger's link must not lead to: asked for directly, by redirect, and by DNS."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.addresses import is_reachable
from ingestion.connections import Resolve, resolve_host
from ingestion.errors import FetchError
from ingestion.fetching import GuardedFetcher
from tests.support.site import Site, answer

# The only address that may be reached, so that a redirect can lead from there to others of this machine.
OUTSIDE = "127.0.0.77"
PUBLIC = "93.184.215.14"

HOSTS = {
    "literal": "10.0.0.1",
    "literal 172.16": "172.16.0.1",
    "literal 192.168": "192.168.1.1",
    "loopback": "127.0.0.1",
    "localhost": "localhost",
    "::1": "[::1]",
    "unspecified": "0.0.0.0",
    "unspecified, short": "0",
    "unspecified, v6": "[::]",
    "mapped": "[::ffff:10.0.0.1]",
    "mapped, hex": "[::ffff:a00:1]",
    "mapped loopback": "[::ffff:127.0.0.1]",
    "translated": "[::ffff:0:10.0.0.1]",
    "compatible": "[::10.0.0.1]",
    "decimal": "2130706433",
    "decimal private": "167772161",
    "octal": "017700000001",
    "hex": "0x7f000001",
    "hex parts": "0x7f.0.0.0x1",
    "short": "127.1",
    "short, three parts": "127.0.1",
    "short private": "10.1",
    "NAT64": "[64:ff9b::10.0.0.1]",
    "NAT64 metadata": "[64:ff9b::a9fe:a9fe]",
    "local NAT64": "[64:ff9b:1::1]",
    "CGNAT": "100.64.0.1",
    "metadata": "169.254.169.254",
    "metadata, v6": "[fd00:ec2::254]",
    "metadata, decimal": "2852039166",
    "metadata, mapped": "[::ffff:169.254.169.254]",
    "6to4": "[2002:a00:1::1]",
    "6to4 loopback": "[2002:7f00:1::]",
    "6to4 relay": "192.88.99.1",
    "Teredo": "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "unique local": "[fc00::1]",
    "link local": "[fe80::1]",
    "site local": "[fec0::1]",
    "multicast": "224.0.0.1",
    "multicast, v6": "[ff02::1]",
    "broadcast": "255.255.255.255",
    "reserved": "240.0.0.1",
    "benchmarks": "198.18.0.1",
    "protocol assignments": "192.0.0.192",
    "documentation": "[2001:db8::1]",
    "new documentation": "[3fff::1]",
}

# The resolver's answers for a name, of which at least one is not public.
ANSWERS: dict[str, Sequence[str]] = {
    "private": ["10.0.0.1"],
    "loopback": ["127.0.0.1"],
    "private, v6": ["fd00::1"],
    "a zone": ["fe80::1%lo"],
    "mixed, private last": [PUBLIC, "10.0.0.1"],
    "mixed, private first": ["10.0.0.1", PUBLIC],
    "mixed families": [PUBLIC, "::1"],
    "CGNAT": ["100.64.0.1"],
    "metadata": ["169.254.169.254"],
    "NAT64": ["64:ff9b::a00:1"],
    "6to4": ["2002:a00:1::1"],
    "mapped": ["::ffff:192.168.1.1"],
    "no address": ["not an address"],
}


# Spellings that are no address to us, though a resolver may take them for one.
NO_HOSTS = {
    "octal parts": "0177.0.0.1",
    "full width digits": "１２７.0.0.1",
    "circled digits": "①②⑦.0.0.1",
    "a user's name": "example.com@127.0.0.1",
    "a backslash": "example.com\\@127.0.0.1",
}


@pytest.fixture(scope="module")
def outside() -> Iterator[Site]:
    """The one site that may be reached; it redirects."""
    running = Site(OUTSIDE)
    yield running
    running.close()


@pytest.fixture(scope="module")
def inside() -> Iterator[Site]:
    """What an attacker wants to reach: a service on loopback."""
    running = Site()
    yield running
    assert running.requests == []
    running.close()


def refusal(url: str, resolve: Resolve = resolve_host) -> str:
    fetcher = GuardedFetcher(
        allow_networks=[ip_network(OUTSIDE)], user_agent="NTRL/test", timeout_seconds=5, resolve=resolve
    )
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url, kind="page")
    fetcher.close()
    assert not caught.value.retryable
    return caught.value.code


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
def test_asked_for_directly(inside: Site, host: str) -> None:
    assert refusal(f"http://{host}:{inside.port}/") == "blocked_address"


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
@pytest.mark.parametrize("status", [301, 307])
def test_redirected_to(outside: Site, inside: Site, status: int, host: str) -> None:
    outside.answers["/away"] = answer(status, Location=f"http://{host}:{inside.port}/secret")
    assert refusal(f"{outside.url}/away") == "blocked_address"


@pytest.mark.parametrize("host", NO_HOSTS.values(), ids=NO_HOSTS)
def test_spellings_that_are_no_host(outside: Site, inside: Site, host: str) -> None:
    url = f"http://{host}:{inside.port}/"
    assert refusal(url) in ("bad_url", "blocked_address")
    outside.answers["/away"] = answer(302, Location=url.encode().decode("latin-1"))
    assert refusal(f"{outside.url}/away") in ("bad_url", "blocked_address")


@pytest.mark.parametrize("answers", ANSWERS.values(), ids=ANSWERS)
def test_named_in_dns(inside: Site, answers: Sequence[str]) -> None:
    assert refusal(f"http://news.example:{inside.port}/", lambda host, port: answers) == "blocked_address"


@pytest.mark.parametrize("answers", ANSWERS.values(), ids=ANSWERS)
def test_redirected_to_a_name(outside: Site, inside: Site, answers: Sequence[str]) -> None:
    names = {"news.example": [OUTSIDE], "inside.example": answers}
    outside.answers["/away"] = answer(302, Location=f"http://inside.example:{inside.port}/secret")
    asked = refusal(f"http://news.example:{outside.port}/away", lambda host, port: names[host])
    assert asked == "blocked_address"


def test_rebinding_gains_nothing(outside: Site) -> None:
    """The checked address is the one connected to: a second lookup, which would lie, is not made."""
    outside.answers["/a"] = answer(body=b"checked", Connection="close")
    asked: list[str] = []

    def rebind(host: str, port: int) -> list[str]:
        asked.append(host)
        return [OUTSIDE] if len(asked) == 1 else ["127.0.0.1"]

    url = f"http://news.example:{outside.port}/a"
    fetcher = GuardedFetcher(
        allow_networks=[ip_network(OUTSIDE)], user_agent="NTRL/test", timeout_seconds=5, resolve=rebind
    )
    assert fetcher.fetch(url, kind="page").body == b"checked"
    assert asked == ["news.example"]
    with pytest.raises(FetchError, match="blocked_address"):  # a new connection is a new lookup, checked anew
        fetcher.fetch(url, kind="page")
    fetcher.close()


@pytest.mark.parametrize(
    "address", [PUBLIC, "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1", "2002:101:101::1"]
)
def test_public_addresses_pass(address: str) -> None:
    assert is_reachable(address, [])


@given(st.ip_addresses(v=4).map(int))
def test_an_address_in_disguise_is_judged_as_what_it_stands_for(number: int) -> None:
    plain = is_reachable(str(ip_address(number)), [])
    for disguise in (
        f"::ffff:{number >> 16:x}:{number & 0xFFFF:x}",
        f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}",
        f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1",
    ):
        assert is_reachable(disguise, []) == plain


@given(st.ip_addresses(v=4).filter(lambda address: not address.is_global))
def test_what_is_not_global_is_refused(address: object) -> None:
    assert not is_reachable(str(address), [])
