"""Which words of a rewritten text stand there as in the original: a word-by-word alignment in near-linear time."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from neutralization.audit.ranges import Range

_TOKEN = re.compile(r"\w+|[^\w\s]")
# Three words in a row that occur once in each text pin the texts together.
_ANCHOR_TOKENS = 3
# A gap between pins is searched pair by pair only while that stays cheap.
_MAX_GAP_TOKENS = 60


@dataclass(frozen=True, slots=True)
class Alignment:
    """What of `rewritten` is not `original`'s.

    `fresh` are ranges of new words in the rewritten text; `seams` are places in it where neighbours
    were not neighbours before; `kept` are pairs of equal words, their range in the original first.
    """

    fresh: tuple[Range, ...]
    seams: tuple[int, ...]
    kept: tuple[tuple[Range, Range], ...]

    def lost(self, original_end: int, rewritten_end: int) -> Iterator[tuple[Range, Range]]:
        """Yield each place where words of the original went, with what stands there; of equal texts there is none."""
        ends = [((0, 0), (0, 0)), *self.kept, ((original_end,) * 2, (rewritten_end,) * 2)]
        for (left, right), (next_left, next_right) in pairwise(ends) if self.kept else ():
            if next_left[0] - left[1] > 1:
                yield (left[1], next_left[0]), (right[1], next_right[0])


@dataclass(frozen=True, slots=True)
class _Tokens:
    texts: list[str]
    ranges: list[Range]


def align(original: str, rewritten: str) -> Alignment:
    """Align two texts by their words. Moved passages count as new, and of equal texts nothing is listed."""
    if original == rewritten:
        return Alignment((), (), ())
    old, new = _tokens(original), _tokens(rewritten)
    pairs = list(_pairs(old.texts, new.texts))
    matched = {right for _, right in pairs}
    fresh = tuple(span for index, span in enumerate(new.ranges) if index not in matched)
    return Alignment(
        fresh, tuple(_seams(pairs, old, new)), tuple((old.ranges[left], new.ranges[right]) for left, right in pairs)
    )


def _tokens(text: str) -> _Tokens:
    found = list(_TOKEN.finditer(text))
    return _Tokens([match.group() for match in found], [match.span() for match in found])


def _pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the matched token indices, both rising."""
    left = right = 0
    for next_left, next_right in [*_pins(old, new), (len(old), len(new))]:
        if next_left < left or next_right < right:
            continue
        yield from _in_gap(old, new, (left, next_left), (right, next_right))
        if next_left < len(old):
            yield next_left, next_right
        left, right = next_left + 1, next_right + 1


def _pins(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Unique three-word runs common to both, the longest rising sequence of them."""
    old_runs, new_runs = _unique_runs(old), _unique_runs(new)
    places = [(new_runs[run], left) for run, left in old_runs.items() if run in new_runs]
    rising = _longest_rising([right for right, _ in sorted(places, key=lambda place: place[1])])
    by_right = dict(places)
    return [(by_right[right], right) for right in rising]


def _unique_runs(tokens: Sequence[str]) -> dict[tuple[str, ...], int]:
    runs = [tuple(tokens[index : index + _ANCHOR_TOKENS]) for index in range(len(tokens) - _ANCHOR_TOKENS + 1)]
    counts = Counter(runs)
    return {run: index for index, run in enumerate(runs) if counts[run] == 1}


def _longest_rising(values: list[int]) -> list[int]:
    """The longest increasing subsequence, by patience sorting."""
    tops: list[int] = []
    tops_at: list[int] = []
    previous: list[int] = []
    for index, value in enumerate(values):
        pile = bisect_left(tops, value)
        previous.append(tops_at[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(value)
            tops_at.append(index)
        else:
            tops[pile], tops_at[pile] = value, index
    chain: list[int] = []
    index = tops_at[-1] if tops_at else -1
    while index >= 0:
        chain.append(values[index])
        index = previous[index]
    return chain[::-1]


def _in_gap(
    old: Sequence[str], new: Sequence[str], left: tuple[int, int], right: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """Match what two pins enclose: equal words at both ends, and what lies between when it is short."""
    (low, high), (start, end) = left, right
    while low < high and start < end and old[low] == new[start]:
        yield low, start
        low, start = low + 1, start + 1
    tail = 0
    while low < high - tail and start < end - tail and old[high - tail - 1] == new[end - tail - 1]:
        tail += 1
    high, end = high - tail, end - tail
    if 0 < high - low <= _MAX_GAP_TOKENS and 0 < end - start <= _MAX_GAP_TOKENS:
        matcher = SequenceMatcher(None, old[low:high], new[start:end], autojunk=False)
        for block in matcher.get_matching_blocks():
            yield from ((low + block.a + step, start + block.b + step) for step in range(block.size))
    yield from ((high + step, end + step) for step in range(tail))


def _seams(pairs: list[tuple[int, int]], old: _Tokens, new: _Tokens) -> Iterator[int]:
    """Yield where a kept word follows another that it did not follow in the original."""
    ends = [(-1, -1), *pairs, (len(old.texts), len(new.texts))]
    for (left, right), (next_left, next_right) in pairwise(ends):
        if next_right == right + 1 and next_left != left + 1:
            yield new.ranges[right][1] if right >= 0 else 0
