"""Repair mojibake: UTF-8 that somebody read as another character set and wrote down so ("donâ€™t")."""

import re
from collections.abc import Iterator

from ftfy import TextFixerConfig, fix_encoding

# Longer runs between two tags are data for scripts, not sentences; they bound what a hostile page can cost.
RUN_MAX_CHARS = 20_000

# A page with more broken runs than any article has is not worth the time.
MAX_RUNS = 5_000

# Encodings only. A run is repaired as a whole or not at all, so that a sentence about mojibake keeps its example.
_ENCODINGS_ONLY = TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    replace_lossy_sequences=False,
    decode_inconsistent_utf8=False,
)

# What UTF-8's bytes 0x80 to 0xBF look like when they are read as Latin-1 or Windows-1252.
_TRAIL = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_BROKEN = re.compile(f"[\xc2-\xf4][{_TRAIL}]|[\x80-\x9f]")

# The same, found in UTF-8 by its first byte: a tenth of the time of looking at every character.
_MAYBE_BROKEN = (re.compile(rb"\xc3[\x82-\xb4][\xc2\xc5\xc6\xcb\xe2]"), re.compile(rb"\xc2[\x80-\x9f]"))

_RUN_END = re.compile(r"[<>\n]")


def repair_mojibake(text: str) -> str:
    """Return text, or a page, with broken encodings repaired.

    Args:
        text: anything; markup stays as it is.

    Returns:
        The same text, unless a run of it (between tags and line ends) is mojibake from beginning to end. Quotes,
        ligatures, widths and entities are never touched.
    """
    if not _may_be_broken(text):
        return text
    return "".join(_pieces(text))


def _may_be_broken(text: str) -> bool:
    if text.isascii():
        return False
    encoded = text.encode("utf-8", "surrogatepass")
    return any(pattern.search(encoded) for pattern in _MAYBE_BROKEN)


def _pieces(text: str) -> Iterator[str]:
    """Yield the text in pieces, the broken runs repaired."""
    at = 0
    for _ in range(MAX_RUNS):
        found = _BROKEN.search(text, at)
        if found is None:
            break
        start = max(at, *(text.rfind(mark, at, found.start()) + 1 for mark in "<>\n"))
        over = _RUN_END.search(text, found.end())
        end = over.start() if over else len(text)
        run = text[start:end]
        yield text[at:start]
        yield fix_encoding(run, _ENCODINGS_ONLY) if len(run) <= RUN_MAX_CHARS else run
        at = end
    yield text[at:]
