"""Body and detail_full beside each other, paragraph by paragraph, with phrases and changes marked. Pure."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from neutralization.differences import Difference
from neutralization.types import Span
from ntrl.text.sentences import paragraphs


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text at `start` (code points of its own text).

    `numbers` are those of the phrases it belongs to, from 1; `is_change` says that the other text has other words here,
    and an empty text that it has some where this has none.
    """

    text: str
    start: int
    numbers: tuple[int, ...] = ()
    is_change: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The same paragraphs in both texts; one row has several where a change runs over the space between them."""

    body: tuple[Piece, ...]
    full: tuple[Piece, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing is marked in either text."""
        return not any(piece.is_change for piece in (*self.body, *self.full))


def side_by_side(body: str, full: str, *, spans: Sequence[Span], changes: Sequence[Difference]) -> list[Row]:
    """Set the texts beside each other: a side's pieces, joined, are that text, but for the space where rows end.

    Args:
        body: The article.
        full: Its neutral text: what the changes make of the body.
        spans: The accepted phrases, sorted and disjoint; marked in the body.
        changes: The differences, sorted and disjoint; marked in the neutral text.
    """
    cuts = _cuts(body, changes)
    ends = [*cuts[1:], len(body)]
    rows, done, shift = [], 0, 0
    for start, end in zip(cuts, ends, strict=True):
        # A change that begins where a row ends belongs to the next one, but for the last row.
        upto = len(changes) if end == len(body) else _first_from(changes, end)
        here = changes[done:upto]
        full_start = start + shift
        shift += sum(len(change.new) - len(change.old) for change in here)
        left, right = _of_body(body, start, end, spans), _of_full(full, full_start, end + shift, here)
        rows.append(Row(_without_end_space(left), _without_end_space(right)))
        done = upto
    return rows


def plain_row(full: str) -> Row:
    """The neutral text alone."""
    return Row((), (Piece(full, 0),))


def _without_end_space(pieces: Iterator[Piece]) -> tuple[Piece, ...]:
    *others, last = [*pieces] or [Piece("", 0)]
    return (*others, replace(last, text=last.text.rstrip()))


def _first_from(changes: Sequence[Difference], at: int) -> int:
    return bisect_left(changes, at, key=lambda change: change.start)


def _cuts(body: str, changes: Sequence[Difference]) -> list[int]:
    """Where rows begin: at paragraphs, but for those that a change leads into."""
    cuts = [0]
    for start, _ in paragraphs(body)[1:]:
        before = _first_from(changes, start) - 1
        if before < 0 or changes[before].end <= start:
            cuts.append(start)
    return cuts


def _of_body(body: str, start: int, end: int, spans: Sequence[Span]) -> Iterator[Piece]:
    at = start
    index = bisect_left(spans, start, key=lambda span: span.end)
    while index < len(spans) and spans[index].start < end:
        left, right = max(spans[index].start, start), min(spans[index].end, end)
        if left > at:
            yield Piece(body[at:left], at)
        if right > left:
            yield Piece(body[left:right], left, (index + 1,), is_change=True)
        at, index = max(at, right), index + 1
    if at < end:
        yield Piece(body[at:end], at)


def _of_full(full: str, start: int, end: int, changes: Sequence[Difference]) -> Iterator[Piece]:
    at = start
    for change in changes:
        if change.full_start > at:
            yield Piece(full[at : change.full_start], at)
        numbers = tuple(index + 1 for index in change.spans)
        yield Piece(change.new, change.full_start, numbers, is_change=True)
        at = change.full_end
    if at < end:
        yield Piece(full[at:end], at)
