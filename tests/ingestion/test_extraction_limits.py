"""Pages that would cost extractors minutes are refused before any of them sees the page; real pages never are."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import ExtractionError
from ingestion.extraction import HTML_MAX_CHARS, MAX_LINES, decode_page, extract
from ingestion.page_limits import MAX_ATTRIBUTES, MAX_ELEMENTS, check_page

URL = "https://news.example/story"
SENTENCE = "The council voted on Tuesday evening to repair the old bridge over the river. "
ARTICLE = f"<html><body><article><p>{SENTENCE * 8}</p>"


def filled(piece: str) -> str:
    """A page of full size made of one piece over and over."""
    return (ARTICLE + piece * (HTML_MAX_CHARS // len(piece)))[:HTML_MAX_CHARS]


def tag(attribute: Callable[[int], str], before: str = "") -> str:
    """A page that is one tag with attributes that all have names of their own."""
    return f"{ARTICLE}{before}<p {''.join(map(attribute, range(200_000)))}>x"


COMPLEX = {
    "deep": filled("<div>"),
    "deep and closed": ARTICLE + "<div>" * 19_000 + "x" + "</div>" * 19_000,
    "flat": filled("<div>x</div>"),
    "unclosed": filled("<p><b><i>x"),
    "tables": filled("<table><tr><td>x"),
    "lists": filled("<ul><li><a href=x>x</a>"),
    "spans": filled("<span>a</span>"),
    "breaks": filled("x<br>"),
    "attributes": tag(lambda n: f"a{n} "),
    "attributes between slashes": tag(lambda n: f"a{n}/"),
    "attributes with values": tag(lambda n: f'a{n}="x" '),
    "attributes without spaces": tag(lambda n: f'a{n}="x"'),
    "tags that seem to end": tag(lambda n: f'a{n}=">" '),
    "tags that seem to end in single quotes": tag(lambda n: f"a{n}='>' "),
    "tags in names": tag(lambda n: f"a{n}<1 "),
    "names that begin with =": tag(lambda n: f"=a{n} "),
    "begun in a script": tag(lambda n: f'a{n}=">" ', '<script>1<x y="</script>'),
    "begun in a comment": tag(lambda n: f"a{n} ", '<!-- <x y="-->'),
    "many long tags": filled("<p " + " ".join(f"a{number}" for number in range(2 * MAX_ATTRIBUTES)) + ">"),
}


@pytest.mark.parametrize("html", COMPLEX.values(), ids=COMPLEX)
def test_complex_pages_are_refused(html: str) -> None:
    with pytest.raises(ExtractionError) as caught:
        extract(html, url=URL)
    assert caught.value.code == "page_too_complex"
    assert caught.value.detail


def test_a_million_lines_are_refused() -> None:
    with pytest.raises(ExtractionError, match="lines of text"):
        extract(f"{ARTICLE}<pre>" + "a\n" * (MAX_LINES + 10), url=URL)


# Full size, but simple: these go through the extractors.
LARGE = {
    "text": filled(SENTENCE),
    "paragraphs": ARTICLE + f"<p>{SENTENCE * 20}</p>" * 1_500,
    "spaces": filled(" "),
    "entities": filled("&nbsp;"),
    "angles": filled("<"),
    "end tags": filled("</p>"),
    "comments": ARTICLE + "<!-- <p> -->" * 15_000,
    "a script": f"{ARTICLE}</p><script>" + "x = y + 1; " * 100_000 + "if (a<b && b>c) x = y; " * 9_000,
    "text after a script's sign": f"{ARTICLE}</p><script>if (a<b) text = '{'word ' * 2_500}'</script>",
    "a long value": f'{ARTICLE}<img src="data:' + "QUJD" * 500_000 + '"></p>',
    "values with tags": ARTICLE + """<p data-x="<b>x</b>" data-y='a > b'>x</p>""" * 5_000,
    "JSON in a value": f"{ARTICLE}<div data-x='" + '{"a": "b > c"}, ' * 100_000 + "'>x</div>",
    "quotes": filled("=\"'"),
    "values that never end": filled('="x>'),
}


@pytest.mark.parametrize("html", LARGE.values(), ids=LARGE)
def test_large_pages_pass(html: str) -> None:
    check_page(html)


@pytest.mark.parametrize("name", ["text", "paragraphs", "spaces", "entities", "angles", "end tags", "a script"])
def test_large_pages_are_read(name: str) -> None:
    assert SENTENCE.strip() in extract(LARGE[name], url=URL).text


def test_the_limits_themselves_pass() -> None:
    check_page("<p>" * MAX_ELEMENTS)
    check_page("<p " + " ".join(f"attribute{number}=x" for number in range(MAX_ATTRIBUTES)) + ">x")
    with pytest.raises(ExtractionError):
        check_page("<p>" * (MAX_ELEMENTS + 1))


@given(st.text(st.sampled_from("<>a/='\" \n!-"), max_size=400))
def test_small_pages_pass(html: str) -> None:
    check_page(html)


def test_real_pages_pass(shared_data: Path) -> None:
    pages = sorted((shared_data / "extraction").glob("*/html/*.gz"))
    assert len(pages) == 268
    for path in pages:
        check_page(decode_page(gzip.decompress(path.read_bytes()), ""))
