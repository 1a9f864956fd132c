"""Which items of two sequences correspond: first those that occur once in each, then by the fewest edits between."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from ntrl.text.myers import Pair, common_by_shortest_edits

# Three words in a row that occur once in each text are the same place; then one word between two such places is.
_PIN_ITEMS = (3, 1)
# Edits that are looked for between two pins: more mean other texts, and the work grows with their square.
_MAX_EDITS = 128


def matches(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Return pairs of equal items as (index in old, index in new), both rising.

    The pairs are as many as can be where pins lie close or few items differ; where the sequences have little in common
    they may be fewer, so that the work stays near linear whatever the input. What moved is not matched.
    """
    return list(_between(old, new, (0, 0), (len(old), len(new)), _PIN_ITEMS))


def _between(
    old: Sequence[str], new: Sequence[str], start: Pair, end: Pair, pin_items: tuple[int, ...]
) -> Iterator[Pair]:
    """Match the items from `start` to `end`, each a pair of places: equal ends first, then by pins, then by edits."""
    (left, right), (left_end, right_end) = start, end
    while left < left_end and right < right_end and old[left] == new[right]:
        yield left, right
        left, right = left + 1, right + 1
    tail = 0
    while left < left_end - tail and right < right_end - tail and old[left_end - tail - 1] == new[right_end - tail - 1]:
        tail += 1
    left_end, right_end = left_end - tail, right_end - tail
    if left < left_end and right < right_end:
        head, rest = old[left:left_end], new[right:right_end]
        inner = _by_pins(head, rest, pin_items) if pin_items else common_by_shortest_edits(head, rest, _MAX_EDITS)
        yield from ((left + one, right + other) for one, other in inner)
    yield from ((left_end + step, right_end + step) for step in range(tail))


def _by_pins(old: Sequence[str], new: Sequence[str], pin_items: tuple[int, ...]) -> Iterator[Pair]:
    left = right = 0
    for pin in [*_pins(old, new, pin_items[0]), (len(old), len(new))]:
        yield from _between(old, new, (left, right), pin, pin_items[1:])
        if pin[0] < len(old):
            yield pin
        left, right = pin[0] + 1, pin[1] + 1


def _pins(old: Sequence[str], new: Sequence[str], items: int) -> list[Pair]:
    """Where runs of so many items begin that occur once in each sequence: the longest series that rises in both."""
    places, new_places = _unique_runs(old, items), _unique_runs(new, items)
    pairs = [(left, new_places[run]) for run, left in places.items() if run in new_places]
    return _longest_rising(sorted(pairs))


def _unique_runs(sequence: Sequence[str], items: int) -> dict[tuple[str, ...], int]:
    runs = [tuple(sequence[index : index + items]) for index in range(len(sequence) - items + 1)]
    counts = Counter(runs)
    return {run: index for index, run in enumerate(runs) if counts[run] == 1}


def _longest_rising(pairs: Sequence[Pair]) -> list[Pair]:
    """The longest series of `pairs`, sorted by the first, that rises in the second: by patience sorting."""
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for index, (_, right) in enumerate(pairs):
        pile = bisect_left(tops, right)
        before.append(piles[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [right]
        piles[pile : pile + 1] = [index]
    chain: list[Pair] = []
    index = piles[-1] if piles else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]
