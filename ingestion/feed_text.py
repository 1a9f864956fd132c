"""A feed's text before any parser sees it: decoded, checked for what would cost too much, its XML repaired."""

import re
from dataclasses import dataclass
from html.entities import html5
from xml.parsers import expat
from xml.parsers.expat import errors
from xml.sax.saxutils import escape

from ingestion.charsets import decode, header_charset, xml_charset
from ingestion.errors import FeedError
from ingestion.page_limits import MAX_ATTRIBUTES, has_many_attributes

_DECLARATION = re.compile(r"\s*<\?xml\b[^<>]*\?>", re.IGNORECASE)
# Entities of a document's own: what they stand for can be a hundred times the document.
_ENTITY = re.compile(r"<!ENTITY\s")
# Entities made of entities grow with every level; no feed has a use for them.
_NESTED_ENTITY = re.compile(r"<!ENTITY\s[^<>]*&[^#<>]")

# What XML does not allow: an "&" or "<" that begins nothing, entities that only HTML knows, controls. Only outside of
# CDATA sections, but for the controls.
_LOOSE = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:#([0-9]{1,7}|[xX][0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{0,31};))?"
    r"|<(?![^\W\d]|[:/!?])"
)
# A feed written without escapes has a few hundred; a million would take 300 MB to mend.
MAX_REPAIRS = 50_000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ROOT_END = re.compile(r"</(?:\w{1,20}:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_ENTRY_EDGE = re.compile(r"<(/?)(?:\w{1,20}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_CDATA, _CDATA_END = "<![CDATA[", "]]>"

_CUT_OFF = frozenset(
    errors.codes[message]
    for message in (
        errors.XML_ERROR_NO_ELEMENTS,
        errors.XML_ERROR_UNCLOSED_TOKEN,
        errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        errors.XML_ERROR_PARTIAL_CHAR,
    )
)


@dataclass(frozen=True, slots=True)
class FeedText:
    """A feed's text as parsers shall read it, without an XML declaration.

    Attributes:
        text: repaired, where it was broken and could be; without the entry in which it ends early.
        fault: what is wrong with the XML that came, in a sentence for an editor; "" for nothing.
        is_whole: whether the text is well-formed XML now, so that no reading of it can lose entries. JSON is, too.
        has_entities: whether it declares entities of its own. Then nothing was repaired.
    """

    text: str
    fault: str = ""
    is_whole: bool = True
    has_entities: bool = False


def read_text(body: bytes, content_type: str) -> FeedText:
    """Decode and repair.

    Args:
        body: the document, decompressed.
        content_type: its header; "" when unknown.

    Raises:
        FeedError: `feed_too_complex`, before a parser could find out how complex.
    """
    # Feeds know their character set better than the servers they lie on.
    text = decode(body, (xml_charset(body), header_charset(content_type)))
    _check_cost(text)
    declaration = _DECLARATION.match(text)
    bare = text[declaration.end() :] if declaration else text
    if bare.lstrip().startswith("{"):
        return FeedText(bare)
    if _ENTITY.search(bare):
        fault = "feed declares entities of its own, and texts end where they are used"
        return FeedText(bare, fault, is_whole=False, has_entities=True)
    fault = _fault(text)
    if not fault:
        return FeedText(bare)
    repaired = _repair(bare)
    if _fault(repaired):
        return FeedText(_without_broken_end(repaired), fault, is_whole=False)
    return FeedText(repaired, fault)


def _check_cost(text: str) -> None:
    if has_many_attributes(text):
        raise FeedError("feed_too_complex", f"a tag with more than {MAX_ATTRIBUTES:,} attributes")
    if _NESTED_ENTITY.search(text):
        raise FeedError("feed_too_complex", "it declares entities that are made of entities")


def _fault(text: str) -> str:
    """Say why a text is not well-formed XML, "" if it is. No entity is declared in it, so none is expanded."""
    undefined: list[str] = []
    parser = expat.ParserCreate("utf-8")
    parser.SkippedEntityHandler = lambda name, _: undefined.append(name)
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        return f"feed is {'cut off' if error.code in _CUT_OFF else 'malformed'}: {error}"
    return f"feed is malformed: undefined entity: {undefined[0]}" if undefined else ""


def _repair(text: str) -> str:
    """Make of a text what XML allows, as far as single characters go, up to `MAX_REPAIRS` of them."""
    pieces: list[str] = []
    at, left = 0, MAX_REPAIRS
    while at < len(text) and left > 0:
        start = text.find(_CDATA, at)
        end = text.find(_CDATA_END, start) if start >= 0 else -1
        if end < 0:
            start = end = len(text)
        mended, count = _LOOSE.subn(_allowed, text[at:start], left)
        pieces += (mended, text[start:end])
        at, left = end, left - count
    return _CONTROL.sub(" ", "".join(pieces) + text[at:]).strip()


def _without_broken_end(text: str) -> str:
    """Drop the entry in which a text ends early: half an address would be another story's."""
    if _ROOT_END.search(text):
        return text
    edges = list(_ENTRY_EDGE.finditer(text))
    return text[: edges[-1].start()] if edges and not edges[-1][1] else text


def _allowed(found: re.Match[str]) -> str:
    number, name = found.groups()
    if number:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        return found[0] if _is_character(code) else " "
    return escape(html5.get(name, found[0]) if name else found[0])


def _is_character(code: int) -> bool:
    if code < 0x20:
        return code in (0x9, 0xA, 0xD)
    return code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
