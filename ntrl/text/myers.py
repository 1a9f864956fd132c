"""The longest series of items that two close sequences share, by the fewest items that go or come."""

from collections.abc import Sequence

Pair = tuple[int, int]


def common_by_shortest_edits(old: Sequence[str], new: Sequence[str], max_edits: int) -> list[Pair]:
    """Match as many items as can be, when at most `max_edits` others go or come; none otherwise.

    Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986).
    """
    # How far in `old` so many edits lead on each diagonal, where the place in `new` is the diagonal's number less.
    furthest = {1: 0}
    history: list[dict[int, int]] = []
    for edits in range(min(len(old) + len(new), max_edits) + 1):
        history.append(dict(furthest))
        for diagonal in range(-edits, edits + 1, 2):
            left = _step(furthest, diagonal, edits)
            right = left - diagonal
            while left < len(old) and right < len(new) and old[left] == new[right]:
                left, right = left + 1, right + 1
            furthest[diagonal] = left
            if left == len(old) and right == len(new):
                return _walk_back(history, len(old), len(new))
    return []


def _step(furthest: dict[int, int], diagonal: int, edits: int) -> int:
    """The place in `old` that one edit more leads to on a diagonal: an item came, or one went."""
    return furthest[diagonal + 1] if _came(furthest, diagonal, edits) else furthest[diagonal - 1] + 1


def _came(furthest: dict[int, int], diagonal: int, edits: int) -> bool:
    """Whether the last edit on a diagonal is an item that came, not one that went."""
    return diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])


def _walk_back(history: list[dict[int, int]], left: int, right: int) -> list[Pair]:
    pairs: list[Pair] = []
    for edits in range(len(history) - 1, -1, -1):
        diagonal = left - right
        start = _step(history[edits], diagonal, edits)
        while left > start:
            left, right = left - 1, right - 1
            pairs.append((left, right))
        left, right = (left, right - 1) if _came(history[edits], diagonal, edits) else (left - 1, right)
    return pairs[::-1]
