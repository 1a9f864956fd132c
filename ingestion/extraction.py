"""Find the article in a page: three extractors, a choice between what they found, and a filter for furniture."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

import readability
import trafilatura
from resiliparse.extract.html2text import extract_plain_text

from ingestion.charsets import decode, header_charset, xml_charset
from ingestion.consent import is_consent_page
from ingestion.errors import ExtractionError
from ingestion.furniture import drop_furniture, trim_labels
from ingestion.landings import is_consent_request, is_gate, is_home_page
from ingestion.mojibake import repair_mojibake
from ingestion.page_facts import read_page_facts
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

# What redirects lead to in place of an article, and the code for it.
_LANDINGS = ((is_home_page, "home_page"), (is_consent_request, "consent_page"), (is_gate, "no_article"))

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
        Decoded as `charsets.decode` does, which trusts the header most, then the document's own word; mojibake is
        repaired.
    """
    in_document = _META_CHARSET.search(body, 0, _CHARSET_BYTES)
    named = in_document[1].decode("ascii", "ignore") if in_document else ""
    return repair_mojibake(decode(body, (header_charset(content_type), named, xml_charset(body))))


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
        ExtractionError: `home_page`, `consent_page`, or `no_article` for a page to log in, to subscribe or to regret.
    """
    for is_astray, code in _LANDINGS:
        if is_astray(landed) and not is_astray(asked):
            raise ExtractionError(code, f"redirected to {landed}")


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
