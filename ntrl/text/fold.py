"""Fold text for searching without moving a single offset: one code point in, one code point out."""

import unicodedata

_APOSTROPHES = "‘’‚‛′`´ʼ＇"
_QUOTATION_MARKS = "“”„‟″«»＂"
_STRAIGHT = {ord(mark): ord("'") for mark in _APOSTROPHES} | {ord(mark): ord('"') for mark in _QUOTATION_MARKS}
_MINUS = ord("−")


class _FoldTable(dict[int, int]):
    """A translation table that works out each code point once. It can't outgrow Unicode."""

    def __missing__(self, code: int) -> int:
        folded = self[code] = _fold_code(code)
        return folded


def _fold_code(code: int) -> int:
    char = chr(code)
    if char.isspace():
        return ord(" ")
    if code == _MINUS or unicodedata.category(char) == "Pd":
        return ord("-")
    # "ß" folds to two code points and "İ" lowers to two: such a letter stays as it is.
    return next((ord(form) for form in (char.casefold(), char.lower()) if len(form) == 1), code)


_TABLE = _FoldTable(_STRAIGHT)


def fold(text: str) -> str:
    """Return `text` with case, quotation marks, dashes and white space made equal.

    Args:
        text: Any text, from any source.

    Returns:
        A string of exactly the same length, so that an offset found in it is an offset of `text`.
        Folding twice changes nothing more.
    """
    return text.translate(_TABLE)
