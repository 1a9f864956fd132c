"""The redline: every difference between a body and its neutral text, tied to the phrases that explain it.

It is made from the two texts and never from the list of edits, so that it shows what was done, whoever did it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from neutralization.differences import Difference, differences, same_in_other_places
from neutralization.hype_sentences import EMPTY_WORDS
from neutralization.parting import Phrase, Place, Range, parted
from neutralization.types import Span
from ntrl.text.fold import fold
from ntrl.text.sentences import sentences
from ntrl.text.tokens import Word, words

# A difference, and what was read in it.
_Read = tuple[Difference, list[Difference]]


@dataclass(frozen=True, slots=True)
class Redline:
    """All differences, sorted and disjoint: applied to the body they give detail_full exactly."""

    changes: tuple[Difference, ...] = ()

    @property
    def unattributed(self) -> int:
        """How many changes no phrase explains."""
        return sum(1 for change in self.changes if not change.spans)

    def as_rows(self) -> list[dict[str, Any]]:
        """The changes as plain values, for JSON."""
        return [asdict(change) for change in self.changes]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> "Redline":
        """Read what `as_rows` wrote."""
        return cls(tuple(Difference(**{**row, "spans": tuple(row["spans"])}) for row in rows))


def redline(body: str, detail_full: str, spans: Sequence[Span]) -> Redline:
    """Align two texts, and tie each difference to the spans that it lies at.

    A span explains that its words go, what was planned in their place or a few words that add no fact, and the grammar
    of that edit: white space, marks, articles, words of degree, a neighbour's capital or ending; and that a sentence
    goes which says nothing without it. A difference that holds more is cut: what no span explains is tied to none.

    Args:
        body: The article as stored.
        detail_full: Its neutral text, by whatever means.
        spans: The accepted spans; sorted and disjoint.
    """
    reasons = _Reasons(body, spans)
    edges = Difference(0, "", 0, ""), Difference(len(body), "", len(detail_full), "")
    found = [edges[0], *differences(body, detail_full), edges[1]]
    read: list[_Read] = []
    for before, change, after in zip(found, found[1:], found[2:], strict=False):
        floor = max([before.end, *(part.end for _, parts in read[-1:] for part in parts)])
        room = (change.start - floor, after.start - change.end)
        parts = reasons.best_explained([change, *same_in_other_places(change, body, detail_full, room)])
        if _unexplained(parts) > (0, 0):
            parts = min(parts, reasons.explained(reasons.over_whole_spans(change, room)), key=_unexplained)
        read.append((change, parts))
    return Redline(tuple(part for run in _runs(body, read) for part in _of_run(reasons, body, detail_full, run)))


def _runs(body: str, read: Iterable[_Read]) -> Iterator[list[_Read]]:
    """Yield differences together that no word parts: of the marks between, others may have stayed than it seems."""
    run: list[_Read] = []
    for change, parts in read:
        if run and words(body[run[-1][0].end : change.start]):
            yield run
            run = []
        run.append((change, parts))
    if run:
        yield run


def _of_run(reasons: "_Reasons", body: str, detail_full: str, run: Sequence[_Read]) -> list[Difference]:
    """Return what explains a run best: difference by difference, or as one over the marks that stayed between."""
    parts = [part for _, parts in run for part in parts]
    if len(run) == 1 or _unexplained(parts) == (0, 0):
        return parts
    first, last = run[0][0], run[-1][0]
    whole = Difference(
        first.start, body[first.start : last.end], first.full_start, detail_full[first.full_start : last.full_end]
    )
    return min(parts, reasons.explained(whole), key=_unexplained)


class _Reasons:
    """The spans of one body, to be asked which of them explain a difference."""

    def __init__(self, body: str, spans: Sequence[Span]) -> None:
        self._body = body
        self._phrases = [Phrase.of(body, index, span) for index, span in enumerate(spans)]
        self._starts = [span.start for span in spans]
        self._ends = [span.end for span in spans]
        self._words = words(body)
        self._word_starts = [word.start for word in self._words]
        self._word_ends = [word.end for word in self._words]
        self._sentences = sentences(body)
        self._sentence_starts = [start for start, _ in self._sentences]

    def best_explained(self, candidates: Iterable[Difference]) -> list[Difference]:
        """Return which of several differences of one effect spans explain best, cut where reasons end."""
        explained = ((change, self.explained(change)) for change in candidates)
        return min(explained, key=lambda pair: self._strangeness(*pair))[1]

    def over_whole_spans(self, change: Difference, room: tuple[int, int]) -> Difference:
        """Widen a difference over what stayed of the spans that it overlaps, as far as there is room before and after.

        Of "It's clear that it's not" the first "It's" seems to stay, though the second one took its place.
        """
        low, high = self._overlapped(change)
        if low == high:
            return change
        start = min(change.start, max(self._starts[low], change.start - room[0]))
        end = max(change.end, min(self._ends[high - 1], change.end + room[1]))
        before, after = self._body[start : change.start], self._body[change.end : end]
        new = before + change.new + after
        return Difference(start, self._body[start:end], change.full_start - len(before), new)

    def explained(self, change: Difference) -> list[Difference]:
        """Return a difference cut where reasons end, its parts tied to the spans that explain them."""
        best = [change]
        for low, high in dict.fromkeys((self._overlapped(change), self._touched(change))):
            if low < high and any(not part.spans for part in best):
                place = Place(self._phrases[low:high], self._emptied(change), self._smalls)
                best = min(best, parted(change, place), key=_unexplained)
        return best

    def _strangeness(self, change: Difference, parts: Sequence[Difference]) -> tuple[tuple[int, int], bool, int]:
        """What a reader would wonder at: no reason, a sentence cut across, and how far it is off its phrase."""
        tied = [index for part in parts for index in part.spans]
        inside = sum(
            min(self._ends[index], change.end) - max(self._starts[index], change.start)
            for index in range(*self._overlapped(change))
        )
        off = abs(self._starts[tied[0]] - change.start) if tied else 0
        opening = change.start + len(change.old) - len(change.old.lstrip())
        return _unexplained(parts), not self._opens_sentence(opening), len(change.old) - inside + off

    def _opens_sentence(self, at: int) -> bool:
        index = bisect_left(self._sentence_starts, at)
        return index < len(self._sentences) and self._sentence_starts[index] == at

    def _overlapped(self, change: Difference) -> Range:
        """The spans, by their indexes, that a difference overlaps."""
        return bisect_right(self._ends, change.start), bisect_left(self._starts, change.end)

    def _touched(self, change: Difference) -> Range:
        """The spans, by their indexes, that a difference overlaps, or is parted from by no word."""
        before = bisect_right(self._word_ends, change.start) - 1
        after = bisect_left(self._word_starts, change.end)
        low = self._word_ends[before] if before >= 0 else 0
        high = self._word_starts[after] if after < len(self._words) else len(self._body)
        return bisect_left(self._ends, low), bisect_right(self._starts, high)

    @cached_property
    def _smalls(self) -> frozenset[str]:
        return frozenset(word.text for word in self._words if word.text.islower())

    def _emptied(self, change: Difference) -> list[Range]:
        """The sentences that a difference takes whole, and that say nothing without their spans."""
        low, high = bisect_left(self._sentence_starts, change.start), bisect_left(self._sentence_starts, change.end)
        return [range_ for range_ in self._sentences[low:high] if range_[1] <= change.end and self._is_empty(*range_)]

    def _is_empty(self, start: int, end: int) -> bool:
        index = bisect_right(self._ends, start)
        if index == len(self._ends) or self._starts[index] >= end:
            return False
        low, high = bisect_left(self._word_starts, start), bisect_right(self._word_ends, end)
        return all(self._is_in_span(word) or fold(word.text) in EMPTY_WORDS for word in self._words[low:high])

    def _is_in_span(self, word: Word) -> bool:
        index = bisect_right(self._ends, word.start)
        return index < len(self._ends) and self._starts[index] < word.end


def _unexplained(parts: Iterable[Difference]) -> tuple[int, int]:
    """How much no span explains, in characters, and in how many changes."""
    lengths = [len(part.old) + len(part.new) for part in parts if not part.spans]
    return sum(lengths), len(lengths)
