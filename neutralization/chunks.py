"""Cut a long body into overlapping chunks on sentence boundaries, for detectors that read only so much at once.

What a detector finds in a chunk is phrases, never offsets. `find_phrase_positions` searches them in the whole body, so
the phrases of all chunks are put together, and a phrase that two chunks name has its spans once.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from neutralization.context import after_space
from ntrl.text.sentences import sentences


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a body: `body[start : start + len(text)] == text`."""

    start: int
    text: str

    @property
    def end(self) -> int:
        """Where it ends in the body."""
        return self.start + len(self.text)


def chunk(body: str, *, max_chars: int, overlap_chars: int) -> tuple[Chunk, ...]:
    """Cut `body` into chunks that together hold all its words; a short body is one chunk, an empty one none.

    A chunk begins and ends with a sentence, and begins with those sentences at the end of the one before that fit into
    `overlap_chars`. A sentence longer than `max_chars` is cut at white space, or within a word that is longer itself;
    its pieces overlap by up to `overlap_chars`.

    Args:
        body: The text, exactly as stored.
        max_chars: The longest chunk, in code points.
        overlap_chars: The longest overlap, in code points; under half of `max_chars`, so that every chunk goes on.

    Raises:
        ValueError: the overlap is negative, or half a chunk or more.
    """
    if not 0 <= 2 * overlap_chars < max_chars:
        raise ValueError(f"an overlap of {overlap_chars} characters does not fit chunks of {max_chars}")
    pieces = [piece for start, end in sentences(body) for piece in _pieces(body, start, end, max_chars, overlap_chars)]
    return tuple(Chunk(start, body[start:end]) for start, end in _grouped(pieces, max_chars, overlap_chars))


def _pieces(body: str, start: int, end: int, max_chars: int, overlap_chars: int) -> Iterator[tuple[int, int]]:
    """Yield a sentence whole, or in overlapping pieces that are short enough."""
    while end - start > max_chars:
        cut = _space_before(body, start + max_chars, lowest=start + max_chars // 2)
        yield start, cut
        start = _word_start(body, cut - overlap_chars, highest=cut)
    yield start, end


def _space_before(body: str, at: int, *, lowest: int) -> int:
    """Return the end of the last whole word before `at`; `at` itself when no word ends after `lowest`."""
    ends = (place for place in range(at, lowest, -1) if body[place].isspace() and not body[place - 1].isspace())
    return next(ends, at)


def _word_start(body: str, at: int, *, highest: int) -> int:
    """Return where the first whole word from `at` on begins; within a word when none does before `highest`."""
    starts = (place for place in range(at, highest) if body[place - 1].isspace() and not body[place].isspace())
    return next(starts, after_space(body, at))


def _grouped(pieces: list[tuple[int, int]], max_chars: int, overlap_chars: int) -> Iterator[tuple[int, int]]:
    starts = [start for start, _ in pieces]
    first = 0
    while first < len(pieces):
        last = first
        while last + 1 < len(pieces) and pieces[last + 1][1] - starts[first] <= max_chars:
            last += 1
        yield starts[first], pieces[last][1]
        if last + 1 == len(pieces):
            return
        back = bisect_left(starts, pieces[last][1] - overlap_chars, first + 1, last + 1)
        # An overlap that leaves no room for the sentence that comes next is left out.
        first = next((at for at in range(back, last + 1) if pieces[last + 1][1] - starts[at] <= max_chars), last + 1)
