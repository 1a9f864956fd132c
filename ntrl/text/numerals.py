"""The English words for numbers, and the arithmetic that joins them into one."""

from dataclasses import dataclass
from fractions import Fraction

from ntrl.text import common_words

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_BELOW_TWENTY = {word: value for value, word in enumerate(f"{_ONES} seventeen eighteen nineteen".split())}
_TENS = {
    word: value * 10
    for value, word in enumerate(
        common_words.word_list("twenty thirty forty fifty sixty seventy eighty ninety"), start=2
    )
}
_ORDINALS_BELOW_TWENTY = {
    word: value
    for value, word in enumerate(
        common_words.word_list(
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
            "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
        ),
        start=1,
    )
}
_ORDINAL_TENS = {word[:-1] + "ieth": value for word, value in _TENS.items()}
_SCALES = {
    "thousand": 10**3,
    "lakh": 10**5,
    "million": 10**6,
    "crore": 10**7,
    "billion": 10**9,
    "trillion": 10**12,
}

BELOW_HUNDRED = _BELOW_TWENTY | _TENS
_ORDINALS = _ORDINALS_BELOW_TWENTY | _ORDINAL_TENS
DECADES = {word[:-1] + "ies": value for word, value in _TENS.items()}
VAGUE = {
    "dozens": 12,
    "hundreds": 10**2,
    "thousands": 10**3,
    "millions": 10**6,
    "billions": 10**9,
    "trillions": 10**12,
}
DENOMINATORS = {"third": 3, "quarter": 4} | {
    word: value for word, value in _ORDINALS_BELOW_TWENTY.items() if 5 <= value <= 10
}
SHARED_SCALES = sorted(_SCALES.values())

SCALES_AFTER_DIGITS = _SCALES | {"hundred": 10**2, "dozen": 12, "mn": 10**6, "m": 10**6, "bn": 10**9, "tn": 10**12}
LETTER_SCALES = {
    "k": 10**3,
    "m": 10**6,
    "mn": 10**6,
    "mln": 10**6,
    "b": 10**9,
    "bn": 10**9,
    "t": 10**12,
    "tn": 10**12,
    "trn": 10**12,
}
ORDINAL_SUFFIXES = frozenset({"st", "nd", "rd", "th"})
FRACTION_SIGNS = {
    "½": Fraction(1, 2),
    "⅓": Fraction(1, 3),
    "⅔": Fraction(2, 3),
    "¼": Fraction(1, 4),
    "¾": Fraction(3, 4),
    "⅕": Fraction(1, 5),
    "⅖": Fraction(2, 5),
    "⅗": Fraction(3, 5),
    "⅘": Fraction(4, 5),
    "⅙": Fraction(1, 6),
    "⅚": Fraction(5, 6),
    "⅛": Fraction(1, 8),
    "⅜": Fraction(3, 8),
    "⅝": Fraction(5, 8),
    "⅞": Fraction(7, 8),
}

CURRENCIES = {
    "$": "$",
    "dollar": "$",
    "dollars": "$",
    "usd": "$",
    "£": "£",
    "pound": "£",
    "pounds": "£",
    "gbp": "£",
    "€": "€",
    "euro": "€",
    "euros": "€",
    "eur": "€",
    "¥": "¥",
    "yen": "¥",
    "yuan": "¥",
    "₹": "₹",
    "rupee": "₹",
    "rupees": "₹",
    "cent": "¢",
    "cents": "¢",
}
CURRENCIES_BEFORE = frozenset({"$", "£", "€", "¥", "₹", "usd", "gbp", "eur"})

OPENING_WORDS = frozenset({"a", "half", "hundred", "dozen"}).union(BELOW_HUNDRED, _ORDINALS, _SCALES, DECADES, VAGUE)

# "One" before these stands for a person or thing already named: "one of them", "the one that".
NOT_AFTER_ONE = common_words.word_set(
    "of another who that which is was are were has had would could can may might will should in on to for with "
    "and or but as by from at s ll d the this it he she they we i you not also than over"
)
NOT_BEFORE_ONE = common_words.word_set("no any every each this that which the another some such either neither only")
# "The second half" is a part of a match, not a number.
NOT_BEFORE_HALF = common_words.word_set("first second other latter better top bottom back front upper lower this")


@dataclass(slots=True)
class Sum:
    """Adds up the words of one number. `is_closed` once an ordinal or a dozen has ended it."""

    total: int = 0
    group: int = -1  # what the next scale multiplies; -1 when nothing stands there
    last_scale: int = 10**15
    is_closed: bool = False
    is_weak: bool = False

    @property
    def value(self) -> Fraction:
        """The sum so far."""
        return Fraction(self.total + max(self.group, 0))

    @property
    def takes_and(self) -> bool:
        """Whether "and" may follow: "two hundred and six", "one thousand and one", never "two and six"."""
        is_hundreds = self.group >= 100 and self.group % 100 == 0
        return not self.is_closed and (is_hundreds or (self.group < 0 and self.total > 0))

    def add(self, word: str) -> bool:
        """Add `word`; return False, changing nothing, when it can't belong to the same number."""
        if self.is_closed:
            return False
        if word in BELOW_HUNDRED:
            return self._add_small(BELOW_HUNDRED[word])
        if word in _ORDINALS:
            self.is_closed = self._add_small(_ORDINALS[word])
            self.is_weak = _ORDINALS[word] <= 3
            return self.is_closed
        if word == "hundred":
            return self._multiply_group(100)
        if word == "dozen":
            self.is_closed = self._multiply_group(12)
            return self.is_closed
        return word in _SCALES and self._add_scale(_SCALES[word])

    def _add_small(self, value: int) -> bool:
        ones = self.group % 100 if self.group >= 0 else 0
        fits = self.group < 0 or (self.group > 0 and ones == 0) or (ones in _TENS.values() and 0 < value < 10)
        if fits:
            self.is_weak = self.group < 0 and not self.total and value == 1
            self.group = max(self.group, 0) + value
        return fits

    def _multiply_group(self, by: int) -> bool:
        if self.group == 0 or self.group >= 100 or (self.group < 0 and self.total):
            return False
        self.is_weak = self.group < 0
        self.group = max(self.group, 1) * by
        return True

    def _add_scale(self, scale: int) -> bool:
        if scale >= self.last_scale or self.group == 0 or (self.group < 0 and self.total):
            return False
        self.is_weak = self.group < 0
        self.total += max(self.group, 1) * scale
        self.group, self.last_scale = -1, scale
        return True
