"""A text as the audit reads it: each of its readings is worked out once, when first asked for."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from neutralization.audit.dates import Date, KnownDates, dates
from neutralization.audit.origins import Origins
from neutralization.audit.ranges import Range
from neutralization.audit.reading import Sentence, read
from neutralization.audit.search import Haystack
from neutralization.audit.swaps import Skeletons
from ntrl.text.clock import BEFORE_TIME
from ntrl.text.names import NameToken, Vocabulary, name_tokens, vocabulary
from ntrl.text.numbers import Number, Reading, Value, numbers
from ntrl.text.quotes import Quotation, quotations
from ntrl.text.sentences import paragraphs, sentences
from ntrl.text.tokens import words

# No honest text is longer; what lies behind is not read, and so the text fails by its length.
MAX_BODY_CHARS = 200_000
# Enough of a sentence's end to hold two words.
_TAIL_CHARS = 80
# As much before a number as holds a word like "until".
_WORD_CHARS = 10
_EXCLAIMED = re.compile(r"(?<!\w)([^\W\d_]\w{0,20}!) (?=(.))")
# All quotation marks and apostrophes are one mark: which kind a publisher sets is not content.
_SAME_MARKS = str.maketrans(dict.fromkeys('‘’‚‛′`´ʼ＇“”„‟″«»＂"', "'") | dict.fromkeys("‐‑–—−", "-"))
# The same marks made straight where length must stay.
STRAIGHT = str.maketrans(dict.fromkeys("‘’‛′`´ʼ", "'") | dict.fromkeys("“”„‟", '"'))

# What takes time to work out, and is asked of every body.
_OF_A_BODY = ("origins", "quotations", "numbers", "dates", "name_tokens", "vocabulary", "plain_sentences", "skeletons")


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
    def read(self) -> list[Sentence]:
        """The sentences, read."""
        return [read(self.text, start, end) for start, end in self.sentences]

    @cached_property
    def origins(self) -> Origins:
        """The sentences, for asking where words come from."""
        return Origins(self.read)

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
    def hours(self) -> frozenset[Value]:
        """The numbers that may be times of day without saying so: "open at 8"."""
        return frozenset(each.value for each in self.numbers if BEFORE_TIME & set(self._words_before(each)))

    def _words_before(self, number: Number) -> list[str]:
        return self.text[max(number.start - _WORD_CHARS, 0) : number.start].lower().split()[-1:]

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


class Readings:
    """The texts read so far: a body that is judged again, with other outputs, is not read again."""

    def __init__(self) -> None:
        self._texts: dict[str, Text] = {}

    def of(self, text: str) -> Text:
        """The text, with what is read of it already."""
        return self._texts.setdefault(text, Text(text))

    def read_ahead(self, body: str) -> None:
        """Work out now what every audit of this body asks of it."""
        text = self.of(body[:MAX_BODY_CHARS])
        for name in _OF_A_BODY:
            getattr(text, name)


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
