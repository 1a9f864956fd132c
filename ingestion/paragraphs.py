"""Paragraphs of a body: made of an extractor's lines, each said once, joined by blank lines."""

import re
from collections.abc import Iterable

# Shorter repeated ones are headings, refrains, or "Yes." in an interview: they stay (specification, stage 1).
REPEATED_MIN_CHARS = 50

_BULLET = re.compile(r"^(?:[•◦▪‣·*]|-(?=\s|$))\s*")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean_text(text: str) -> str:
    """Return text without what no database and no reader takes: control characters and lone surrogates."""
    return _NOT_TEXT.sub("", text)


def split_lines(text: str) -> list[str]:
    """Return the paragraphs of an extractor's text, in which a line is one; list items begin with "- "."""
    lines = (" ".join(_INVISIBLE.sub("", line).split()) for line in clean_text(text).splitlines())
    # A row of a table stands between bars.
    bare = (line.strip("| ") if line.startswith("|") else line for line in lines)
    return [_BULLET.sub("- ", line) for line in bare if _BULLET.sub("", line)]


def drop_repeated_paragraphs(paragraphs: Iterable[str]) -> list[str]:
    """Keep the first appearance of each paragraph over 50 characters, compared without case and white space.

    Args:
        paragraphs: in order.

    Returns:
        Those that stay, unchanged; paragraphs of 50 characters or fewer always do.
    """
    seen: set[str] = set()
    kept: list[str] = []
    for paragraph in paragraphs:
        key = paragraph_key(paragraph)
        if len(key) > REPEATED_MIN_CHARS:
            if key in seen:
                continue
            seen.add(key)
        kept.append(paragraph)
    return kept


def join_paragraphs(paragraphs: Iterable[str]) -> str:
    """Return the body's text: a blank line between paragraphs, none at its ends."""
    return "\n\n".join(paragraphs)


def paragraph_key(paragraph: str) -> str:
    """Return what two paragraphs must share to be one: case-folded text with white space collapsed."""
    return " ".join(paragraph.casefold().split())
