"""Part a difference at some phrases into what they explain and what has no reason. Pure.

A phrase explains that its words go, what comes in their place, and the grammar of that edit beside it. What else
differs there is parted from the rest, so that no word which a writer slips in beside a phrase hides behind it.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby, pairwise

from neutralization.differences import Difference, trimmed
from neutralization.removability import DEGREES
from neutralization.rewording import adds_fact, is_same_word, key
from neutralization.types import Span
from ntrl.text.fold import fold
from ntrl.text.pairing import equal_pairs
from ntrl.text.tokens import Word, words

Range = tuple[int, int]

_ARTICLES = frozenset({"a", "an"})
_BOUND_TO_PHRASE = DEGREES | _ARTICLES
# They join a phrase to its neighbour, and go when it goes: "it is clear that", "shocking and", "and shocking".
_JOIN_AFTER = frozenset({"that", "and", "or"})
_JOIN_BEFORE = frozenset({"and", "or"})
# They may come beside what was planned: "criticized the", "critical of".
_BINDERS = _ARTICLES | {"of", "that", "the", "to"}
# Other words than the planned ones may be so many more than the phrase or the plan: "slammed" is "spoke out against".
_SPARE_WORDS = 2
# Marks that come and go as grammar asks. Any other says something: an amount, a quotation, a question.
_MARKS_THAT_COME = frozenset(",.;:—–-…")
_MARKS_THAT_GO = _MARKS_THAT_COME | frozenset("!|")
# Marks that hold a phrase and nothing else go with it.
_MARKS_AROUND = {"“": "”", '"': '"', "«": "»", "„": "“", "‘": "’", "'": "'", "(": ")", "[": "]"}
# A longer phrase is read only as a whole: else the work for its many changes would grow with their square.
_LONG_PHRASE_WORDS = 40
# Every mark but the hyphens and apostrophes of words.
_MARK = re.compile(r"[^\w\s'’-]|(?<!\w)['’]|(?<!\w)-|-(?!\w)")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A span as one reads it in a difference.

    Attributes:
        index: Its index among the spans.
        span: The span.
        words: Its words, at their places in the body.
        planned: The keys of the words that are to take its place.
        with_marks: Its range with the marks that hold nothing else: a scare quote goes with its word.
    """

    index: int
    span: Span
    words: tuple[Word, ...]
    planned: tuple[str, ...]
    with_marks: Range

    @classmethod
    def of(cls, body: str, index: int, span: Span) -> "Phrase":
        """Read a span of `body`."""
        start, end = span.start, span.end
        is_held = start and end < len(body) and _MARKS_AROUND.get(body[start - 1]) == body[end]
        planned = tuple(key(word.text) for word in words(span.replacement))
        with_marks = (start - 1, end + 1) if is_held else (start, end)
        return cls(index, span, tuple(_moved(words(span.original_text), start)), planned, with_marks)


@dataclass(frozen=True, slots=True)
class Place:
    """What is to be known of the body where a difference is.

    Attributes:
        phrases: The spans that the difference overlaps or touches, sorted.
        emptied: The sentences that it takes whole, and that say nothing without their spans.
        smalls: The words that the body writes in small letters.
    """

    phrases: Sequence[Phrase]
    emptied: Sequence[Range]
    smalls: Collection[str]


class _Kind(Enum):
    EXPLAINED = "explained"
    STRANGE = "strange"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class _Part:
    """Words of the body that became words of the neutral text, as ranges; an empty range is a place."""

    old: Range
    new: Range
    kind: _Kind
    spans: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Unit:
    """What stood in the body: a word beside the phrases, or as much of a phrase as the difference takes.

    `expected` are the keys of what was planned in its place: for a word beside, its own.
    """

    start: int
    end: int
    text: str
    expected: tuple[str, ...]
    phrase: Phrase | None = None
    is_taken: bool = False
    goes_along: bool = False

    @property
    def is_lost(self) -> bool:
        """Whether no phrase explains that it goes."""
        return self.phrase is None and not self.goes_along

    @property
    def room(self) -> int:
        """How many words may come in its place: where none were planned, none."""
        if self.phrase is None or not self.expected:
            return 0
        return max(len(self.phrase.words) if self.is_taken else 0, len(self.expected)) + _SPARE_WORDS


def parted(found: Difference, place: Place) -> list[Difference]:
    """Cut a difference where reasons begin and end; one that is explained throughout stays whole.

    Args:
        found: A difference, tied to nothing.
        place: What is there; one phrase or more.

    Returns:
        Changes that together have the very effect of `found`; of each, `spans` are those that explain it.
    """
    parts = _merged(_beside_phrases(list(_Reading(found, place).parts())))
    cuts = [
        (found.start, found.full_start),
        *(_cut(left, right) for left, right in pairwise(parts)),
        (found.end, found.full_end),
    ]
    pieces = [_piece(found, low, high) for low, high in pairwise(cuts)]
    return [_tied(piece, part, place) for piece, part in zip(pieces, parts, strict=True) if piece.old != piece.new]


class _Reading:
    """One difference, read word by word against what was planned for its phrases."""

    def __init__(self, found: Difference, place: Place) -> None:
        self._found = found
        self._smalls = place.smalls
        self._units = _units(found, place)
        self._come = words(found.new)
        self._old_at, self._new_at = found.start, found.full_start

    def parts(self) -> Iterator[_Part]:
        """Yield the parts in order: words that are surely each other's, and what lies between them."""
        unit_at = come_at = 0
        for index, start, end in [*self._anchors(), (len(self._units), len(self._come), len(self._come))]:
            yield from self._between(self._units[unit_at:index], self._come[come_at:start])
            yield from self._anchored(self._units[index : index + 1], self._come[start:end])
            unit_at, come_at = index + 1, end

    def _anchors(self) -> Iterator[tuple[int, int, int]]:
        """Yield the units that became what was expected: their index, and the range of the words that came."""
        expected = [(index, expected) for index, unit in enumerate(self._units) for expected in unit.expected]
        pairs = equal_pairs([expected for _, expected in expected], [key(word.text) for word in self._come])
        for index, group in groupby(pairs, key=lambda pair: expected[pair[0]][0]):
            found = [right for _, right in group]
            if self._is_fulfilled(self._units[index], found):
                yield index, found[0], found[-1] + 1

    def _is_fulfilled(self, unit: _Unit, found: Sequence[int]) -> bool:
        if unit.phrase is None:
            return is_same_word(unit.text, self._come[found[0]].text)
        between = set(range(found[0], found[-1])).difference(found)
        return len(found) == len(unit.expected) and all(fold(self._come[at].text) in _BINDERS for at in between)

    def _anchored(self, units: Sequence[_Unit], come: Sequence[Word]) -> Iterator[_Part]:
        for unit in units:
            is_same = unit.phrase is None and unit.text == come[0].text
            yield self._part(units, come, _Kind.SAME if is_same else _Kind.EXPLAINED)

    def _between(self, units: Sequence[_Unit], come: Sequence[Word]) -> Iterator[_Part]:
        lost = [unit for unit in units if unit.is_lost]
        if not units and not come:
            return
        if not lost:
            yield self._part(units, come, _Kind.EXPLAINED if self._may_come(units, come) else _Kind.STRANGE)
        elif not come:
            for is_lost, group in groupby(units, key=lambda unit: unit.is_lost):
                yield self._part(list(group), [], _Kind.STRANGE if is_lost else _Kind.EXPLAINED)
        else:
            yield from self._exchanged(units, come)

    def _exchanged(self, units: Sequence[_Unit], come: Sequence[Word]) -> Iterator[_Part]:
        """Read words that came for others: of phrases that were only to go, the words on one side of them changed."""
        taken = [index for index, unit in enumerate(units) if unit.is_taken]
        if taken and not any(unit.expected for unit in units if unit.is_taken):
            before, after = units[: taken[0]], units[taken[-1] + 1 :]
            if not any(unit.is_lost for unit in units[taken[0] :]):
                yield self._part(before, come, _Kind.STRANGE)
                yield self._part(units[taken[0] :], [], _Kind.EXPLAINED)
                return
            if not any(unit.is_lost for unit in units[: taken[-1] + 1]):
                yield self._part(units[: taken[-1] + 1], [], _Kind.EXPLAINED)
                yield self._part(after, come, _Kind.STRANGE)
                return
        yield self._part(units, come, _Kind.STRANGE)

    def _may_come(self, units: Sequence[_Unit], come: Sequence[Word]) -> bool:
        """Tell whether words may come in the place of units that go: what was planned, or a few that add no fact."""
        planned = [unit for unit in units if unit.phrase and unit.expected]
        free = _BINDERS if planned or not any(unit.phrase for unit in units) else _ARTICLES
        if len(come) > (sum(unit.room for unit in planned) or _SPARE_WORDS):
            return False
        expected = {each for unit in planned for each in unit.expected}
        others = [word for word in come if fold(word.text) not in free]
        if all(key(word.text) in expected for word in others):
            return True
        taken = [unit.phrase for unit in planned if unit.phrase and unit.is_taken]
        # Beside words of the plan, others would be additions.
        if not taken or any(key(word.text) in expected for word in others):
            return False
        held = [text for phrase in taken for text in (phrase.span.original_text, phrase.span.replacement)]
        capitals = [word.text[0].isupper() for phrase in taken for word in phrase.words]
        excused = come if len(capitals) > 1 and all(capitals) else come[: int(units[0].text[0].isupper())]
        return not adds_fact(come, self._found.new, held, self._smalls, excused)

    def _part(self, units: Sequence[_Unit], come: Sequence[Word], kind: _Kind) -> _Part:
        shift = self._found.full_start
        old = (units[0].start, units[-1].end) if units else (self._old_at, self._old_at)
        new = (come[0].start + shift, come[-1].end + shift) if come else (self._new_at, self._new_at)
        self._old_at, self._new_at = old[1], new[1]
        return _Part(old, new, kind, frozenset(unit.phrase.index for unit in units if unit.phrase))


def _units(found: Difference, place: Place) -> list[_Unit]:
    """Return what stood in the difference's range, in order; a phrase that it only touches is empty there."""
    units = [_phrase_unit(found, phrase) for phrase in place.phrases]
    ends = [phrase.span.end for phrase in place.phrases]
    gone = list(_moved(words(found.old), found.start))
    owners = [units[min(bisect_right(ends, word.start), len(units) - 1)] for word in gone]
    is_beside = [
        not (owner.start < word.end and word.start < owner.end) for word, owner in zip(gone, owners, strict=True)
    ]
    emptied = [start for start, _ in place.emptied]
    for index, word in enumerate(gone):
        if is_beside[index]:
            before = None if index == 0 or is_beside[index - 1] else owners[index - 1]
            after = None if index + 1 == len(gone) or is_beside[index + 1] else owners[index + 1]
            at = bisect_right(emptied, word.start) - 1
            goes_along = (at >= 0 and word.end <= place.emptied[at][1]) or _goes_along(fold(word.text), before, after)
            units.append(_Unit(word.start, word.end, word.text, (key(word.text),), goes_along=goes_along))
    return sorted(units, key=lambda unit: (unit.start, unit.end))


def _phrase_unit(found: Difference, phrase: Phrase) -> _Unit:
    span = phrase.span
    start, end = (min(max(at, found.start), found.end) for at in (span.start, span.end))
    is_taken = span.start < found.end and found.start < span.end
    expected = phrase.planned if (start, end) == (span.start, span.end) else tuple(_rest_of_plan(found, phrase))
    return _Unit(start, end, span.original_text, expected, phrase, is_taken)


def _rest_of_plan(found: Difference, phrase: Phrase) -> Iterator[str]:
    """Yield what was planned for a phrase besides those of its words that stay."""
    if len(phrase.words) > _LONG_PHRASE_WORDS or len(phrase.planned) > _LONG_PHRASE_WORDS:
        return
    stays = Counter(key(word.text) for word in phrase.words if word.end <= found.start or found.end <= word.start)
    for expected in phrase.planned:
        if not stays[expected]:
            yield expected
        stays[expected] = max(0, stays[expected] - 1)


def _goes_along(folded: str, before: _Unit | None, after: _Unit | None) -> bool:
    """Tell whether a word goes with the phrase directly before or after it."""
    if folded in _BOUND_TO_PHRASE:
        return True
    joins_before = before is not None and not before.expected and folded in _JOIN_AFTER
    return joins_before or (after is not None and not after.expected and folded in _JOIN_BEFORE)


def _beside_phrases(parts: Sequence[_Part]) -> Iterator[_Part]:
    """Let grammar explain a part only in a row of explained parts that holds a phrase."""
    for is_explained, group in groupby(parts, key=lambda part: part.kind is _Kind.EXPLAINED):
        row = list(group)
        holds_phrase = any(part.spans for part in row)
        yield from (row if holds_phrase or not is_explained else (replace(part, kind=_Kind.STRANGE) for part in row))


def _merged(parts: Iterable[_Part]) -> list[_Part]:
    merged = []
    for kind, group in groupby(parts, key=lambda part: part.kind):
        row = list(group)
        spans = frozenset(index for part in row for index in part.spans)
        merged.append(_Part((row[0].old[0], row[-1].old[1]), (row[0].new[0], row[-1].new[1]), kind, spans))
    return merged


def _cut(left: _Part, right: _Part) -> Range:
    """Return where one part ends and the next begins, in both texts: a space goes with what goes or comes."""
    is_exchange = right.old[0] < right.old[1] and right.new[0] < right.new[1]
    return (right.old[0], right.new[0]) if is_exchange else (left.old[1], left.new[1])


def _moved(found: Iterable[Word], by: int) -> Iterator[Word]:
    return (Word(word.start + by, word.end + by, word.text) for word in found)


def _piece(found: Difference, low: Range, high: Range) -> Difference:
    old = found.old[low[0] - found.start : high[0] - found.start]
    new = found.new[low[1] - found.full_start : high[1] - found.full_start]
    return trimmed(Difference(low[0], old, low[1], new))


def _tied(piece: Difference, part: _Part, place: Place) -> Difference:
    if part.kind is not _Kind.EXPLAINED or not _has_only_grammars_marks(piece, place):
        return piece
    return replace(piece, spans=tuple(sorted(part.spans)))


def _has_only_grammars_marks(piece: Difference, place: Place) -> bool:
    """Tell whether no mark goes or comes that says something; what stands in a phrase or goes with it says nothing."""
    gone = [(piece.start + found.start(), found.group()) for found in _MARK.finditer(piece.old)]
    told = Counter(mark for at, mark in gone if not _is_within(at, place))
    come = Counter(_MARK.findall(piece.new))
    planned = Counter(mark for phrase in place.phrases for mark in _MARK.findall(phrase.span.replacement))
    new_marks = come - Counter(mark for _, mark in gone) - planned
    return _MARKS_THAT_COME.issuperset(new_marks) and _MARKS_THAT_GO.issuperset(told - come)


def _is_within(at: int, place: Place) -> bool:
    """Tell whether a place is in a phrase, between its marks, or in a sentence that goes with its phrases."""
    phrase = bisect_right(place.phrases, at, key=lambda phrase: phrase.with_marks[0]) - 1
    sentence = bisect_right(place.emptied, at, key=lambda emptied: emptied[0]) - 1
    return (phrase >= 0 and at < place.phrases[phrase].with_marks[1]) or (
        sentence >= 0 and at < place.emptied[sentence][1]
    )
