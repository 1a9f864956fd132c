"""Find the article in a page: three extractors, a choice between what they found, and a filter for furniture."""

import codecs
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import readability
import trafilatura
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

from ingestion.charsets import header_charset
from ingestion.consent import is_consent_page
from ingestion.errors import ExtractionError
from ingestion.furniture import drop_furniture, trim_labels
from ingestion.mojibake import repair_mojibake
from ingestion.page_facts import is_home_page, read_page_facts
from ingestion.page_limits import check_page
from ingestion.paragraphs import clean_text, drop_repeated_paragraphs, join_paragraphs, split_lines
from ingestion.truncation import truncation_reason, without_notices

# Extractors need up to 12 s for a hostile megabyte; the text of an article stands in the first two.
HTML_MAX_CHARS = 2_500_000

# A body has 20 to 100 paragraphs; a million lines of one word would cost more to read than to find.
MAX_LINES = 20_000

# Rows of real tables are shorter; a row of layout holds an article.
LAYOUT_ROW_MIN_CHARS = 500

# The name of the precise extractor, in stories' records and in the choice.
PRECISE = "trafilatura"

# A text with fewer letters is a caption or a button.
ARTICLE_MIN_LETTERS = 40

# Where a document may name its character set (the HTML standard says 1,024 bytes; publishers are late).
_CHARSET_BYTES = 4_096

_META_CHARSET = re.compile(rb"<meta\b[^<>]{0,300}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"^\s*<\?xml\b[^<>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

# Host labels and first path segments of pages that ask for consent before they show an article.
_CONSENT_NAMES = frozenset(
    {"consent", "cookie-consent", "cookieconsent", "cookiewall", "cookie-wall", "gdpr", "privacy-gate", "privacygate"}
)

# It writes a traceback for every page without text; that a page has none is our result, not a fault.
logging.getLogger("readability.readability").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Extraction:
    """An article's text, its paragraphs separated by a blank line, and what is known about it.

    `extractor` names who found it; `truncation_reason` is `too_short`, `paywall_notice`, `ends_midway` or "".
    `canonical_url` is the page's own, absolute, when it points to the same site.
    """

    text: str
    title: str
    canonical_url: str | None
    extractor: str
    truncation_reason: str

    @property
    def is_truncated(self) -> bool:
        """Whether the text is only the beginning of its article."""
        return bool(self.truncation_reason)


def decode_page(body: bytes, content_type: str) -> str:
    """Return a page's text.

    Args:
        body: the document, decompressed.
        content_type: its header; "" when unknown.

    Returns:
        Decoded by its byte order mark; as UTF-8 if it is valid UTF-8, whatever is declared; else by the header, the
        document's own word, or detection. What cannot be decoded becomes U+FFFD; mojibake is repaired.
    """
    return repair_mojibake(_decode(body, content_type))


def _decode(body: bytes, content_type: str) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    if not body.isascii() or b"\x00" in body:
        try:
            return body.decode("utf-8") if b"\x00" not in body else body.decode("utf-16")
        except UnicodeDecodeError:
            pass
    return body.decode(_declared(body, content_type) or detect_encoding(body) or "utf-8", "replace")


def extract(html: str, *, url: str) -> Extraction:
    """Find the article in a page.

    Args:
        html: the page, decoded; anything a stranger may send.
        url: where it came from, after redirects.

    Returns:
        The article. The same page gives the same text, in any thread.

    Raises:
        ExtractionError: `no_article`, when nothing is found that could be one; `consent_page`, when the page asks for
            consent in its place; `page_too_complex`, when looking for one would cost too much.
    """
    html = clean_text(html[:HTML_MAX_CHARS])
    check_page(html)
    facts = read_page_facts(html, url)
    extractor, found = _find(html)
    if found.count("\n") > MAX_LINES:
        raise ExtractionError("page_too_complex", f"more than {MAX_LINES:,} lines of text")
    lines = split_lines(found)
    if is_consent_page(lines):
        raise ExtractionError("consent_page", "the page asks for consent in place of the article")
    paragraphs, had_notice = without_notices(lines)
    paragraphs = drop_furniture(paragraphs, facts.lines)
    if extractor != PRECISE:
        paragraphs = trim_labels(paragraphs)
    text = join_paragraphs(drop_repeated_paragraphs(paragraphs))
    if sum(map(str.isalpha, text)) < ARTICLE_MIN_LETTERS:
        raise ExtractionError("no_article", "no text that could be an article")
    return Extraction(text, facts.title, facts.canonical_url, extractor, truncation_reason(text, had_notice=had_notice))


def check_landing(asked: str, landed: str) -> None:
    """Refuse a page that redirects brought us to in place of the article.

    Raises:
        ExtractionError: `home_page` or `consent_page`.
    """
    if is_home_page(landed) and not is_home_page(asked):
        raise ExtractionError("home_page", f"redirected to {landed}")
    if _asks_for_consent(landed) and not _asks_for_consent(asked):
        raise ExtractionError("consent_page", f"redirected to {landed}")


def _asks_for_consent(url: str) -> bool:
    parts = urlsplit(url)
    names = (parts.hostname or "").split(".") + parts.path.lower().split("/")[1:2]
    return not _CONSENT_NAMES.isdisjoint(names)


def _find(html: str) -> tuple[str, str]:
    """Run the extractors that the choice needs, and return the chosen one's name and text."""
    precise = _attempt(lambda: trafilatura.extract(html, fast=True, favor_precision=True, include_comments=False))
    if has_layout_table(precise):
        precise = ""
    generous = _attempt(lambda: extract_plain_text(html, main_content=True, comments=False))
    other = _attempt(lambda: _readable(html)) if is_doubtful(precise, generous) else ""
    return choose(precise=precise, generous=generous, other=other)


def has_layout_table(text: str) -> bool:
    """Tell whether the precise extractor took a page laid out by tables for a table: all its prose in one row."""
    return any(len(line) >= LAYOUT_ROW_MIN_CHARS for line in text.split("\n") if line.startswith("|"))


def is_doubtful(precise: str, generous: str) -> bool:
    """Tell whether the precise extractor has missed so much that a third opinion is worth its time."""
    return len(precise) < len(generous) / 2 or not precise


def choose(*, precise: str, generous: str, other: str) -> tuple[str, str]:
    """Choose between three extractors' texts of one page.

    Args:
        precise: trafilatura's, which leaves out rather than takes in.
        generous: Resiliparse's, which takes in furniture.
        other: readability's; "" when it was not asked.

    Returns:
        The name of the extractor and its text: the precise one's, unless it has less than half of the generous
        one's; then the longer of it and the other; the generous one's if both have missed nearly everything.
    """
    best = (PRECISE, precise)
    if is_doubtful(precise, generous) and len(other) > len(precise):
        best = ("readability", other)
    if len(best[1]) < len(generous) / 4:
        return "resiliparse", generous
    return best


def _attempt(run: Callable[[], str | None]) -> str:
    try:
        return run() or ""
    except Exception:  # noqa: BLE001 - hostile input: an extractor raises whatever its parser raises
        return ""


def _readable(html: str) -> str:
    summary = readability.Document(html).summary(html_partial=True)
    return str(extract_plain_text(summary, alt_texts=False))


def _declared(body: bytes, content_type: str) -> str:
    """Return the codec of the first declared character set that is one, by the names that the web uses."""
    head = body[:_CHARSET_BYTES]
    names = [header_charset(content_type)]
    names += [
        found[1].decode("ascii", "ignore") for found in (_META_CHARSET.search(head), _XML_ENCODING.match(head)) if found
    ]
    return next(filter(None, map(_codec, names)), "")


def _codec(name: str) -> str:
    """Map a label to a codec; only those that the web's standard knows, since Python has many that are none."""
    try:
        known = map_encoding_to_html5(name, fallback_utf8=False) or map_encoding_to_html5(
            codecs.lookup(name).name, fallback_utf8=False
        )
        return codecs.lookup(known).name if known else ""
    except (LookupError, ValueError):
        return ""
