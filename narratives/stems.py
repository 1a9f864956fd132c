"""English word stems: the forms and derivations of one word come to one string. The seam for any other stemmer."""

from functools import lru_cache

# Checked in this order, so that a longer ending goes before the one it contains; with the least that must remain.
_INFLECTIONS = (("sses", "ss", 2), ("ies", "y", 2), ("ing", "", 3), ("ied", "y", 2), ("ed", "", 3), ("s", "", 3))
_DERIVATIONS = (
    ("ization", 4),
    ("isation", 4),
    ("ation", 5),
    ("ment", 4),
    ("ance", 4),
    ("ence", 5),
    ("ness", 4),
    ("able", 4),
    ("ible", 4),
    ("ory", 5),
    ("ate", 5),
    ("ion", 5),
    ("ure", 4),
    ("ity", 5),
    ("al", 4),
    ("at", 5),
    ("or", 5),
    ("ly", 4),
    ("e", 3),
)
# "approval" loses "-al"; "regulatory" loses "-ory", then "-at".
_MOST_DERIVATIONS = 3
_KEEP_S = ("ss", "us", "is")
_VOWELS = frozenset("aeiouy")


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem of a word in small letters; it need not be a word itself."""
    base = _uninflected(word)
    for _ in range(_MOST_DERIVATIONS):
        shorter = _underived(base)
        if shorter == base:
            break
        base = shorter
    return base[:-1] + "i" if base.endswith("y") and len(base) > 3 else base


def _uninflected(word: str) -> str:
    for ending, replacement, least in _INFLECTIONS:
        base = word.removesuffix(ending)
        if base == word or len(base) < least or (ending == "s" and word.endswith(_KEEP_S)):
            continue
        if ending in {"ing", "ed"}:
            return _undoubled(base) if _VOWELS.intersection(base) else word
        return base + replacement
    return word


def _undoubled(base: str) -> str:
    """ "cutting" is of "cut"; "selling" is of "sell"."""
    return base[:-1] if base[-1] == base[-2] and base[-1] not in "lsz" else base


def _underived(base: str) -> str:
    for ending, least in _DERIVATIONS:
        shorter = base.removesuffix(ending)
        if shorter != base and len(shorter) >= least:
            return shorter
    return base
