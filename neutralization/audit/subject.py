"""What the audit's rules look at: a body and its outputs, and how they stand to each other."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from neutralization.audit.alignment import Alignment, align
from neutralization.audit.gaps import Gap, gaps_in_full, gaps_in_sentence
from neutralization.audit.origins import Origins
from neutralization.audit.ranges import Range, meets, united, within
from neutralization.audit.reading import Sentence
from neutralization.audit.search import MAX_QUESTIONS, Haystack
from neutralization.audit.texts import MAX_BODY_CHARS, STRAIGHT, Readings, Text, plain
from neutralization.types import Edit, Output, Outputs, Span

# So much of a short text's sentence is another's that the two can be laid side by side.
_MIN_GAP_SHARE = 0.5
# Finds manipulative words in a text: their ranges.
Detector = Callable[[str], Iterable[Range]]
_MAX_BRIEF_CHARS = 20_000
_MAX_LINE_CHARS = 2_000
_MAX_CHARS = {
    Output.FEED_TITLE: _MAX_LINE_CHARS,
    Output.FEED_SUMMARY: _MAX_LINE_CHARS,
    Output.DETAIL_TITLE: _MAX_LINE_CHARS,
    Output.DETAIL_BRIEF: _MAX_BRIEF_CHARS,
    Output.DETAIL_FULL: MAX_BODY_CHARS,
}


class Subject:
    """One audit's input, prepared."""

    def __init__(
        self,
        body: str,
        outputs: Outputs,
        spans: Sequence[Span],
        edits: Sequence[Edit],
        detect: Detector | None = None,
        readings: Readings | None = None,
    ) -> None:
        readings = readings or Readings()
        self.body = readings.of(body[:MAX_BODY_CHARS])
        self.unread = {output: size for output, size in _sizes(body, outputs) if size > _MAX_CHARS[output]}
        self.spans = tuple(spans)
        self.edits = tuple(edits)
        self.detect = detect
        # An unchanged text shares the body's readings.
        self._own: dict[Output, list[tuple[int, Sentence]]] = {}
        self._gaps: dict[Output, list[Gap]] = {}
        self._exchanged: dict[Output, list[str]] = {}
        self._texts = {
            output: self.body if getattr(outputs, output) == body else readings.of(getattr(outputs, output)[:limit])
            for output, limit in _MAX_CHARS.items()
        }

    def __getitem__(self, output: Output) -> Text:
        """The text of `output`."""
        return self._texts[output]

    @cached_property
    def alignment(self) -> Alignment:
        """How detail_full stands to the body."""
        return align(self.body.text, self._texts[Output.DETAIL_FULL].text)

    @cached_property
    def changed(self) -> list[Range]:
        """Disjoint ranges of the body that an accepted span or its edit covers, sorted."""
        return united([(span.start, span.end) for span in self.spans] + [(edit.start, edit.end) for edit in self.edits])

    @cached_property
    def judged(self) -> list[Range]:
        """Disjoint ranges of detail_full that are not simply the body's: new words and accepted spans left in place."""
        if self._texts[Output.DETAIL_FULL] is self.body:
            return self.changed
        left = (new for old, new in self.alignment.kept if within(old, self.changed))
        return united((*self.alignment.fresh, *left))

    @cached_property
    def only_in_spans(self) -> frozenset[str]:
        """The words of accepted spans that the body has nowhere else, in small letters with straight marks."""
        lowered = self.body.lowered
        wanted = Counter(span.original_text.translate(STRAIGHT).lower() for span in self.spans)
        few = list(wanted.items())[:MAX_QUESTIONS]
        return frozenset(words for words, count in few if words.strip() and lowered.count(words) == count)

    @property
    def origins(self) -> Origins:
        """The body's sentences, for asking where words come from."""
        return self.body.origins

    @property
    def full_origins(self) -> Origins:
        """The sentences of detail_full, for asking what of the body is told in it."""
        return self._texts[Output.DETAIL_FULL].origins

    @cached_property
    def in_unmarked(self) -> Haystack:
        """The body without its accepted spans, in small letters with straight marks, for asking."""
        pieces = []
        last = 0
        for start, end in united((span.start, span.end) for span in self.spans):
            pieces.append(self.body.lowered[last:start])
            last = end
        return Haystack("\n".join([*pieces, self.body.lowered[last:]]))

    def read(self, output: Output) -> list[Sentence]:
        """An output's sentences, read."""
        return self[output].read

    def own_sentences(self, output: Output) -> list[tuple[int, Sentence]]:
        """The sentences that are not the body's, as it is or as spans change it, with their places in the output."""
        if output not in self._own:
            self._own[output] = list(self._find_own(output))
        return self._own[output]

    def _find_own(self, output: Output) -> Iterator[tuple[int, Sentence]]:
        if self[output] is self.body:
            return
        known = self.body.plain_sentences | self.edited_sentences
        for index, (start, end) in enumerate(self[output].sentences):
            if plain(self[output].text[start:end]) not in known and self.read(output)[index].tokens:
                yield index, self.read(output)[index]

    @cached_property
    def edited_sentences(self) -> frozenset[str]:
        """The body's sentences as its edits, or else the accepted spans themselves, change them, made plain."""
        if not self.changed:
            return frozenset()
        pieces: list[str] = []
        last = 0
        edits: Sequence[Edit | Span] = self.edits or self.spans
        for each in sorted(edits, key=lambda each: each.start):
            if each.start >= last:
                pieces += [self.body.text[last : each.start], each.replacement]
                last = each.end
        edited = Text("".join([*pieces, self.body.text[last:]]))
        return edited.plain_sentences

    @cached_property
    def replacing(self) -> frozenset[str]:
        """The words that accepted spans put in, in small letters."""
        return frozenset(word for span in self.spans for word in span.replacement.lower().split())

    def exchanged(self, output: Output) -> list[str]:
        """Numbers and names that are the body's own, in a sentence where the body has another one in that place."""
        if output not in self._exchanged:
            strange = sorted(self[output].plain_sentences - self.body.plain_sentences)
            self._exchanged[output] = [word for each in strange for word in self.body.skeletons.exchanged(each)]
        return self._exchanged[output]

    def gaps(self, output: Output) -> list[Gap]:
        """Where a text leaves the body's words: detail_full by its alignment, a short text sentence by sentence."""
        if output not in self._gaps:
            self._gaps[output] = list(self._find_gaps(output))
        return self._gaps[output]

    def _find_gaps(self, output: Output) -> Iterator[Gap]:
        text = self[output]
        if output is Output.DETAIL_FULL and text is not self.body:
            yield from gaps_in_full(self.body.text, text.text, self.alignment, self.changed)
        elif output is not Output.DETAIL_FULL:
            for _, sentence in self.own_sentences(output):
                best = self.origins.source(sentence.telling, _MIN_GAP_SHARE)
                if best is not None:
                    yield from gaps_in_sentence(self.origins.sentences[best].tokens, sentence.tokens)

    def is_mostly_kept(self, place: Range) -> bool:
        """Whether more than half of this range of detail_full are the body's words in their places."""
        fresh = self.alignment.fresh
        first = bisect_left(fresh, (place[0], place[0]))
        after = bisect_left(fresh, (place[1], place[1]))
        return sum(end - start for start, end in fresh[first:after]) * 2 < place[1] - place[0]

    def is_judged(self, found: Range) -> bool:
        """Whether form may judge `found` in detail_full: it meets such a range, or joins words that stood apart."""
        if meets(found, self.judged):
            return True
        place = bisect_right(self.alignment.seams, found[0])
        return place < len(self.alignment.seams) and self.alignment.seams[place] < found[1]


def _sizes(body: str, outputs: Outputs) -> Iterator[tuple[Output, int]]:
    """How long each output is; of detail_full and the body, which it is held against, the longer."""
    for output in Output:
        size = len(getattr(outputs, output))
        yield output, max(size, len(body)) if output is Output.DETAIL_FULL else size
