"""What a page says about itself beside its text: title, canonical address, captions, links."""

from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin, urlsplit

from resiliparse.parse.html import DOMNode, HTMLTree

from ingestion.errors import UrlError
from ingestion.furniture import PageLines
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


def read_page_facts(tree: HTMLTree, url: str) -> PageFacts:
    """Read the facts from a parsed page that came from `url`."""
    shared = _attribute(tree, 'meta[property="og:title"]', "content")
    headings = _texts(tree, "h1")
    titles = [shared, *headings, clean_text(tree.title or "").strip()]
    named = [" ".join(title.split())[:TITLE_MAX_CHARS] for title in titles if title]
    return PageFacts(
        title=named[0] if named else "",
        canonical_url=_canonical(_attribute(tree, 'link[rel="canonical"]', "href"), url),
        lines=PageLines(
            headlines=tuple(named),
            captions=_texts(tree, 'figcaption, [class*="caption"]'),
            links=_texts(tree, "li a"),
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


def is_home_page(url: str) -> bool:
    """Tell whether an address is a site's front: no path, no query."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def _attribute(tree: HTMLTree, selector: str, name: str) -> str:
    node = tree.document.query_selector(selector) if tree.document is not None else None
    return clean_text(node.getattr(name) or "").strip() if node is not None else ""


def _texts(tree: HTMLTree, selector: str) -> tuple[str, ...]:
    nodes = tree.document.query_selector_all(selector) if tree.document is not None else ()
    return tuple(text for text in map(_text, islice(nodes, _MAX_ELEMENTS)) if text)


def _text(node: DOMNode) -> str:
    text = node.text or ""
    return " ".join(clean_text(text).split()) if len(text) <= _MAX_ELEMENT_CHARS else ""
