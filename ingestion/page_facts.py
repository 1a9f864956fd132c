"""What a page says about itself beside its text: title, canonical address, captions, links."""

from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin

from lxml.etree import LxmlError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from ingestion.errors import UrlError
from ingestion.furniture import PageLines
from ingestion.landings import is_home_page
from ingestion.paragraphs import clean_text
from ingestion.titles import TITLE_MAX_CHARS
from ingestion.urls import is_same_site, normalize_url

# A page with more links or captions than this is a list; the rest of them can't change what its article is.
_MAX_ELEMENTS = 2_000
_MAX_ELEMENT_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Facts of one page; `title` is "" and `canonical_url` None when the page names none."""

    title: str
    canonical_url: str | None
    lines: PageLines


def read_page_facts(html: str, url: str) -> PageFacts:
    """Read the facts of a decoded page that came from `url`."""
    page = _parse(html)
    if page is None:
        return PageFacts("", None, PageLines())
    shared = " ".join(_first(page, '//meta[@property="og:title"]/@content').split())
    titles = [
        title[:TITLE_MAX_CHARS] for title in (shared, *_texts(page, "//h1"), *_texts(page, "//head//title")) if title
    ]
    return PageFacts(
        title=titles[0] if titles else "",
        canonical_url=_canonical(_first(page, '//link[@rel="canonical"]/@href'), url),
        lines=PageLines(
            headlines=tuple(titles),
            captions=_texts(page, '//figcaption | //*[contains(@class, "caption")]'),
            links=_texts(page, "//li//a"),
        ),
    )


def _canonical(href: str, url: str) -> str | None:
    """Return the canonical address if it can be one: same site, and not the home page of an article."""
    if not href:
        return None
    try:
        canonical = urljoin(url, href.strip())
        key = normalize_url(canonical)
    except (UrlError, ValueError):
        return None
    if not is_same_site(canonical, url) or (is_home_page(key) and not is_home_page(url)):
        return None
    return canonical


def _parse(html: str) -> HtmlElement | None:
    # As bytes: the parser refuses a string in which an encoding is declared.
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError):
        return None


def _first(page: HtmlElement, path: str) -> str:
    values = page.xpath(path)
    return clean_text(str(values[0])).strip() if values else ""


def _texts(page: HtmlElement, path: str) -> tuple[str, ...]:
    """Return the texts of elements, white space collapsed, without the empty and the very long."""
    found = (" ".join("".join(element.itertext()).split()) for element in islice(page.xpath(path), _MAX_ELEMENTS))
    return tuple(clean_text(text) for text in found if 0 < len(text) <= _MAX_ELEMENT_CHARS)
