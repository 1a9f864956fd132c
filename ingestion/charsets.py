"""From bytes to text as the web does it: which character set a document is in, whatever it says of itself."""

import codecs
import re
from collections.abc import Iterable

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

# The longest registered name has 45 characters, and those in use have at most 20.
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,45})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"^\s*<\?xml\b[^<>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,45})", re.IGNORECASE)

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def header_charset(content_type: str) -> str:
    """Return the name as the header has it, "" when it has none; no promise that such a character set exists."""
    found = _CHARSET.search(content_type)
    return found[1] if found else ""


def xml_charset(body: bytes) -> str:
    """Return the name as the XML declaration has it, "" when it has none or there is no declaration."""
    found = _XML_ENCODING.match(body[:1_000])
    return found[1].decode("ascii", "ignore") if found else ""


def decode(body: bytes, declared: Iterable[str]) -> str:
    """Return a document's text.

    Args:
        body: the document, decompressed.
        declared: names of character sets that header and document give, the most trusted first; "" and nonsense too.

    Returns:
        Decoded by its byte order mark; as UTF-16 if every other byte tends to be zero; as UTF-8 if it is valid UTF-8,
        whatever is declared; else by the first declared name that can be true, or by detection. What can't be
        decoded becomes U+FFFD; zero bytes are dropped, and so are lone surrogates.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace").replace("\x00", "")
    wide = _zeros(body)
    if wide:
        return body.decode(wide, "replace").replace("\x00", "")
    plain = body.replace(b"\x00", b"")
    try:
        return plain.decode("utf-8")
    except UnicodeDecodeError:
        pass
    codec = _first_true(plain, declared)
    # Zero bytes are half of UTF-16's characters; elsewhere they are noise.
    return (body if codec.startswith("utf-16") else plain).decode(codec, "replace").replace("\x00", "")


def _zeros(body: bytes) -> str:
    """Tell UTF-16 by its zeros: they fill half of the even or of the odd places at least. "" for anything else."""
    if b"\x00" not in body:
        return ""
    at_even, at_odd = body[0::2].count(0), body[1::2].count(0)
    if 4 * max(at_even, at_odd) < len(body):
        return ""
    return "utf-16-le" if at_odd >= at_even else "utf-16-be"


def _first_true(body: bytes, declared: Iterable[str]) -> str:
    """Return the codec of bytes that are not valid UTF-8 throughout."""
    for codec in filter(None, map(_codec, declared)):
        if codec != "utf-8" or _is_mostly_utf8(body):
            return codec
    detected = _codec(detect_encoding(body) or "")
    # Detection judges from a part of the document, which may be plain ASCII.
    return detected if detected and (detected != "utf-8" or _is_mostly_utf8(body)) else "cp1252"


def _is_mostly_utf8(body: bytes) -> bool:
    """Tell a UTF-8 document with a few broken bytes from one that is in another character set."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return 2 * broken <= len(text) - len(text.encode("ascii", "ignore"))


def _codec(name: str) -> str:
    """Map a label to a codec as the web's standard does: "latin-1" is Windows-1252; what it does not know is "".

    Python has many codecs that are no character sets.
    """
    try:
        known = map_encoding_to_html5(name, fallback_utf8=False) or map_encoding_to_html5(
            codecs.lookup(name).name, fallback_utf8=False
        )
        return codecs.lookup(known).name if known else ""
    except (LookupError, ValueError):
        return ""
