"""What the audit's rules look at: a body, its outputs, and what was read out of each text, once."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from neutralization.audit.alignment import Alignment, Range, align
from neutralization.audit.dates import Date, KnownDates, dates
from neutralization.audit.swaps import Skeletons
from neutralization.types import Edit, Output, Outputs, Span
from ntrl.text.names import NameToken, Vocabulary, name_tokens, vocabulary
from ntrl.text.numbers import Number, Reading, numbers
from ntrl.text.quotes import Quotation, quotations
from ntrl.text.sentences import paragraphs, sentences
from ntrl.text.tokens import words

# Enough of a sentence's end to hold two words.
_TAIL_CHARS = 80
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
        return Counter(token.key for token in self.name_tokens if not token.has_capital)

    @cached_property
    def otherwise(self) -> Counter[str]:
        """How often each word, by its name's key, stands in any other form."""
        return Counter(token.key for token in self.name_tokens if not _is_upper(token))


def plain(text: str) -> str:
    """Return `text` with quotation marks, dashes and white space made equal; letters keep their case."""
    return " ".join(text.translate(_SAME_MARKS).split())


def _is_upper(token: NameToken) -> bool:
    """Whether all letters are capitals, but for a possessive ending."""
    return token.text.removesuffix("'s").removesuffix("’s").isupper()


def bare(quotation: str) -> str:
    """The words between the marks, made plain, without the punctuation that typesetters move."""
    return plain(quotation).strip("' ").rstrip(".,;:!?' ")


def holds(text: str, words: str) -> bool:
    """Whether `words` stand in `text` as whole words, their first letter small or capital. Both are plain."""
    forms = {words, words[:1].upper() + words[1:], words[:1].lower() + words[1:]}
    return any(_has_whole(text, form) for form in forms if form)


def _has_whole(text: str, words: str) -> bool:
    at = text.find(words)
    while at >= 0:
        end = at + len(words)
        if not text[at - 1 : at].isalnum() and not text[end : end + 1].isalnum():
            return True
        at = text.find(words, end)
    return False


class Subject:
    """One audit's input, prepared."""

    def __init__(self, body: str, outputs: Outputs, spans: Sequence[Span], edits: Sequence[Edit]) -> None:
        self.body = Text(body)
        self.spans = tuple(spans)
        self.edits = tuple(edits)
        # An unchanged text shares the body's readings.
        self._texts = {
            output: self.body if getattr(outputs, output) == body else Text(getattr(outputs, output))
            for output in Output
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

    def is_judged(self, found: Range) -> bool:
        """Whether form may judge `found` in detail_full: it meets such a range, or joins words that stood apart."""
        if meets(found, self.judged):
            return True
        place = bisect_right(self.alignment.seams, found[0])
        return place < len(self.alignment.seams) and self.alignment.seams[place] < found[1]


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
