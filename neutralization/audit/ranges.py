"""Half-open ranges of a text: joining them, and asking whether one meets or holds another."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

Range = tuple[int, int]


def united(ranges: Iterable[Range]) -> list[Range]:
    """Sort ranges and join those that overlap or touch."""
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def within(inner: Range, ranges: Sequence[Range]) -> bool:
    """Whether one of the disjoint, sorted `ranges` covers `inner`."""
    place = bisect_right(ranges, inner[0], key=lambda outer: outer[0]) - 1
    return place >= 0 and inner[1] <= ranges[place][1]


def meets(one: Range, ranges: Sequence[Range]) -> bool:
    """Whether one of the disjoint, sorted `ranges` overlaps `one`."""
    place = bisect_left(ranges, one[1], key=lambda other: other[0]) - 1
    return place >= 0 and one[0] < ranges[place][1]


def covered_share(place: Range, ranges: Sequence[Range]) -> float:
    """How much of `place` the disjoint, sorted `ranges` cover, from 0 to 1."""
    first = max(bisect_right(ranges, place[0], key=lambda each: each[0]) - 1, 0)
    last = bisect_left(ranges, place[1], key=lambda each: each[0])
    covered = sum(max(0, min(end, place[1]) - max(start, place[0])) for start, end in ranges[first:last])
    return covered / (place[1] - place[0])
