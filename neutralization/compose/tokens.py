"""A sentence as words, marks and quotations, each with what it needs to be written again after a deletion."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

_TOKEN = re.compile(
    r"[$£€¥#@]?\w+(?:['’\-‐‑./&]\w+|[,:]\d\w*)*[%°]?"  # a word, with the marks that stand inside it
    r"|--+|\.\.+|\S"
)
# Abbreviations whose full stop is theirs even when they end the text.
_KEEPS_STOP = re.compile(r"(?:\w\.)+\w|Jr|Sr|Inc|Corp|Ltd|Co|etc|St|Bros", re.IGNORECASE)
DASHES = frozenset({"—", "–", "-", "--", "---"})


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    MARK = "mark"
    QUOTE = "quote"  # a whole quotation, never looked into
    ASIDE = "aside"  # what stands in brackets, with them


@dataclass(frozen=True, slots=True, eq=False)  # a token equals itself alone, which makes look-ups of sentences cheap
class Token:
    """One token: its text, its place in the sentence, and whether white space stands before it.

    `low` is the text for look-ups: lower case, straight apostrophe, no full stop at its end. `is_word` and
    `is_capital` tell a word, outside quotations and brackets, and one written with a capital.
    """

    text: str
    index: int
    kind: Kind
    spaced: bool
    low: str = field(init=False)
    is_word: bool = field(init=False)
    is_capital: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", self.text.lower().replace("’", "'").rstrip("."))
        object.__setattr__(self, "is_word", self.kind is Kind.WORD)
        object.__setattr__(self, "is_capital", self.kind is Kind.WORD and self.text[:1].isupper())

    def is_mark(self, marks: str) -> bool:
        """Whether this is one of the one-character `marks`."""
        return self.kind is Kind.MARK and self.text in marks

    @property
    def is_dash(self) -> bool:
        """Whether this is a dash between words."""
        return self.kind is Kind.MARK and self.text in DASHES


Tokens = tuple[Token, ...]


def tokenize(sentence: str, quotes: Sequence[tuple[int, int]]) -> tuple[Token, ...]:
    """Cut a sentence into tokens; its final full stop is left out.

    Args:
        sentence: One whole sentence.
        quotes: Ranges of its quotations, sorted and disjoint.
    """
    pieces: list[tuple[int, int, Kind]] = []
    position = 0
    for start, end in [*quotes, (len(sentence), len(sentence))]:
        pieces += _plain(sentence, position, start)
        if start < end:
            pieces.append((start, end, Kind.QUOTE))
        position = end
    pieces = _join_stops(sentence, _fold_asides(sentence, pieces))
    return tuple(
        Token(sentence[start:end], index, kind, start > 0 and sentence[start - 1].isspace())
        for index, (start, end, kind) in enumerate(pieces)
    )


def _plain(sentence: str, start: int, end: int) -> list[tuple[int, int, Kind]]:
    return [
        (found.start(), found.end(), Kind.WORD if re.search(r"\w", found[0]) else Kind.MARK)
        for found in _TOKEN.finditer(sentence, start, end)
    ]


def _fold_asides(sentence: str, pieces: list[tuple[int, int, Kind]]) -> list[tuple[int, int, Kind]]:
    """Make one token of each outermost pair of brackets and what stands between them."""
    folded: list[tuple[int, int, Kind]] = []
    opened: list[int] = []
    for piece in pieces:
        mark = sentence[piece[0] : piece[1]]
        folded.append(piece)
        if mark in "([":
            opened.append(len(folded) - 1)
        elif mark in ")]" and opened:
            start = opened.pop()
            folded[start:] = [(folded[start][0], piece[1], Kind.ASIDE)]
    return folded


def _join_stops(sentence: str, pieces: list[tuple[int, int, Kind]]) -> list[tuple[int, int, Kind]]:
    """Give each full stop within the sentence to the abbreviation before it, and drop the final one."""
    joined: list[tuple[int, int, Kind]] = []
    for number, (start, end, kind) in enumerate(pieces):
        if sentence[start:end] == "." and joined and joined[-1][1] == start:
            is_final = number == len(pieces) - 1
            before, _, before_kind = joined[-1]
            if before_kind is Kind.WORD and (not is_final or _KEEPS_STOP.fullmatch(sentence[before:start])):
                joined[-1] = (before, end, before_kind)
            if is_final or before_kind is Kind.WORD:
                continue
        joined.append((start, end, kind))
    return joined


def render(tokens: Sequence[Token], *, final: str = "") -> str:
    """Write tokens as a text that begins with a capital and ends with `final`.

    A quotation at the end that has its own full stop gets no second one, and loses it when `final` is empty.
    """
    parts = [tokens[0].text] if tokens else []
    for before, token in pairwise(tokens):
        is_seam = before.index + 1 != token.index and token.kind is not Kind.MARK
        parts.append((" " if token.spaced or is_seam else "") + token.text)
    text = " ".join("".join(parts).split())
    head = tokens[0].text if tokens else ""
    if head.islower():  # "iPhone" stays as it is
        text = text[:1].upper() + text[1:]
    if not final:
        return re.sub(r"\.([”’\"'])$", r"\1", text)
    if text.rstrip("”’\"'»)]").endswith((".", "!", "?")):
        return text
    return text + final
