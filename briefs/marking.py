"""Where marks stand in a text: ranges to highlight become paragraphs of plain and marked pieces for a template."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from neutralization.differences import Difference
from ntrl.text.sentences import paragraphs


class Tag(StrEnum):
    """What a mark says of its words, named as its HTML element."""

    PHRASE = "mark"
    REMOVED = "del"
    NEW = "ins"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place to highlight: `words` stand at `start` (code points), or were taken out there when empty.

    `numbers` name the phrases it belongs to, from 1; one phrase may have several marks. `is_unexplained` when a change
    has no phrase.
    """

    start: int
    words: str
    tag: Tag
    numbers: tuple[int, ...] = ()
    is_unexplained: bool = False

    @property
    def end(self) -> int:
        """Where the words end."""
        return self.start + len(self.words)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text, plain when it has no tag; `opens` are those of its numbers that stand here first."""

    text: str
    tag: Tag | None = None
    numbers: tuple[int, ...] = ()
    opens: frozenset[int] = frozenset()
    is_unexplained: bool = False


Paragraph = tuple[Piece, ...]


def new_marks(changes: Iterable[Difference]) -> list[Mark]:
    """Return what came with each change, where it stands in detail_full, without white space at its ends."""
    return [_mark(change.full_start, change.new, Tag.NEW, change) for change in changes]


def redlined(detail_full: str, changes: Sequence[Difference]) -> tuple[str, list[Mark]]:
    """Return the neutral text with what was removed back in its places, and the marks of what went and what came.

    Of changes that belong to another text none is shown.
    """
    if not _fit(detail_full, [Mark(change.full_start, change.new, Tag.NEW) for change in changes]):
        return detail_full, []
    pieces: list[str] = []
    marks: list[Mark] = []
    length = end = 0
    for change in changes:
        at = length + change.full_start - end
        # Side by side the old word and the new one would read as one.
        old = change.old + " " if change.old.strip() and change.new.strip() else change.old
        marks += _marks_of_both(at, at + len(old), change)
        pieces += [detail_full[end : change.full_start], old, change.new]
        length, end = at + len(old) + len(change.new), change.full_end
    return "".join([*pieces, detail_full[end:]]), marks


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
    """The phrases that have a place in the paragraphs."""
    return frozenset(number for paragraph in marked for piece in paragraph for number in piece.opens)


def _marks_of_both(removed_at: int, new_at: int, change: Difference) -> list[Mark]:
    """The marks of what went and what came; the last of them leads to the reason."""
    removed, came = _mark(removed_at, change.old, Tag.REMOVED, change), _mark(new_at, change.new, Tag.NEW, change)
    if removed.words and came.words:
        return [Mark(removed.start, removed.words, Tag.REMOVED), came]
    return [came if came.words else removed]


def _mark(at: int, words: str, tag: Tag, change: Difference) -> Mark:
    lead = len(words) - len(words.lstrip())
    numbers = tuple(index + 1 for index in change.spans)
    return Mark(at + lead, words.strip(), tag, numbers, is_unexplained=not numbers)


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
    """Cut one paragraph; `seen` collects the phrases that already have a piece."""
    for mark in marks:
        left, right = min(max(mark.start, start), end), min(max(mark.end, start), end)
        opens = frozenset(mark.numbers) - seen
        if left > start:
            yield Piece(text[start:left])
        if right > left or opens or mark.is_unexplained:
            yield Piece(text[left:right], mark.tag, mark.numbers, opens, mark.is_unexplained)
        seen |= opens
        start = right
    if end > start:
        yield Piece(text[start:end])
