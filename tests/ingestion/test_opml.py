"""Lists of feeds: read whatever readers export, refuse what would grow, write what can be read back."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.opml import OPML_MAX_BYTES, OPML_MAX_FEEDS, OpmlError, Outline, parse_opml, write_opml


def opml(body: str, *, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    return f'{head}<opml version="2.0"><head><title>x</title></head><body>{body}</body></opml>'.encode()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("", []),
        (
            '<outline type="rss" text="Herald" title="The Herald" xmlUrl="https://h.example/f" htmlUrl="https://h.example/"/>',
            [Outline("Herald", "https://h.example/f", "https://h.example/")],
        ),
        ('<outline title="Only titled" xmlUrl="u"/>', [Outline("Only titled", "u")]),
        ('<outline xmlUrl="u"/>', [Outline("", "u")]),
        ('<OUTLINE TEXT="Loud" XMLURL="u" HTMLURL="h"/>', [Outline("Loud", "u", "h")]),
        ('<outline text="two&#10; lines " xmlUrl=" u "/>', [Outline("two lines", "u")]),
        ('<outline type="rss" text="No address"/>', [Outline("No address", "")]),
        ('<outline type="link" text="A page" url="https://h.example/"/>', []),
        (
            '<outline text="News"><outline text="Europe"><outline text="A" xmlUrl="a"/></outline>'
            '<outline><outline text="B" xmlUrl="b"/></outline></outline><outline text="C" xmlUrl="c"/>',
            [Outline("A", "a", category="Europe"), Outline("B", "b", category="News"), Outline("C", "c")],
        ),
        (
            '<outline text="News"><outline text="A" xmlUrl="a" category="/Boston/Weather,/Sports"/></outline>',
            [Outline("A", "a", category="Weather")],
        ),
        (
            '<outline text="A" xmlUrl="a" ntrl:slug="a-1" ntrl:Home-Country="gb" other:slug="b"/>',
            [Outline("A", "a", own={"slug": "a-1", "home-country": "gb"})],
        ),
    ],
)
def test_feeds_of_a_list(body: str, found: list[Outline]) -> None:
    assert parse_opml(opml(body)) == found


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 if n > 1 else str()};" * 10}">' for n in range(1, 10))
    + "]>"
)
XXE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1/x.dtd"> %e;]>'


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<opml><body><outline text='a'></body></opml>", "mismatched tag, line 1, column 3"),
        (opml('<outline text="a" xmlUrl="http://h.example/?a=1&b=2"/>'), "not well-formed"),
        (b"not xml at all", "not well-formed"),
        (b"\x89PNG\r\n\x1a\n", "not well-formed"),
        (b"<html><body>Sign in</body></html>", "not OPML: the document is <html>"),
        (b"<rss version='2.0'><channel/></rss>", "not OPML: the document is <rss>"),
        (opml('<outline text="&lol9;" xmlUrl="u"/>', head=BOMB), "declares an entity"),
        (opml('<outline text="&e;" xmlUrl="u"/>', head=XXE), "declares an entity"),
        (opml("", head=PARAMETER), "declares an entity"),
        (b'<?xml version="1.0" encoding="klingon"?><opml/>', "character set"),
        (b'<?xml version="1.0" encoding="shift_jis"?><opml/>', "character set"),
        (b" " * (OPML_MAX_BYTES + 1), "larger than"),
        (opml("<outline xmlUrl='u'/>" * (OPML_MAX_FEEDS + 1)), "5,001 feeds are more than 5,000; split the list"),
    ],
)
def test_what_is_no_list_says_why(document: bytes, said: str) -> None:
    with pytest.raises(OpmlError, match=said):
        parse_opml(document)


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "windows-1251", "iso-8859-5"])
def test_character_sets(charset: str) -> None:
    document = f'<?xml version="1.0" encoding="{charset}"?><opml><outline text="Новости" xmlUrl="u"/></opml>'
    assert parse_opml(document.encode(charset)) == [Outline("Новости", "u")]


def test_a_document_type_alone_fetches_nothing_and_harms_nothing() -> None:
    head = '<?xml version="1.0"?><!DOCTYPE opml SYSTEM "http://127.0.0.1:9/opml.dtd">'
    assert parse_opml(opml('<outline text="A" xmlUrl="a"/>', head=head)) == [Outline("A", "a")]


def test_deep_nesting_is_only_deep() -> None:
    depth = 50_000
    body = "<outline text='f'>" + "<outline>" * depth + "<outline xmlUrl='u'/>" + "</outline>" * (depth + 1)
    assert parse_opml(opml(body)) == [Outline("", "u", category="f")]


# What a list can say: one line each, as XML can write it.
LINES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x10FFFF, exclude_categories=["Cs", "Cc", "Z"])).filter(
    lambda text: text == text.replace("\ufffe", "").replace("\uffff", "")
)
WORDS = LINES.filter(lambda text: not set(text) & set(",/"))
OUTLINES = st.builds(
    Outline,
    LINES,
    LINES.filter(bool),
    LINES,
    WORDS,
    st.dictionaries(st.sampled_from(["slug", "priority", "home-country"]), LINES.filter(bool)),
)


@given(st.lists(OUTLINES, max_size=5))
def test_what_is_written_is_read_back(outlines: list[Outline]) -> None:
    assert parse_opml(write_opml(outlines, title="Sources").encode()) == outlines


@given(st.text(max_size=50))
def test_any_text_can_be_written(text: str) -> None:
    written = write_opml([Outline(text, "u", text, "", {"slug": text})], title="Sources")
    assert len(parse_opml(written.encode())) == 1


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda junk: opml("")[:60] + junk))
def test_junk_is_refused_or_read_and_nothing_else(document: bytes) -> None:
    with suppress(OpmlError):
        assert isinstance(parse_opml(document), list)
