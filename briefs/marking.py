"""Where marks stand in a text: ranges to highlight become paragraphs of plain and marked pieces for a template."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from neutralization.types import Edit
from ntrl.text.sentences import paragraphs


@dataclass(frozen=True, slots=True)
class Mark:
    """A place to highlight: `words` stand at `start` (code points), or were taken out there when empty.

    `number` names the change the mark belongs to, from 1; one change may have several marks.
    """

    start: int
    words: str
    number: int

    @property
    def end(self) -> int:
        """Where the words end."""
        return self.start + len(self.words)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. `number` is its change's, None for plain text; `opens` on the change's first piece alone."""

    text: str
    number: int | None = None
    opens: bool = False


Paragraph = tuple[Piece, ...]


def edit_marks(text: str, edits: Iterable[Edit]) -> list[Mark]:
    """Return where each edit's replacement stands in `text`, which the edits made, without white space at its ends.

    A replacement that ends within a word ("F" of "Families", after a word before it went) is marked to the word's end.
    `edits` are in the order of the text and do not overlap. The first change, `span_index` 0, has number 1.
    """
    marks = []
    shift = 0
    for edit in edits:
        words = edit.replacement.strip()
        lead = len(edit.replacement) - len(edit.replacement.lstrip())
        marks.append(Mark(edit.start + shift + lead, words, edit.span_index + 1))
        shift += len(edit.replacement) - (edit.end - edit.start)
    limits = [min(limit, len(text)) for limit in [*(mark.start for mark in marks), len(text)][1:]]
    return [_to_word_end(text, mark, limit) for mark, limit in zip(marks, limits, strict=True)]


def marked_paragraphs(text: str, marks: Sequence[Mark] = ()) -> list[Paragraph]:
    """Cut `text` into paragraphs, and each into pieces.

    Marks that overlap, or whose words do not stand in their places, belong to another text: then none is shown. A mark
    that runs over a paragraph's end has a piece in both. A removal between paragraphs stands before the second.
    """
    ranges = paragraphs(text)
    held = _share_out(ranges, marks if _fit(text, marks) else ())
    seen: set[int] = set()
    return [
        tuple(_pieces(text, start, end, marks_here, seen))
        for (start, end), marks_here in zip(ranges, held, strict=True)
    ]


def numbers_shown(marked: Iterable[Paragraph]) -> frozenset[int]:
    """The changes that have a place in the paragraphs."""
    return frozenset(piece.number for paragraph in marked for piece in paragraph if piece.number is not None)


def _to_word_end(text: str, mark: Mark, limit: int) -> Mark:
    """Stretch a mark that ends within a word, at most to `limit`."""
    end = mark.end
    if mark.words[-1:].isalnum():
        while end < limit and text[end].isalnum():
            end += 1
    return Mark(mark.start, mark.words + text[mark.end : end], mark.number)


def _fit(text: str, marks: Iterable[Mark]) -> bool:
    """Whether every mark holds its words within `text`, and none overlaps the one before it."""
    last = 0
    for mark in marks:
        if not last <= mark.start <= mark.end <= len(text) or not text.startswith(mark.words, mark.start):
            return False
        last = mark.end
    return True


def _share_out(ranges: Sequence[tuple[int, int]], marks: Sequence[Mark]) -> list[list[Mark]]:
    """Give each paragraph the marks that touch it, in order."""
    ends = [end for _, end in ranges]
    held: list[list[Mark]] = [[] for _ in ranges]
    for mark in marks if ranges else ():
        # An empty mark belongs to the paragraph it ends; words that begin at a paragraph's end are not in it.
        index = bisect_left(ends, mark.start + 1 if mark.words else mark.start)
        if not mark.words:
            held[min(index, len(ranges) - 1)].append(mark)
        while mark.words and index < len(ranges) and ranges[index][0] < mark.end:
            held[index].append(mark)
            index += 1
    return held


def _pieces(text: str, start: int, end: int, marks: Iterable[Mark], seen: set[int]) -> Iterator[Piece]:
    """Cut one paragraph; `seen` collects the changes that already have a piece."""
    for mark in marks:
        left, right = min(max(mark.start, start), end), min(max(mark.end, start), end)
        opens = mark.number not in seen
        if left > start:
            yield Piece(text[start:left])
        if right > left or opens:
            yield Piece(text[left:right], mark.number, opens)
        seen.add(mark.number)
        start = right
    if end > start:
        yield Piece(text[start:end])
