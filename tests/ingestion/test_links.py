"""Addresses that a stranger wrote: fetchable ones pass, private ones by number do not."""

from ipaddress import ip_network

import pytest

from ingestion.errors import UrlError
from ingestion.links import check_link, own_network, written_address

PRIVATE = [
    "http://127.0.0.1/a",
    "http://127.1/a",
    "http://2130706433/a",
    "http://0x7f000001/a",
    "http://017700000001/a",
    "http://１２７.0.0.1/a",
    "http://127.0.0.1./a",
    "http://localhost:8000/a",
    "http://LOCALHOST./a",
    "http://feed.localhost/a",
    "http://[::1]/a",
    "http://[::ffff:10.0.0.1]/a",
    "http://[fe80::1%25eth0]/a",
    "http://10.0.0.1/a",
    "http://169.254.169.254/latest/meta-data/",
    "http://0.0.0.0/",
]


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_address_is_refused_in_any_spelling(url: str) -> None:
    with pytest.raises(UrlError, match="not a public address"):
        check_link(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.org/feed", "scheme 'ftp'"),
        ("javascript:alert(1)", "scheme 'javascript'"),
        ("file:///etc/passwd", "scheme 'file'"),
        ("https://user:secret@example.org/", "credentials"),
        ("https://", "no host"),
        ("", "empty"),
        ("example.org/feed", "scheme"),
    ],
)
def test_what_cannot_be_fetched_is_refused(url: str, reason: str) -> None:
    with pytest.raises(UrlError, match=reason):
        check_link(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a",
        "http://93.184.215.14/",
        "http://[2606:2800:21f:cb07::1]/",
        "https://127.0.0.1.example.org/",
    ],
)
def test_public_addresses_and_names_pass(url: str) -> None:
    check_link(url)


def test_allowed_networks_may_be_reached() -> None:
    check_link("http://127.0.0.2/a", [ip_network("127.0.0.0/8")])
    with pytest.raises(UrlError):
        check_link("http://10.0.0.1/a", [ip_network("127.0.0.0/8")])


def test_a_feed_read_from_a_private_address_may_link_there_and_nowhere_else() -> None:
    own = own_network("http://127.0.0.3:8000/feed.xml")

    check_link("http://127.0.0.3:8000/a", own)
    with pytest.raises(UrlError):
        check_link("http://127.0.0.4:8000/a", own)
    assert own_network("https://example.org/feed") == ()


def test_a_name_is_no_address() -> None:
    assert written_address("https://example.org/") == ""
    assert written_address("http://[::1]/") == "::1"
