"""Story keys: every rule of normalization by example, what is refused, and values that must never change."""

import uuid

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingestion.errors import UrlError
from ingestion.urls import URL_MAX_CHARS, is_same_site, normalize_url, story_id, url_hash

SAME = [
    # scheme, host, port
    ("HTTP://Example.COM/News", "https://example.com/News"),
    ("http://example.com:80/a", "https://example.com/a"),
    ("https://example.com:443/a", "https://example.com/a"),
    ("http://example.com:443/a", "https://example.com/a"),
    ("https://example.com:/a", "https://example.com/a"),
    ("http://127.0.0.7:8101/a", "https://127.0.0.7:8101/a"),
    ("http://example.com:08080/a", "https://example.com:8080/a"),
    ("https://example.com./a", "https://example.com/a"),
    ("  https://example.com/a\n", "https://example.com/a"),
    ("https://[2001:DB8:0::1]/a", "https://[2001:db8::1]/a"),
    ("https://[::FFFF:127.0.0.1]:8080/", "https://[::ffff:7f00:1]:8080/"),
    ("https://under_score.example.com/a", "https://under_score.example.com/a"),
    # international names
    ("https://пример.рф/a", "https://xn--e1afmkfd.xn--p1ai/a"),
    ("https://XN--E1AFMKFD.xn--p1ai/a", "https://xn--e1afmkfd.xn--p1ai/a"),
    ("https://BÜCHER.example/a", "https://xn--bcher-kva.example/a"),
    ("https://straße.example/a", "https://xn--strae-oqa.example/a"),
    ("https://例え。テスト/a", "https://xn--r8jz45g.xn--zckzah/a"),
    # editions by host
    ("https://www.example.com/a", "https://example.com/a"),
    ("https://m.example.com/a", "https://example.com/a"),
    ("https://mobile.example.com/a", "https://example.com/a"),
    ("https://amp.example.com/a", "https://example.com/a"),
    ("https://www.m.example.com/a", "https://example.com/a"),
    ("https://en.m.wikipedia.org/wiki/A", "https://en.wikipedia.org/wiki/A"),
    ("https://edition.m.example.co.uk/a", "https://edition.example.co.uk/a"),
    ("https://www.gov.uk/a", "https://gov.uk/a"),
    ("https://m.co.uk/a", "https://m.co.uk/a"),
    ("https://amp.dev/a", "https://amp.dev/a"),
    ("https://www.com/a", "https://www.com/a"),
    ("https://m.com/a", "https://m.com/a"),
    ("https://msnbc.com/a", "https://msnbc.com/a"),
    ("https://news.example.com/a", "https://news.example.com/a"),
    # path
    ("https://example.com", "https://example.com/"),
    ("https://example.com?", "https://example.com/"),
    ("https://example.com/a/", "https://example.com/a"),
    ("https://example.com/a//", "https://example.com/a"),
    ("https://example.com//a", "https://example.com//a"),
    ("https://example.com/a/./b/../c", "https://example.com/a/c"),
    ("https://example.com/../../a", "https://example.com/a"),
    ("https://example.com/a/%2E%2e/b", "https://example.com/b"),
    ("https://example.com/a/..", "https://example.com/"),
    ("https://example.com/a;jsessionid=0A1B?x=1", "https://example.com/a?x=1"),
    ("https://example.com/a;v=1", "https://example.com/a;v=1"),
    # percent-encoding
    ("https://example.com/%7Euser/%41%2d", "https://example.com/~user/A-"),
    ("https://example.com/a%2fb%c3%a9", "https://example.com/a%2Fb%C3%A9"),
    ("https://example.com/café", "https://example.com/caf%C3%A9"),
    ("https://example.com/caf%E9", "https://example.com/caf%E9"),
    ("https://example.com/100%", "https://example.com/100%25"),
    ("https://example.com/a b", "https://example.com/a%20b"),
    ('https://example.com/"<a>[b]{c}|\\^`', "https://example.com/%22%3Ca%3E%5Bb%5D%7Bc%7D%7C%5C%5E%60"),
    ("https://example.com/a,b:c@d!$&'()*+;=e", "https://example.com/a,b:c@d!$&'()*+;=e"),
    ("https://example.com/\N{PILE OF POO}", "https://example.com/%F0%9F%92%A9"),
    # fragment
    ("https://example.com/a#top", "https://example.com/a"),
    ("https://example.com/#/a?b=1", "https://example.com/"),
    # AMP editions by path
    ("https://example.com/a/amp", "https://example.com/a"),
    ("https://example.com/a/amp/", "https://example.com/a"),
    ("https://example.com/amp/a", "https://example.com/a"),
    ("https://example.com/news/amp/world-1", "https://example.com/news/world-1"),
    ("https://example.com/a/AMP.html", "https://example.com/a"),
    ("https://example.com/a.amp", "https://example.com/a"),
    ("https://example.com/a.amp.html", "https://example.com/a.html"),
    ("https://example.com/a?amp", "https://example.com/a"),
    ("https://example.com/a?amp=1&id=2", "https://example.com/a?id=2"),
    ("https://example.com/a?outputType=amp", "https://example.com/a"),
    ("https://example.com/amp", "https://example.com/amp"),
    ("https://example.com/amp/amp.html", "https://example.com/amp/amp.html"),
    ("https://example.com/guitar-amp", "https://example.com/guitar-amp"),
    ("https://example.com/a/.amp", "https://example.com/a/.amp"),
    ("https://example.com/a?outputType=json", "https://example.com/a?outputType=json"),
    # query
    ("https://example.com/a?b=2&a=1", "https://example.com/a?a=1&b=2"),
    ("https://example.com/a?b=2&a=2&a=1", "https://example.com/a?a=2&a=1&b=2"),
    ("https://example.com/a?b=&a", "https://example.com/a?a&b="),
    ("https://example.com/a?&&x=1&", "https://example.com/a?x=1"),
    ("https://example.com/a?q=a+b", "https://example.com/a?q=a%20b"),
    ("https://example.com/a?q=a%2Bb", "https://example.com/a?q=a%2Bb"),
    ("https://example.com/a?q=%7e%2f", "https://example.com/a?q=~%2F"),
    ("https://example.com/a?x=1&amp;y=2", "https://example.com/a?x=1&y=2"),
    ("https://example.com/a?x=1&amp;utm_source=rss", "https://example.com/a?x=1"),
    ("https://example.com/a?p=12&P=13", "https://example.com/a?P=13&p=12"),
    ("https://example.com/?p=12", "https://example.com/?p=12"),
]

TRACKING = """
    utm_source=x utm_medium=x UTM_Campaign=x utm%5Fterm=x mtm_kwd=x pk_campaign=x fbclid=x fbclid gclid=x dclid=x
    msclkid=x mc_cid=x mc_eid=x igshid=x ref_src=x cmpid=x CMP=x ns_campaign=x ns_mchannel=x at_medium=x
    at_custom1=x ocid=x ncid=x smid=x _ga=x _hsenc=x wt_mc=x WT.mc_id=x yclid=x twclid=x ito=x xtor=x feedType=x
    guccounter=1 source=rss ref=rss_home mod=rss_markets partner=feedburner srcref=rss
""".split()  # noqa: SIM905

MEANINGFUL = """
    id=1 p=12 page=2 story=utm_source source=reuters ref=12345 from=2024 mod=forum lang=en v=abc q=rss cid=4
    share=1 output=json section=world attic=1 nsx=1
""".split()  # noqa: SIM905

REFUSED = [
    ("", "empty"),
    ("   ", "empty"),
    ("example.com/a", "scheme"),
    ("//example.com/a", "scheme"),
    ("/a", "scheme"),
    ("ftp://example.com/a", "scheme"),
    ("file:///etc/passwd", "scheme"),
    ("javascript:alert(1)", "scheme"),
    ("data:text/html,x", "scheme"),
    ("mailto:a@example.com", "scheme"),
    ("http:/example.com/a", "no host"),
    ("http://", "no host"),
    ("http:///a", "no host"),
    ("http://:80/a", "no host"),
    ("https://user:secret@example.com/a", "credentials"),
    ("https://user@example.com/a", "credentials"),
    ("https://example.com\\@evil.example/a", "credentials"),
    ("https://exam\nple.com/a", "control characters"),
    ("https://example.com/a\x00b", "control characters"),
    ("https://example.com/a\tb", "control characters"),
    ("https://example.com/a\x85b", "control characters"),
    ("https://example.com:99999/a", "not a port"),
    ("https://example.com:x/a", "not a port"),
    ("https://a..b/a", "not a host name"),
    ("https://.example.com/a", "not a host name"),
    ("https://exa mple.com/a", "not a host name"),
    ("https://ex%61mple.com/a", "not a host name"),
    ("https://example.com\\evil.example/a", "not a host name"),
    ("https://" + "a." * 130 + "example/a", "not a host name"),
    ("https://\N{ZERO WIDTH SPACE}/a", "not a host name"),
    ("https://[::1/a", "cannot be read"),
    ("https://[1.2.3.4]/a", "cannot be read"),
    ("https://example.com\N{FULLWIDTH SOLIDUS}x/a", "cannot be read"),
    ("https://example.com/\ud800", "not Unicode"),
    ("https://example.com/" + "a" * URL_MAX_CHARS, "longer"),
    ("https://example.com/" + "é" * 400, "longer"),
]


@pytest.mark.parametrize(("url", "expected"), SAME)
def test_normalizes(url: str, expected: str) -> None:
    assert normalize_url(url) == expected


@pytest.mark.parametrize("parameter", TRACKING)
def test_drops_what_says_how_a_reader_came(parameter: str) -> None:
    assert normalize_url(f"https://example.com/a?{parameter}") == "https://example.com/a"
    assert normalize_url(f"https://example.com/a?id=1&{parameter}&z=2") == "https://example.com/a?id=1&z=2"


@pytest.mark.parametrize("parameter", MEANINGFUL)
def test_keeps_what_may_name_the_article(parameter: str) -> None:
    assert normalize_url(f"https://example.com/a?{parameter}") == f"https://example.com/a?{parameter}"


@pytest.mark.parametrize(("url", "reason"), REFUSED)
def test_refuses_with_a_reason(url: str, reason: str) -> None:
    with pytest.raises(UrlError, match=reason) as caught:
        normalize_url(url)
    assert caught.value.code == "bad_url"
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("path", ["/A", "/b", "//a", "/a.html", "/a;v=2", "/a%2Fb", "/a/b"])
def test_different_paths_stay_apart(path: str) -> None:
    assert normalize_url("https://example.com" + path) != normalize_url("https://example.com/a")


_HOSTS = st.sampled_from(
    [
        "example.com",
        "www.example.com",
        "AMP.m.Example.co.uk",
        "a.m.b.org",
        "[::1]",
        "127.0.0.1",
        "пример.рф",
        "m.com",
    ]
)
_PIECES = st.sampled_from(
    [
        "/",
        "//",
        "/amp",
        ".amp",
        "amp.html",
        ".",
        "..",
        "%2e",
        "%",
        "%4",
        "%2525",
        ";jsessionid=a",
        "a",
        "É",
        "?",
        "&",
    ]
    + ["=", "#", "+", " ", "amp;", "utm_a=1", "q=ü", "\\", "[", '"', "rss", "b"]
)


@given(_HOSTS, st.sampled_from(["", ":80", ":443", ":8080"]), st.lists(_PIECES, max_size=12))
@example("example.com", "", ["/", "..", ".amp"])
@example("example.com", "", ["/a", "amp.", "amp.html"])
def test_normalizing_twice_changes_nothing(host: str, port: str, pieces: list[str]) -> None:
    once = normalize_url(f"http://{host}{port}/{''.join(pieces)}")
    assert once.isascii()
    assert normalize_url(once) == once


@given(st.one_of(st.text(), st.text().map("http://".__add__), st.text().map("https://example.com/".__add__)))
def test_any_text_is_normalized_or_refused(text: str) -> None:
    try:
        once = normalize_url(text)
    except UrlError:
        return
    assert normalize_url(once) == once


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=10))
def test_international_hosts_are_stable(label: str) -> None:
    try:
        once = normalize_url(f"https://{label}.example/")
    except UrlError:
        return
    assert normalize_url(once) == once


FROZEN = [
    (
        "http://127.0.0.2:8101/2024/harbour-plan",
        "e2f8bee61bf2e06304459e25a81c4f413373ed8b9f39e445d1498bf11d1d5dc3",
        "ee84ffc1-48ae-5b9e-a195-47340b1fde63",
    ),
    (
        "https://www.example.com/",
        "0f115db062b7c0dd030b16878c99dea5c354b49dc37b38eb8846179c7783e9d7",
        "7c6377f2-8faf-5736-836a-afeccae009fd",
    ),
    (
        "http://www.example.com/news/2026/01/15/Council-votes.html?utm_source=rss&utm_medium=feed#comments",
        "1d2e61ec39b5e9fb010a05d42a77a6376116a81f308316078ac05c091167f55e",
        "45c34706-a755-51d9-864e-e0e409d53686",
    ),
    (
        "https://amp.example.co.uk/news/amp/world-12345678/?at_medium=RSS",
        "7364f95a3bf61599b4e4a3fe689086437bc6286b3da17531b9e243c7fba3a177",
        "15bf6922-6fd0-5ac1-b29c-ed5433ef450a",
    ),
    (
        "https://m.example.org/story/?id=7&lang=en&b=&b=1",
        "69b2f6b6cc202109c5a460543052430fc1a1f01df41912175b39644e44ad8f04",
        "2339d072-c381-5e6e-8a3d-deb168079078",
    ),
    (
        "https://example.com/%7eauthor/caf%c3%a9/../tea;jsessionid=9F?q=a+b",
        "83cf399dc6080bc02d457daffb8246f001f238360fb35efac870d4a860f6e052",
        "4d894893-b672-53dd-8358-026930bb960f",
    ),
    (
        "https://пример.рф/новости/статья-1",
        "034c4c8618579ac4dba7af851fe13301f30afda79126e1a131ef135a7ec03bd3",
        "d56dceca-8618-5afe-8c44-b25d709fd4c3",
    ),
    (
        "https://example.com/a.amp.html?outputType=amp&cmpid=x",
        "cb61db39b3c22e99982267894d509bf0bc8b8ea549e351431cd92dbdef19af11",
        "c4161fd1-d575-5837-83af-a093a837e00b",
    ),
    (
        "https://[2001:db8::1]:8443/a",
        "323444801835a0e119ceddbb93e7396da99c838bf3e909ba05d45ceb01d80d13",
        "628867b8-a22a-52f4-84b0-d8c9f7eb7bad",
    ),
    (
        "https://example.com/2026/01/💩?x=1&amp;y=%2f",
        "6080b25eaf4ce10503326088892ab86905c33b10d962619649a13c0105cc6116",
        "23423e08-aa8c-57c2-a411-1f65ab60e241",
    ),
]


def test_story_ids_are_frozen() -> None:
    """A failure here means that stored stories would be read as new ones. Mend the code, never the values."""
    assert {url: (url_hash(url), str(story_id(url_hash(url)))) for url, _, _ in FROZEN} == {
        url: (digest, story) for url, digest, story in FROZEN
    }


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("https://www.example.com/a", "http://example.com/b", True),
        ("https://m.example.com/a", "https://amp.example.com/b", True),
        ("https://news.example.com/a", "https://example.com/b", True),
        ("https://example.com/a", "https://notexample.com/a", False),
        ("https://example.com/a", "https://example.org/a", False),
        ("https://example.com/a", "javascript:void", False),
        ("", "", False),
    ],
)
def test_same_site(left: str, right: str, expected: bool) -> None:
    assert is_same_site(left, right) is expected


def test_ids_are_version_5_uuids_of_the_hash() -> None:
    digest = url_hash("https://example.com/a")
    assert len(digest) == 64
    assert story_id(digest).version == 5
    assert story_id(digest) == uuid.uuid5(uuid.UUID("ca90f98c-dbb1-4779-b04d-df965d5b1183"), digest)
