"""What else to try: sections, publishers and topics of the hour that go by what was typed. Pure."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import islice

from search.language import without_marks

# Of each kind.
MAX_SUGGESTIONS = 3
# One letter goes for half of everything.
MIN_CHARS = 2


class Kind(StrEnum):
    """What a suggestion's value is: a `category`, a `source`, or a `q` that has lately been in headlines."""

    SECTION = "section"
    PUBLISHER = "publisher"
    RECENT = "recent"


def like(typed: str, labels: Iterable[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """Choose from (value, label) pairs those whose label has words that begin with what was typed."""
    folded = fold(typed)
    if len(folded) < MIN_CHARS:
        return []
    fitting = (pair for pair in labels if f" {folded}" in f" {fold(pair[1])}")
    return list(islice(fitting, MAX_SUGGESTIONS))


def fold(text: str) -> str:
    """Small letters without accents and marks, one space between words."""
    plain = without_marks(text).casefold().replace(".", "")
    return " ".join("".join(char if char.isalnum() else " " for char in plain).split())
