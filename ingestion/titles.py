"""Titles as keys: the same headline gets the same hash, however its feed spells it."""

import hashlib
import html
import re
import unicodedata

# Longer ones are no headlines; the rest is not looked at.
TITLE_MAX_CHARS = 1_000

# A tag opens with a letter or a slash, so that "I <3 you" and "3 < 4" stay; "<" ends a tag never closed: linear time.
_TAG = re.compile(r"<[/!]?[A-Za-z-][^<>]*>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Lone surrogates, which nothing stores, and the controls of direction (Unicode's Bidi_Control), which turn around
# what stands beside them on a page that is not the feed's.
_UNPRINTABLE = re.compile(r"[\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SEPARATOR = re.compile(r"\s[-–—|·•»:]\s|:\s")
_APOSTROPHES = re.compile(r"['’‘ʼ`´]")
_ABBREVIATION_STOP = re.compile(r"(?<=\b\w)\.(?=\w|\s|$)")


def plain_line(text: str) -> str:
    """Return text from a feed as one line: no tags, entities resolved, no characters that control or are none."""
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    return " ".join(_CONTROL.sub(" ", drop_unprintable(text)).split())


def drop_unprintable(text: str) -> str:
    """Return the text without lone surrogates and controls of direction."""
    return _UNPRINTABLE.sub("", text)


def normalize_title(title: str, publisher: str = "") -> str:
    """Return the words of a title, comparable between feeds.

    Args:
        title: as the feed gives it, with or without tags and entities.
        publisher: a name to drop where it stands alone at an end: "Talks resume | BBC News", "Reuters: Talks resume".

    Returns:
        NFKC, case-folded, without punctuation, words separated by one space; "" when no word is left.
    """
    words = _words(plain_line(title[:TITLE_MAX_CHARS]))
    name = _words(plain_line(publisher))
    if not name:
        return words
    parts = _SEPARATOR.split(plain_line(title[:TITLE_MAX_CHARS]))
    kept = [part for part in map(_words, parts) if part]
    while len(kept) > 1 and _is_name(kept[-1], name):
        kept.pop()
    while len(kept) > 1 and _is_name(kept[0], name):
        kept.pop(0)
    return " ".join(kept)


def title_hash(title: str, publisher: str = "") -> str:
    """Return the SHA-256, in hex, of the normalized title; "" for a title without words, which equals no other."""
    normalized = normalize_title(title, publisher)
    return hashlib.sha256(normalized.encode("utf-8")).hexdigest() if normalized else ""


def _words(text: str) -> str:
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = _ABBREVIATION_STOP.sub("", _APOSTROPHES.sub("", text))
    return " ".join("".join(_word_char(char) for char in text).split())


def _word_char(char: str) -> str:
    """Format characters (soft hyphens, zero-width spaces) vanish; punctuation parts words."""
    category = unicodedata.category(char)
    if category in ("Cf", "Cs"):
        return ""
    return " " if category.startswith("P") else char


def _is_name(words: str, name: str) -> bool:
    return words.removeprefix("the ") == name.removeprefix("the ")
