"""What the audit's rules look at: a body, its outputs, and what was read out of each text, once."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from neutralization.audit.alignment import Alignment, Range, align
from neutralization.audit.dates import Date, KnownDates, dates
from neutralization.audit.origins import Origins
from neutralization.audit.reading import Sentence, read
from neutralization.audit.search import MAX_QUESTIONS, Haystack
from neutralization.audit.swaps import Skeletons
from neutralization.types import Edit, Output, Outputs, Span
from ntrl.text.names import NameToken, Vocabulary, name_tokens, vocabulary
from ntrl.text.numbers import Number, Reading, numbers
from ntrl.text.quotes import Quotation, quotations
from ntrl.text.sentences import paragraphs, sentences
from ntrl.text.tokens import words

# Finds manipulative words in a text: their ranges.
Detector = Callable[[str], Iterable[Range]]
# No honest text is longer; what lies behind is not read, and so the text fails by its length.
MAX_BODY_CHARS = 200_000
_MAX_BRIEF_CHARS = 20_000
_MAX_LINE_CHARS = 2_000
# Enough of a sentence's end to hold two words.
_TAIL_CHARS = 80
_MAX_CHARS = {
    Output.FEED_TITLE: _MAX_LINE_CHARS,
    Output.FEED_SUMMARY: _MAX_LINE_CHARS,
    Output.DETAIL_TITLE: _MAX_LINE_CHARS,
    Output.DETAIL_BRIEF: _MAX_BRIEF_CHARS,
    Output.DETAIL_FULL: MAX_BODY_CHARS,
}
_EXCLAIMED = re.compile(r"(?<!\w)([^\W\d_]\w{0,20}!) (?=(.))")
# All quotation marks and apostrophes are one mark: which kind a publisher sets is not content.
_SAME_MARKS = str.maketrans(dict.fromkeys('‘’‚‛′`´ʼ＇“”„‟″«»＂"', "'") | dict.fromkeys("‐‑–—−", "-"))
# The same marks made straight where length must stay.
STRAIGHT = str.maketrans(dict.fromkeys("‘’‛′`´ʼ", "'") | dict.fromkeys("“”„‟", '"'))


@dataclass(frozen=True)
class Text:
    """One text and its readings, each worked out when first asked for."""

    text: str

    @cached_property
    def plain(self) -> str:
        """The text with marks, dashes and white space made equal, letters as they are. Offsets do not hold."""
        return plain(self.text)

    @cached_property
    def paragraphs(self) -> list[tuple[int, int]]:
        """Ranges between blank lines."""
        return paragraphs(self.text)

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """Ranges of sentences."""
        return sentences(self.text)

    @cached_property
    def quotations(self) -> list[Quotation]:
        """All quotations, scare quotes too."""
        return quotations(self.text)

    @cached_property
    def quoted(self) -> str:
        """What stands inside the quotations, made plain, a mark around each."""
        return "'" + "' '".join(plain(self.text[each.start : each.end]) for each in self.quotations) + "'"

    @cached_property
    def in_text(self) -> Haystack:
        """The text, for asking."""
        return Haystack(self.text)

    @cached_property
    def in_plain(self) -> Haystack:
        """The plain text, for asking."""
        return Haystack(self.plain)

    @cached_property
    def in_quoted(self) -> Haystack:
        """What stands inside the quotations, for asking."""
        return Haystack(self.quoted)

    @cached_property
    def in_lowered(self) -> Haystack:
        """The text in small letters, for asking."""
        return Haystack(self.lowered)

    @cached_property
    def quoted_words(self) -> frozenset[str]:
        """The words of each quotation, by themselves."""
        return frozenset(bare(self.text[each.start : each.end]) for each in self.quotations)

    @cached_property
    def numbers(self) -> list[Number]:
        """All numbers."""
        return numbers(self.text)

    @cached_property
    def readings(self) -> frozenset[Reading]:
        """Every value and unit that a number of the text may mean."""
        return frozenset(reading for number in self.numbers for reading in number.readings)

    @cached_property
    def dates(self) -> list[Date]:
        """All dates."""
        return dates(self.text)

    @cached_property
    def known_dates(self) -> KnownDates:
        """The dates, for asking."""
        years = {int(value) for value, unit in self.readings if not (unit or isinstance(value, str))}
        return KnownDates(self.dates, years)

    @cached_property
    def name_tokens(self) -> list[NameToken]:
        """All words, as names see them."""
        return name_tokens(self.text)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words, for asking."""
        return vocabulary(self.name_tokens)

    @cached_property
    def speech(self) -> list[Range]:
        """Ranges of the quotations that are somebody's words."""
        return [(each.start, each.end) for each in self.quotations if each.is_speech]

    @cached_property
    def sentence_counts(self) -> Counter[str]:
        """The sentences, made plain, and how often each is said."""
        return Counter(plain(self.text[start:end]) for start, end in self.sentences)

    @cached_property
    def plain_sentences(self) -> frozenset[str]:
        """The sentences, made plain."""
        return frozenset(self.sentence_counts)

    @cached_property
    def skeletons(self) -> Skeletons:
        """The sentences without their numbers and names."""
        return Skeletons(self.plain_sentences)

    @cached_property
    def first_words(self) -> frozenset[str]:
        """The words that sentences begin with, as written."""
        return frozenset(found[0].text for start, end in self.sentences if (found := words(self.text[start:end])))

    @cached_property
    def last_words(self) -> frozenset[str]:
        """The last two words of each sentence, in small letters."""
        tails = (words(self.text[max(start, end - _TAIL_CHARS) : end])[-2:] for start, end in self.sentences)
        return frozenset(" ".join(word.text.lower() for word in tail) for tail in tails)

    @cached_property
    def lowered(self) -> str:
        """The text in small letters with straight marks."""
        return self.text.translate(STRAIGHT).lower()

    @cached_property
    def capitals(self) -> Counter[str]:
        """How often each word, by its name's key, stands all in capitals."""
        return Counter(token.key for token in self.name_tokens if _is_upper(token))

    @cached_property
    def smalls(self) -> Counter[str]:
        """How often each word, by its name's key, stands in small letters."""
        return Counter(token.key for token in self._running_words if not token.has_capital)

    @cached_property
    def otherwise(self) -> Counter[str]:
        """How often each word, by its name's key, stands in any other form."""
        return Counter(token.key for token in self._running_words if not _is_upper(token))

    @cached_property
    def _running_words(self) -> list[NameToken]:
        """The words but for the pieces of addresses: "nist.gov" and "@nist" are not the word "nist"."""
        return [token for token in self.name_tokens if not _is_piece(self.text, token)]

    @cached_property
    def exclaimed_names(self) -> frozenset[str]:
        """Names that end in a mark, like "Yahoo!": the sentence goes on behind them with a small letter."""
        return frozenset(match[1] for match in _EXCLAIMED.finditer(self.text) if match[2].islower())


def plain(text: str) -> str:
    """Return `text` with quotation marks, dashes and white space made equal; letters keep their case."""
    return " ".join(text.translate(_SAME_MARKS).split())


def _is_piece(text: str, token: NameToken) -> bool:
    """Whether the word is part of an address, a file's name or a tag."""
    before, after = text[max(token.start - 1, 0) : token.start], text[token.end : token.end + 2]
    return (before != "" and before in "@#/_.") or (after[:1] in (".", "@", "/", "_") and after[1:2].isalnum())


def _is_upper(token: NameToken) -> bool:
    """Whether all letters are capitals, but for a possessive ending."""
    return token.text.removesuffix("'s").removesuffix("’s").isupper()


def bare(quotation: str) -> str:
    """The words between the marks, made plain, without the punctuation that typesetters move."""
    return plain(quotation).strip("' ").rstrip(".,;:!?' ")


class Subject:
    """One audit's input, prepared."""

    def __init__(
        self,
        body: str,
        outputs: Outputs,
        spans: Sequence[Span],
        edits: Sequence[Edit],
        detect: Detector | None = None,
    ) -> None:
        self.body = Text(body[:MAX_BODY_CHARS])
        self.unread = {output: size for output, size in _sizes(body, outputs) if size > _MAX_CHARS[output]}
        self.spans = tuple(spans)
        self.edits = tuple(edits)
        self.detect = detect
        # An unchanged text shares the body's readings.
        self._read: dict[Output, list[Sentence]] = {}
        self._texts = {
            output: self.body if getattr(outputs, output) == body else Text(getattr(outputs, output)[:limit])
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

    @cached_property
    def origins(self) -> Origins:
        """The body's sentences, for asking where words come from."""
        return Origins(self.body.text, self.body.sentences)

    @cached_property
    def full_origins(self) -> Origins:
        """The sentences of detail_full, for asking what of the body is told in it."""
        full = self._texts[Output.DETAIL_FULL]
        return self.origins if full is self.body else Origins(full.text, full.sentences)

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
        if output not in self._read:
            text = self[output]
            self._read[output] = [read(text.text, start, end) for start, end in text.sentences]
        return self._read[output]

    def own_sentences(self, output: Output) -> Iterator[tuple[int, Sentence]]:
        """The sentences that do not stand in the body as they are, with their places in the output."""
        if self[output] is self.body:
            return
        known = self.body.plain_sentences
        for index, (start, end) in enumerate(self[output].sentences):
            if plain(self[output].text[start:end]) not in known and self.read(output)[index].tokens:
                yield index, self.read(output)[index]

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
