"""Which of "a" and "an" goes before a word, by its sound, as far as spelling tells; and where neither does."""

import re
from collections.abc import Sequence
from itertools import takewhile

from neutralization.grammar import is_function_word, is_plural
from ntrl.text import common_words
from ntrl.text.numerals import BELOW_HUNDRED

_ARTICLE = re.compile(r"(?<![\w'’.-])(an?)\s*\Z", re.IGNORECASE)
# An article with the longest space that is looked over.
_ARTICLE_CHARS = 12
_VOWEL_SOUND = re.compile(r"[aeiou]|8|1[18](?!\d)|hour|honest|honor|honour|heir")
# Vowels that sound as "you", "we" or "one".
_CONSONANT_SOUND = re.compile(
    r"eu|ewe|once|one(?!r)|ouija|ubiq|uefa|ufo|ugand|uigh|uyg|u[ksn]\b|ukr|ukul|unanim|uni(?![dmnr]|ll|ss)"
    r"|ur[aeiou]|us[aeiu]|ut[aeio]|uv[aeu]"
)
# Letters whose names begin with a vowel.
_VOWEL_LETTERS = frozenset("AEFHILMNORSX")
# What is read letter by letter, alone or before a hyphen: a letter, a few capitals, or more without a vowel.
_SPELLED_OUT = re.compile(r"(?:[A-Z][A-Z0-9]{0,2}|[B-DF-HJ-NP-TV-XZ]{4,6})(?=(?:['’]?s)?(?:[-‐‑]|\Z))|[a-z](?=[-‐‑])")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
# From a number to what it counts: "five first-half goals".
WORDS_TO_COUNTED = 4


def trailing_article(body: str, floor: int, end: int) -> tuple[int, int] | None:
    """Return the range of an indefinite article that stands directly before `end`, not before `floor`."""
    start = max(floor, end - _ARTICLE_CHARS)
    # One character more, so that the end of a longer word is not taken for an article.
    found = _ARTICLE.search(body, max(0, start - 1), end)
    return found.span(1) if found and found.start(1) >= start else None


def agreeing_article(article: str, word: str) -> str:
    """Return `article` in the form that fits before `word`, in its own case; unchanged when there is no word."""
    if not word:
        return article
    if _begins_with_vowel_sound(word):
        return article[0] + ("N" if article.isupper() and len(article) > 1 else "n")
    return article[0]


def counts_several(found: Sequence[str]) -> bool:
    """Tell whether words begin with a number of things, before which no article stands ("five goals")."""
    number, *rest = [word.casefold() for word in found] or [""]
    is_number = BELOW_HUNDRED.get(number, 0) > 1 or (
        number.isdecimal() and number != "1" and not _YEAR.fullmatch(number)
    )
    return is_number and any(map(is_plural, takewhile(lambda word: not is_function_word(word), rest)))


def _begins_with_vowel_sound(word: str) -> bool:
    spelled = _SPELLED_OUT.match(word)
    if spelled and not _is_common(spelled.group().lower()):
        return spelled.group()[0].upper() in _VOWEL_LETTERS
    lowered = word.casefold()
    return bool(_VOWEL_SOUND.match(lowered)) and not _CONSONANT_SOUND.match(lowered)


def _is_common(word: str) -> bool:
    """Tell whether capitals shout a word of several letters ("a NEW deal")."""
    return len(word) > 1 and (word in common_words.OPENERS or common_words.stem(word) in common_words.STEMS)
