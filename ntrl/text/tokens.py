"""Words of a text with their ranges: letters, digits and what joins them inside a word."""

import re
from typing import NamedTuple

# Combining marks, the soft hyphen and zero-width joiners are part of the word they stand in.
WORD_CHARS = r"\w\u0300-\u036f\u00ad\u200b-\u200d\u2060"
_WORD = re.compile(rf"[{WORD_CHARS}]+(?:['’ʼ\-‐‑][{WORD_CHARS}]+)*")


class Word(NamedTuple):
    """One word: `body[start:end] == text`."""

    start: int
    end: int
    text: str


def words(text: str) -> list[Word]:
    """Return the words of `text` in order.

    Inner apostrophes and hyphens belong to the word ("don't", "well-known"); dashes do not ("then—nothing").
    """
    return [Word(found.start(), found.end(), found.group()) for found in _WORD.finditer(text)]
