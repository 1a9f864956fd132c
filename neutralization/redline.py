"""The redline: every difference between a body and its neutral text, tied to the phrases that explain it.

It is made from the two texts and never from the list of edits, so that it shows what was done, whoever did it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from neutralization.differences import Change, differences, same_in_other_places
from neutralization.grammar import INTENSIFIERS
from neutralization.types import Span
from ntrl.text.common_words import OPENERS as FUNCTION_WORDS
from ntrl.text.sentences import sentences
from ntrl.text.tokens import words

# What goes or changes with a phrase beside it, however many of them.
_BOUND_TO_PHRASE = INTENSIFIERS | {"a", "an"}
# Besides them one word may change on each side of a phrase: a sentence's first gets its capital, a verb agrees.
_MAX_NEIGHBOURS = 1
# A rewording may be this many words longer than what went and what was planned: "slammed" is "spoke out against".
_SPARE_WORDS = 3


@dataclass(frozen=True, slots=True)
class Redline:
    """All differences, sorted and disjoint: applied to the body they give detail_full exactly."""

    changes: tuple[Change, ...] = ()

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
        return cls(tuple(Change(**{**row, "spans": tuple(row["spans"])}) for row in rows))


def redline(body: str, detail_full: str, spans: Sequence[Span]) -> Redline:
    """Align two texts, and tie each difference to the spans that it lies at.

    A change lies at a span when it overlaps or touches it, and takes with it no more than white space, marks, articles,
    intensifiers and one word more on each side; or it is the removal of a whole sentence that says nothing else.

    Args:
        body: The article as stored.
        detail_full: Its neutral text, by whatever means.
        spans: The accepted spans; sorted and disjoint.
    """
    reasons = _Reasons(body, spans)
    edges = Change(0, "", 0, ""), Change(len(body), "", len(detail_full), "")
    found = [edges[0], *differences(body, detail_full), edges[1]]
    changes = []
    for before, change, after in zip(found, found[1:], found[2:], strict=False):
        room = (change.start - before.end, after.start - change.end)
        changes.append(reasons.best_explained([change, *same_in_other_places(change, body, detail_full, room)]))
    return Redline(tuple(changes))


class _Reasons:
    """The spans of one body, to be asked which of them explain a change."""

    def __init__(self, body: str, spans: Sequence[Span]) -> None:
        self._length = len(body)
        self._spans = spans
        self._span_starts = [span.start for span in spans]
        self._span_ends = [span.end for span in spans]
        self._span_words = [max(len(words(span.original_text)), len(words(span.replacement))) for span in spans]
        self._words = words(body)
        self._word_starts = [word.start for word in self._words]
        self._word_ends = [word.end for word in self._words]
        self._sentences = sentences(body)
        self._sentence_starts = [start for start, _ in self._sentences]

    def best_explained(self, changes: Iterable[Change]) -> Change:
        """Return which of several changes of one effect spans explain best, tied to them; else the first."""
        return min((self._tied(change) for change in changes), key=self._strangeness)

    def _strangeness(self, change: Change) -> tuple[bool, bool, int]:
        """What a reader would wonder at: no reason, a sentence cut across, and how far the change is off its phrase."""
        first = self._spans[change.spans[0]].start if change.spans else change.start
        beside = sum(map(len, self._words_beside(change, change.spans)))
        opening = change.start + len(change.old) - len(change.old.lstrip())
        return not change.spans, not self._opens_sentence(opening), beside + abs(first - change.start)

    def _opens_sentence(self, at: int) -> bool:
        index = bisect_left(self._sentence_starts, at)
        return index < len(self._sentences) and self._sentence_starts[index] == at

    def _tied(self, change: Change) -> Change:
        for spans in (self._overlapped(change), self._touched(change)):
            if spans and self._explain(change, spans):
                return replace(change, spans=spans)
        return change

    def _overlapped(self, change: Change) -> tuple[int, ...]:
        return tuple(range(bisect_right(self._span_ends, change.start), bisect_left(self._span_starts, change.end)))

    def _touched(self, change: Change) -> tuple[int, ...]:
        """The spans that a change overlaps, or is parted from by no word."""
        before = bisect_right(self._word_ends, change.start) - 1
        after = bisect_left(self._word_starts, change.end)
        low = self._word_ends[before] if before >= 0 else 0
        high = self._word_starts[after] if after < len(self._words) else self._length
        return tuple(range(bisect_left(self._span_ends, low), bisect_right(self._span_starts, high)))

    def _explain(self, change: Change, spans: Sequence[int]) -> bool:
        beside = self._words_beside(change, spans)
        if not change.new and self._is_whole_sentences_with_spans(change):
            return all(word in FUNCTION_WORDS for part in beside for word in part)
        expected = sum(map(len, beside)) + sum(self._span_words[index] for index in spans)
        if len(words(change.new)) > expected + _SPARE_WORDS:
            return False
        return all(sum(word not in _BOUND_TO_PHRASE for word in part) <= _MAX_NEIGHBOURS for part in beside)

    def _words_beside(self, change: Change, spans: Sequence[int]) -> list[list[str]]:
        """What a change takes of the body before, between and after the spans."""
        inner = (edge for index in spans for edge in (self._spans[index].start, self._spans[index].end))
        edges = [min(max(edge, change.start), change.end) for edge in (change.start, *inner, change.end)]
        return [self._words_within(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True)]

    def _words_within(self, start: int, end: int) -> list[str]:
        low, high = bisect_left(self._word_starts, start), bisect_right(self._word_ends, end)
        return [word.text.casefold() for word in self._words[low:high]]

    def _is_whole_sentences_with_spans(self, change: Change) -> bool:
        low, high = bisect_left(self._sentence_starts, change.start), bisect_left(self._sentence_starts, change.end)
        gone = self._sentences[low:high]
        if not gone or change.old.strip() != change.old[gone[0][0] - change.start : gone[-1][1] - change.start]:
            return False
        return all(self._holds_span(start, end) for start, end in gone)

    def _holds_span(self, start: int, end: int) -> bool:
        index = bisect_right(self._span_ends, start)
        return index < len(self._spans) and self._span_starts[index] < end
