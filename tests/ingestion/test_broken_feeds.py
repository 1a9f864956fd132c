"""Feeds that are broken, cut off, or made to cost much: what is saved of them, and that none passes as valid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import FeedError
from ingestion.feed_text import MAX_REPAIRS
from ingestion.feeds import ParsedFeed, parse_feed
from ingestion.page_limits import MAX_ATTRIBUTES
from tests.support.feeds import ITEM, rss

URL = "https://feeds.example.org/news/all.xml"
A = "https://example.com/a"

Expected = list[tuple[str, str]]


def parse(body: bytes | str) -> ParsedFeed:
    return parse_feed(body.encode() if isinstance(body, str) else body, url=URL)


def item(title: str, link: str = A) -> str:
    return f"<title>{title}</title><link>{link}</link>"


def found(feed: ParsedFeed) -> Expected:
    return [(entry.url, entry.title) for entry in feed.entries]


# What single characters break is mended: nothing is lost, and what the feed says next may be a 304.
MENDED: dict[str, tuple[str, Expected]] = {
    "a bare & in a link": (rss(item("A", f"{A}?cat=3&id=2")), [(f"{A}?cat=3&id=2", "A")]),
    "links that differ after their &": (
        rss(*(item("A", f"{A}?s=1&id{number}/") for number in range(3))),
        [(f"{A}?s=1&id{number}/", "A") for number in range(3)],
    ),
    "a link with the name of an entity": (rss(item("A", f"{A}?a=1&copy=2&lt=3")), [(f"{A}?a=1&copy=2&lt=3", "A")]),
    "a bare & in a title": (rss(item("AT&T cuts")), [(A, "AT&T cuts")]),
    "a bare & among good ones": (rss(item("AT&amp;T &amp; A&B &#8211; &quot;C&quot;")), [(A, 'AT&T & A&B – "C"')]),
    "entities of HTML": (rss(item("A&nbsp;B&eacute; &mdash; &bogus; &LT; c")), [(A, "A Bé — &bogus; < c")]),
    "entities of a DTD that is elsewhere": (
        f'<!DOCTYPE rss PUBLIC "-//N//DTD RSS 0.91//EN" "http://n.example/rss-0.91.dtd">{rss(item("Caf&eacute;"))}',
        [(A, "Café")],
    ),
    "a bare <": (rss(item("I <3 you, 2 < 3")), [(A, "I <3 you, 2 < 3")]),
    "& in CDATA beside a bare one": (
        rss(item("<![CDATA[R&D &eacute;]]>", "<![CDATA[https://example.com/a?b&c]]>") + "<author>R&D</author>"),
        [(f"{A}?b&c", "R&D é")],
    ),
    "controls": (rss(item("A\x0bB") + "<description>\x0b\x1f</description>"), [(A, "A B")]),
    "controls by number": (rss(item("A&#0;&#11;B&#xD800;&#x110000;")), [(A, "A B")]),
    "space before the declaration": (f'\n\n<?xml version="1.0"?>{rss(ITEM)}', [(A, "A")]),
}

# What is broken beyond that loses no entry either, if a patient reader can help it.
BROKEN: dict[str, tuple[str, Expected]] = {
    "a tag that is never closed": (
        rss(item("1", f"{A}1")).replace(
            "</item>", f"</item><b><item>{item('2', f'{A}2')}</item><item>{item('3 & 4', f'{A}3')}</item>"
        ),
        [(f"{A}1", "1"), (f"{A}2", "2"), (f"{A}3", "3 & 4")],
    ),
    "an item that is never closed": (
        f"<rss><channel><item>{item('1', f'{A}1')}<item>{item('2', f'{A}2')}</item></channel></rss>",
        [(f"{A}1", "1"), (f"{A}2", "2")],
    ),
    "HTML in a description": (rss(f"{ITEM}<description>fish & chips <br> &nbsp; &bogus;</description>"), [(A, "A")]),
    "something after the end": (f"{rss(ITEM)}<!-- trailing --><p>ad</p>", [(A, "A")]),
    "no end": (rss(ITEM).removesuffix("</channel></rss>"), [(A, "A")]),
}


@pytest.mark.parametrize(("body", "entries"), MENDED.values(), ids=MENDED)
def test_what_can_be_mended_is_read_in_full_with_a_warning(body: str, entries: Expected) -> None:
    feed = parse(body)
    assert found(feed) == entries
    assert [warning.partition(":")[0] for warning in feed.warnings] == ["feed is malformed"]
    assert feed.is_whole


@pytest.mark.parametrize(("body", "entries"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_read_patiently_with_a_warning_and_is_not_whole(body: str, entries: Expected) -> None:
    feed = parse(body)
    assert found(feed) == entries
    assert len(feed.warnings) == 1
    assert feed.warnings[0].startswith(("feed is malformed: ", "feed is cut off: "))
    assert not feed.is_whole


@pytest.mark.parametrize(
    "body", [rss(ITEM), rss(item("<![CDATA[R&D <3]]>")), '{"version": "https://jsonfeed.org/version/1.1", "items": []}']
)
def test_what_is_well_formed_is_whole(body: str) -> None:
    feed = parse(body)
    assert feed.is_whole
    assert not any("malformed" in warning for warning in feed.warnings)


def test_only_so_much_is_mended() -> None:
    assert parse(rss(item("A") + f"<description>{'&' * MAX_REPAIRS}</description>")).is_whole
    assert not parse(rss(item("A") + f"<description>{'&' * (MAX_REPAIRS + 1)}</description>")).is_whole


def test_a_mended_feed_without_entries_is_not_called_valid() -> None:
    feed = parse(rss(head="<title>News & More</title>"))
    assert feed.title == "News & More"
    assert feed.warnings[1:] == ("feed lists no entries",)


@pytest.mark.parametrize(
    "body",
    [
        rss(ITEM).partition("<item>")[0],
        rss(ITEM).partition("<title>A")[0],
        rss(ITEM).partition("/a</link>")[0],
        rss(ITEM).partition("</item>")[0],
    ],
)
def test_a_feed_cut_off_before_its_first_entry_ends_is_no_empty_feed(body: str) -> None:
    with pytest.raises(FeedError) as caught:
        parse(body)
    assert caught.value.code == "malformed_feed"
    assert caught.value.detail.startswith("feed is cut off")


@given(st.integers(min_value=0))
def test_wherever_a_feed_is_cut_off_no_address_is_half_of_one(at: int) -> None:
    whole = rss(*(item(f"Title {number}", f"https://example.com/story/{number}?a=1&amp;b=2") for number in range(3)))
    body = whole[: at % len(whole)]
    urls = [f"https://example.com/story/{number}?a=1&b=2" for number in range(3)]
    try:
        feed = parse(body)
    except FeedError:
        assert body.count("</item>") == 0
        return
    assert not feed.is_whole
    assert [entry.url for entry in feed.entries] == urls[: body.count("</item>")]


def attributes(count: int, name: str = "a") -> str:
    return " ".join(f'{name}{number}="1"' for number in range(count))


@pytest.mark.parametrize(
    "body",
    [
        rss(ITEM).replace("<item>", f"<item {attributes(100_000)}>"),
        rss(ITEM).replace("<item>", f"<_x {attributes(100_000)}/><item>"),
        rss(ITEM).replace("<item>", f"<é:x {attributes(100_000)}/><item>"),
        f"<feed {attributes(100_000, 'xmlns:a')}/>",
        f"<!doctype html><p {attributes(100_000)}>",
    ],
    ids=["item", "underscore", "accent", "namespaces", "page"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_tag_of_many_attributes_is_refused_before_any_parser_sees_it(body: str, encoding: str) -> None:
    with pytest.raises(FeedError) as caught:
        parse(body.encode(encoding))
    assert caught.value.code == "feed_too_complex"
    assert "attributes" in caught.value.detail


def test_a_description_of_many_attributes_is_read_without_a_parser_for_pages() -> None:
    markup = f"&lt;p {attributes(2 * MAX_ATTRIBUTES)}&gt;Rain &lt;b&gt;falls&lt;/b&gt;"
    (entry,) = parse(rss(f"{ITEM}<description>{markup}</description>")).entries
    assert entry.description == "Rain falls"


def test_a_bomb_of_entities_is_refused() -> None:
    doubling = "".join(f'<!ENTITY {name} "{("&" + chr(ord(name) - 1) + ";") * 10}">' for name in "bcdefghijkl")
    with pytest.raises(FeedError) as caught:
        parse(f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">{doubling}]>{rss(item("&l;"))}')
    assert (caught.value.code, caught.value.detail) == (
        "feed_too_complex",
        "it declares entities that are made of entities",
    )


@pytest.mark.parametrize("declared", ['"seen"', 'SYSTEM "file:///etc/passwd"', 'SYSTEM "http://127.0.0.1/"'])
def test_entities_of_a_feeds_own_are_not_put_in_and_that_is_said(declared: str) -> None:
    feed = parse(f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x {declared}>]>{rss(item("A&x;B"), item("C", f"{A}c"))}')
    assert found(feed) == [(A, "A"), (f"{A}c", "C")]
    assert feed.warnings == ("feed declares entities of its own, and texts end where they are used",)
