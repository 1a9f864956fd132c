"""Preservation: detail_full keeps the body's quotations, numbers, length and order."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence

from neutralization.audit.alignment import Range
from neutralization.audit.reading import Token
from neutralization.audit.subject import Subject, Text, bare, plain, within
from neutralization.limits import DETAIL_FULL_MIN_SHARE
from neutralization.types import Output
from ntrl.text.numbers import Number, Reading

# Space and punctuation that go with a removed word, beyond the word itself.
_CHARS_LOST_WITH_A_SPAN = 3
# Words by which a paragraph is known again; one alone may be chance.
_MIN_SHARED_WORDS = 2
_CHARS_SHOWN = 60
# A sentence of fewer telling words may go with its spans; of more, so much stays in place or is told elsewhere.
_MIN_TOLD_WORDS = 2
_MAX_CHANGED_SHARE = 0.5
_MIN_KEPT_SHARE = 0.35
_MIN_RETOLD_SHARE = 0.5


def quotations(subject: Subject, output: Output) -> Iterator[str]:
    """The body's quotations of speech stand in the text, verbatim and still quoted."""
    text = subject[output]
    if text is subject.body:
        return
    for each in subject.body.quotations:
        words = bare(subject.body.text[each.start : each.end])
        if not each.is_speech or not words or words in text.quoted_words:
            continue
        if not text.in_quoted.holds(words):
            yield subject.body.text[each.start : each.end]


def numbers(subject: Subject, output: Output) -> Iterator[str]:
    """Each number of the body stands in the text as often as in the body.

    "One", "first", "half" and "millions" may go with an accepted span, for there they only colour.
    """
    text = subject[output]
    if text is subject.body:
        return
    left = _Pool(text.numbers)
    for number in subject.body.numbers:
        if not left.take(number) and not (number.is_weak and within((number.start, number.end), subject.changed)):
            yield subject.body.text[number.start : number.end]


def sentences(subject: Subject, output: Output) -> Iterator[str]:
    """Each sentence of the body is told again, in its words or in others; but for what spans took whole."""
    if subject[output] is subject.body:
        return
    kept = [old for old, _ in subject.alignment.kept]
    known = subject[output].plain_sentences
    for (start, end), sentence in zip(subject.body.sentences, subject.origins.sentences, strict=True):
        words = subject.origins.telling(sentence.tokens)
        if len(words) < _MIN_TOLD_WORDS or plain(subject.body.text[start:end]) in known:
            continue
        if _share_in((start, end), subject.changed) > _MAX_CHANGED_SHARE:
            continue
        if _share_in((start, end), kept) < _MIN_KEPT_SHARE and not _is_retold(subject, words):
            yield subject.body.text[start:end]


def _share_in(place: Range, ranges: Sequence[Range]) -> float:
    """How much of `place` the disjoint, sorted `ranges` cover."""
    first = max(bisect_right(ranges, place[0], key=lambda each: each[0]) - 1, 0)
    last = bisect_left(ranges, place[1], key=lambda each: each[0])
    covered = sum(max(0, min(end, place[1]) - max(start, place[0])) for start, end in ranges[first:last])
    return covered / (place[1] - place[0])


def _is_retold(subject: Subject, words: Sequence[Token]) -> bool:
    matches = subject.full_origins.matches(words, subject.origins)
    return any(match.share >= _MIN_RETOLD_SHARE for match in matches.values())


def length(subject: Subject, output: Output) -> Iterator[str]:
    """At least three fifths of the body's length, unless spans removed more."""
    text, body = subject[output].text, subject.body.text
    ranges = subject.edits or subject.spans
    removed = sum(each.end - each.start - len(each.replacement) + _CHARS_LOST_WITH_A_SPAN for each in ranges)
    floor = min(DETAIL_FULL_MIN_SHARE * len(body), len(body) - removed)
    if len(text) < floor:
        yield f"{len(text)} of {len(body)} characters"


def order(subject: Subject, output: Output) -> Iterator[str]:
    """Paragraphs that are known again by their words follow each other as in the body."""
    text = subject[output]
    if text is subject.body:
        return
    homes = _homes(subject.body)
    last = -1
    for start, end in text.paragraphs:
        home = _home_of(text.text[start:end], homes)
        if home is not None and home < last:
            yield text.text[start : min(end, start + _CHARS_SHOWN)]
        last = max(last, -1 if home is None else home)


class _Pool:
    """Numbers to take from, each once, by any of their readings."""

    def __init__(self, numbers: Sequence[Number]) -> None:
        self._places: defaultdict[Reading, deque[int]] = defaultdict(deque)
        self._taken = [False] * len(numbers)
        for place, number in enumerate(numbers):
            for reading in number.readings:
                self._places[reading].append(place)

    def take(self, number: Number) -> bool:
        """Take a number that means the same; False when none is left."""
        for reading in number.readings:
            places = self._places[reading]
            while places:
                place = places.popleft()
                if not self._taken[place]:
                    self._taken[place] = True
                    return True
        return False


def _homes(body: Text) -> dict[str, int]:
    """The words that only one paragraph of the body has, and which one."""
    homes: dict[str, int] = {}
    for index, (start, end) in enumerate(body.paragraphs):
        for word in _distinct(body.text[start:end]):
            homes[word] = -1 if word in homes else index
    return {word: index for word, index in homes.items() if index >= 0}


def _home_of(paragraph: str, homes: dict[str, int]) -> int | None:
    votes = Counter(homes[word] for word in _distinct(paragraph) if word in homes)
    if not votes:
        return None
    home, count = votes.most_common(1)[0]
    return home if count >= _MIN_SHARED_WORDS and count * 2 > votes.total() else None


def _distinct(text: str) -> set[str]:
    return set(text.casefold().split())
