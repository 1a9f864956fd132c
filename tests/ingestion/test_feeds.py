"""Feeds of every format and state: what is read from them, what is warned of, what is refused, and hostile ones."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import FeedError
from ingestion.feeds import DESCRIPTION_MAX_CHARS, MAX_ENTRIES, ParsedFeed, parse_feed
from tests.support.feeds import ITEM, REFERENCE_IS_WRONG, differences, real_feeds, reference_of, rss

URL = "https://feeds.example.org/news/all.xml"


def parse(body: bytes | str, content_type: str = "") -> ParsedFeed:
    return parse_feed(body.encode() if isinstance(body, str) else body, url=URL, content_type=content_type)


RSS_091 = f'<?xml version="1.0"?><rss version="0.91"><channel><title>T</title><item>{ITEM}</item></channel></rss>'
RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns='
RSS_090 = (
    f'{RDF}"http://my.netscape.com/rdf/simple/0.9/"><channel><title>T</title></channel><item>{ITEM}</item></rdf:RDF>'
)
RSS_10 = (
    f'{RDF}"http://purl.org/rss/1.0/">'
    f'<channel rdf:about="x"><title>T</title></channel><item rdf:about="y">{ITEM}</item></rdf:RDF>'
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><title>A</title><id>urn:1</id>'
    '<link rel="self" href="https://example.com/self"/><link href="https://example.com/a"/></entry></feed>'
)
JSON_FEED = (
    '{"version": "https://jsonfeed.org/version/1.1", "title": "T",'
    ' "items": [{"id": "1", "url": "https://example.com/a", "title": "A"}]}'
)


@pytest.mark.parametrize(
    ("body", "kind"),
    [(rss(ITEM), "rss"), (RSS_091, "rss"), (RSS_090, "rdf"), (RSS_10, "rdf"), (ATOM, "atom"), (JSON_FEED, "json")],
)
def test_every_format_is_read(body: str, kind: str) -> None:
    feed = parse(body)
    assert (feed.format, feed.title, feed.warnings) == (kind, "T", ())
    assert [(entry.url, entry.title) for entry in feed.entries] == [("https://example.com/a", "A")]


def test_an_entry_in_full() -> None:
    (entry,) = parse(
        rss(
            "<title>Rain &amp;amp; &lt;b&gt;wind&lt;/b&gt;\n expected</title><link> https://example.com/a </link>"
            "<description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two &amp;amp; three.&lt;/p&gt;"
            "&lt;script&gt;x()&lt;/script&gt;</description><guid isPermaLink='false'>id-1</guid>"
            "<pubDate>Tue, 02 Jan 2024 03:04:05 +0200</pubDate>"
            "<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>Ann Lee</dc:creator>"
        )
    ).entries
    assert entry.title == "Rain & wind expected"
    assert entry.url == "https://example.com/a"
    assert entry.description == "One. Two & three."
    assert (entry.author, entry.entry_id) == ("Ann Lee", "id-1")
    assert entry.published_at == datetime(2024, 1, 2, 1, 4, 5, tzinfo=UTC)
    assert entry.updated_at is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-01-02 03:04:05", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2024-01-02T03:04:05", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2024-01-02T03:04:05Z", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("Tue, 02 Jan 2024 03:04:05 GMT", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("Tue, 02 Jan 2024 03:04:05 EST", datetime(2024, 1, 2, 8, 4, 5, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        ("9" * 400, None),
    ],
)
def test_times_are_utc(written: str, expected: datetime | None) -> None:
    assert parse(rss(f"{ITEM}<pubDate>{written}</pubDate>")).entries[0].published_at == expected


def test_an_update_is_kept_and_stands_for_a_missing_publication() -> None:
    entry = parse(ATOM.replace("<id>", "<updated>2024-01-02T03:04:05Z</updated><id>")).entries[0]
    assert entry.updated_at == entry.published_at == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (rss("<title>A</title><link>/a</link>"), "https://feeds.example.org/a"),
        (rss("<title>A</title><link>a</link>"), "https://feeds.example.org/news/a"),
        (rss("<title>A</title><link>//cdn.example.com/a</link>"), "https://cdn.example.com/a"),
        (
            rss("<title>A</title><link>a</link>", head="<link>https://www.example.com/world/</link>"),
            "https://www.example.com/world/a",
        ),
        (rss("<title>A</title><link>a</link>", head="<link>nonsense:x</link>"), "https://feeds.example.org/news/a"),
        (ATOM.replace("https://example.com/a", "a"), "https://feeds.example.org/news/a"),
        (
            ATOM.replace("https://example.com/a", "a").replace("<feed", "<feed xml:base='https://b.example/z/'"),
            "https://b.example/z/a",
        ),
        (rss("<title>A</title><guid>https://example.com/guid</guid>"), "https://example.com/guid"),
    ],
)
def test_links_become_absolute(body: str, expected: str) -> None:
    assert [entry.url for entry in parse(body).entries] == [expected]


@pytest.mark.parametrize("link", ["https://", "#top", "//", "?", f"{URL}?utm_source=x"])
def test_a_link_to_the_feed_itself_is_no_article(link: str) -> None:
    feed = parse(rss(f"<title>A</title><link>{link}</link>", ITEM))
    assert len(feed.entries) == 1
    assert feed.warnings == (
        "entries whose link cannot be used: 1 (first: leads to the feed or to its front page, not to an article)",
    )


def test_a_link_to_the_front_page_is_no_article() -> None:
    feed = parse(rss("<title>A</title><link>#</link>", head="<link>https://www.example.com/</link>"))
    assert feed.entries == ()


def test_controls_of_direction_are_dropped() -> None:
    turned = "a\u202eb\u2066c\u200f"
    item = f"<title>{turned}</title><author>{turned}</author><link>/a</link>"
    for markup in (turned, f"&lt;p&gt;{turned}&lt;/p&gt;"):
        (entry,) = parse(rss(f"{item}<description>{markup}</description>")).entries
        assert (entry.title, entry.author, entry.description) == ("abc", "abc", "abc")


def test_entries_without_a_usable_link_are_counted() -> None:
    feed = parse(rss(ITEM, "<title>B</title>", "<title>C</title>", "<title>D</title><link>javascript:x()</link>"))
    assert [entry.title for entry in feed.entries] == ["A"]
    assert feed.warnings == (
        "entries without a link: 2",
        "entries whose link cannot be used: 1 (first: scheme 'javascript' is not http or https)",
    )


@pytest.mark.parametrize(
    "body",
    [rss(), ATOM.partition("<entry>")[0] + "</feed>", '{"version": "https://jsonfeed.org/version/1", "items": []}'],
)
def test_an_empty_feed_is_valid_and_says_so(body: str) -> None:
    feed = parse(body)
    assert feed.entries == ()
    assert feed.warnings == ("feed is valid but lists no entries",)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_document"),
        (b" \r\n\t", "empty_document"),
        (b"<!doctype html><title>Just a moment&hellip;</title><p>Checking", "html_instead_of_feed"),
        (b"<html><body>no</body></html>", "html_instead_of_feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_a_feed"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "not_a_feed"),
        (b"hello", "not_a_feed"),
        (b'{"error": "no"}', "not_a_feed"),
        (b"<?xml version='1.0'?><urlset><url><loc>https://example.com/a</loc></url></urlset>", "not_a_feed"),
    ],
)
def test_what_is_no_feed_is_refused_with_a_reason(body: bytes, code: str) -> None:
    with pytest.raises(FeedError) as caught:
        parse(body, "text/html")
    assert caught.value.code == code
    assert caught.value.detail


def test_a_web_page_is_named() -> None:
    with pytest.raises(FeedError, match="Just a moment…"):
        parse(b"<!doctype html><title>Just a moment&hellip;</title>")


_WORDS = "<title>Žižek – “ü”</title><link>https://example.com/a</link>"
_QUOTED = "<title>Trump’s “ok” – café</title><link>https://example.com/a</link>"
_LATIN = "<title>Olé ü</title><link>https://example.com/a</link>"


@pytest.mark.parametrize(
    ("body", "content_type", "title"),
    [
        (rss(_WORDS).encode(), "", "Žižek – “ü”"),
        (b"\xef\xbb\xbf" + rss(_WORDS).encode(), "", "Žižek – “ü”"),
        (('<?xml version="1.0" encoding="utf-16"?>' + rss(_WORDS)).encode("utf-16"), "", "Žižek – “ü”"),
        (('<?xml version="1.0" encoding="windows-1250"?>' + rss(_WORDS)).encode("cp1250"), "", "Žižek – “ü”"),
        # declared wrongly: the bytes are UTF-8
        (b'<?xml version="1.0" encoding="iso-8859-1"?>' + rss(_WORDS).encode(), "", "Žižek – “ü”"),
        # declared nowhere but in the header
        (rss(_LATIN).encode("latin-1"), "text/xml; charset=ISO-8859-1", "Olé ü"),
        # declared nowhere
        (rss(_LATIN).encode("latin-1"), "", "Olé ü"),
        (rss(_LATIN).encode("latin-1"), "text/xml; charset=no-such-thing", "Olé ü"),
        # what calls itself Latin-1, or ASCII, is Windows-1252 on the web
        (('<?xml version="1.0" encoding="ISO-8859-1"?>' + rss(_QUOTED)).encode("cp1252"), "", "Trump’s “ok” – café"),
        (('<?xml version="1.0" encoding="us-ascii"?>' + rss(_QUOTED)).encode("cp1252"), "", "Trump’s “ok” – café"),
        (rss(_QUOTED).encode("cp1252"), "text/xml; charset=iso-8859-1", "Trump’s “ok” – café"),
        (('<?xml version="1.0" encoding="utf-8"?>' + rss(_QUOTED)).encode("cp1252"), "", "Trump’s “ok” – café"),
        # the document knows better than its server
        (
            ('<?xml version="1.0" encoding="windows-1250"?>' + rss(_WORDS)).encode("cp1250"),
            "a; charset=latin-1",
            "Žižek – “ü”",
        ),
        # UTF-8 taken for Latin-1 and encoded again
        (rss(_LATIN).encode().decode("latin-1").encode(), "", "Olé ü"),
    ],
)
def test_characters_survive(body: bytes, content_type: str, title: str) -> None:
    assert [entry.title for entry in parse(body, content_type).entries] == [title]


def test_only_the_newest_entries_of_a_huge_feed_are_read() -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    times = [start + timedelta(minutes=7 * at % 1_300) for at in range(1_300)]
    feed = parse(
        rss(
            *(
                f"<title>{at}</title><link>https://example.com/{at}</link><pubDate>{time.isoformat()}</pubDate>"
                for at, time in enumerate(times)
            )
        )
    )
    assert feed.warnings == (f"1300 entries; only the newest {MAX_ENTRIES} are read",)
    newest = set(sorted(times)[-MAX_ENTRIES:])
    assert [entry.published_at for entry in feed.entries] == [time for time in times if time in newest]


def test_long_texts_are_bounded() -> None:
    words = "word " * 100_000
    (entry,) = parse(
        rss(f"<title>{words}</title><link>https://example.com/a</link><description>&lt;p&gt;{words}</description>")
    ).entries
    assert len(entry.title) <= 1_000
    assert len(entry.description) <= DESCRIPTION_MAX_CHARS


@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(lambda text: rss(text).encode("utf-8", "replace"))))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        feed = parse(body)
    except FeedError:
        return
    for entry in feed.entries:
        (entry.title + entry.description + entry.author + entry.entry_id).encode("utf-8")
        assert "\x00" not in entry.title + entry.description + entry.author + entry.entry_id


@pytest.mark.journey
@pytest.mark.any_database
def test_real_feeds_yield_what_the_reference_parser_yields(shared_data: Path) -> None:
    feeds = real_feeds(shared_data)
    assert len(feeds) == 72
    for name, body in feeds.items():
        feed, reference = parse(body), reference_of(body)
        assert reference, name
        assert +differences(feed, reference, URL) == REFERENCE_IS_WRONG.get(name, Counter()), name
        assert all(entry.title or entry.description for entry in feed.entries), name
        assert not any("\ufffd" in entry.title for entry in feed.entries), name
