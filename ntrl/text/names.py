"""Proper names by token: which words of a text have a capital that means something."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from ntrl.text import common_words
from ntrl.text.sentences import sentences

# "U.S." is one token; hyphens divide, so that each half of "Al-Assad" is looked for.
_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,8}|[^\W_]+(?:['’ʼ][^\W_]+)*")
# Before these a sentence may begin without a full stop: a label's colon, a quotation, a bullet, a dash.
_OPENERS = frozenset(":;—–“”‘'\"«„•*…!?")
# How much of the words of a headline have a capital before the headline is taken to be in title case.
TITLE_CASE_SHARE = 0.6
# Words this short keep their small letter in title case.
_TITLE_CASE_SMALL_CHARS = 3
_MAX_ACRONYM_CHARS = 6
_DEMONYM_ENDINGS = ("n", "an", "ian", "ean", "i", "ish", "ese")
_PLACE_ENDINGS = ("", "a", "e", "y", "o", "ia")
_PLURAL_OF_GROUP = ("an", "crat", "ist", "ite", "ese", "i")
# Two names that share less than this are two names.
_MIN_SHARED_CHARS = 4


class NameToken(NamedTuple):
    """A word, by the place in the text as given; `key` is what names are compared by.

    `has_capital` is True when any of its letters is a capital; `opens` where every word would have one.
    """

    start: int
    end: int
    text: str
    key: str
    has_capital: bool
    opens: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a text by key: those seen with a capital, those seen without, and initials of names."""

    capitals: frozenset[str]
    smalls: frozenset[str]
    initials: frozenset[str]


def name_tokens(text: str) -> list[NameToken]:
    """Return the words of `text` in order; digits alone are not words. Linear in the text."""
    starts = _first_letters(text, (start for start, _ in sentences(text)))
    found: list[NameToken] = []
    last_end = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        # The F of "86°F" is a unit.
        if not token[0].isdecimal() and text[match.start() - 1 : match.start()] != "°":
            gap = text[last_end : match.start()]
            opens = match.start() in starts or "\n" in gap or _is_opener(gap)
            found.append(NameToken(match.start(), match.end(), token, name_key(token), token != token.lower(), opens))
        last_end = match.end()
    return found


def name_key(token: str) -> str:
    """What a name is compared by: small letters, no accents, no full stops, no possessive ending."""
    if not token.isascii():
        decomposed = unicodedata.normalize("NFKD", token.replace("’", "'").replace("ʼ", "'"))
        token = "".join(char for char in decomposed if not unicodedata.combining(char))
    return token.casefold().replace(".", "").removesuffix("'s")


def vocabulary(tokens: Iterable[NameToken]) -> Vocabulary:
    """Collect the vocabulary of a text's tokens."""
    every = list(tokens)
    capitals = {token.key for token in every if token.has_capital}
    smalls = {token.key for token in every if not token.has_capital}
    return Vocabulary(frozenset(capitals), frozenset(smalls), frozenset(_initials(every)))


def unknown_names(tokens: list[NameToken], known: Vocabulary) -> list[NameToken]:
    """Return the names among `tokens` that `known` does not hold.

    A capital says nothing where a sentence opens and in title case; there a word counts as a name only when it is
    neither a word of the text in any form nor a common one.
    """
    in_title_case = is_in_title_case(tokens)
    unknown: list[NameToken] = []
    for index, token in enumerate(tokens):
        if not token.has_capital or token.key in known.capitals or token.key in common_words.NOT_NAMES:
            continue
        any_case = token.opens or in_title_case
        if any_case and _is_ordinary(tokens, index, known):
            continue
        if not any_case and _beside_capital(tokens, index) and _is_described(tokens, index, known):
            continue
        if not _is_derived(token, known):
            unknown.append(token)
    return unknown


def _is_opener(gap: str) -> bool:
    mark = gap.strip()[-1:]
    return bool(mark) and mark in _OPENERS


def _first_letters(text: str, starts: Iterable[int]) -> frozenset[int]:
    """Where the first word of each sentence starts, behind its quotation mark or bracket."""
    found = set()
    for start in starts:
        while start < len(text) and not text[start].isalnum() and not text[start].isspace():
            start += 1
        found.add(start)
    return frozenset(found)


def is_in_title_case(tokens: list[NameToken]) -> bool:
    """Whether nearly every long word has a capital, as in many headlines."""
    long = [token for token in tokens[1:] if len(token.text) > _TITLE_CASE_SMALL_CHARS]
    return len(long) >= 2 and sum(token.has_capital for token in long) >= TITLE_CASE_SHARE * len(long)


def _beside_capital(tokens: list[NameToken], index: int) -> bool:
    """Whether the word stands by a capital, as "President" does before a name; never "Bill" on its own."""
    beside = tokens[max(index - 1, 0) : index] + tokens[index + 1 : index + 2]
    return any(token.has_capital and not token.opens for token in beside)


def _is_ordinary(tokens: list[NameToken], index: int, known: Vocabulary) -> bool:
    key = tokens[index].key
    if key in known.smalls or key in common_words.OPENERS or key.endswith(common_words.ORDINARY_ENDINGS):
        return True
    if key in common_words.PREFIXES and index + 1 < len(tokens) and tokens[index + 1].start == tokens[index].end + 1:
        return True
    following = tokens[index + 1].key if index + 1 < len(tokens) else ""
    if key.endswith(common_words.PARTICIPLE_ENDINGS) and following in common_words.AFTER_PARTICIPLES:
        return True
    return common_words.stem(key) in common_words.STEMS or _has_form(key, known)


def _is_described(tokens: list[NameToken], index: int, known: Vocabulary) -> bool:
    """Whether an ordinary word stands before a name, or is the text's own behind it.

    "President Lee" names nobody new, "the Health Board" and "Dunmarrow United" do.
    """
    if index + 1 < len(tokens) and tokens[index + 1].has_capital:
        return _is_ordinary(tokens, index, known)
    key = tokens[index].key
    return key in known.smalls or key in common_words.OPENERS or _has_form(key, known)


def _has_form(key: str, known: Vocabulary) -> bool:
    """Whether the text has the word in another form, in small letters."""
    return any(form in known.smalls for form in common_words.forms(common_words.stem(key)))


def _is_derived(token: NameToken, known: Vocabulary) -> bool:
    """Whether a known name stands behind it: its initials, its people, its usual abbreviation."""
    key = token.key
    if key in known.initials or any(other in known.capitals for other in common_words.SAME_NAME.get(key, ())):
        return True
    if any(title in known.smalls for title in common_words.SAME_NAME.get(key, ())):
        return True
    if key.endswith("s") and key[:-1].endswith(_PLURAL_OF_GROUP) and len(key) > _MIN_SHARED_CHARS + 1:
        return key[:-1] in known.capitals or _has_base(key[:-1], known)
    return (key + "s" in known.capitals and key.endswith(_PLURAL_OF_GROUP)) or _has_base(key, known)


def _has_base(key: str, known: Vocabulary) -> bool:
    """Whether "Canadian" has its "Canada", or the reverse: the same letters but for the ending and a vowel."""
    people = [key.removesuffix(ending) for ending in _DEMONYM_ENDINGS if key.endswith(ending)]
    places = [base + vowel for base in people for vowel in _PLACE_ENDINGS if len(base) >= _MIN_SHARED_CHARS]
    bases = [key.removesuffix(vowel) for vowel in _PLACE_ENDINGS if key.endswith(vowel)]
    peoples = [base + end for base in bases for end in _DEMONYM_ENDINGS if len(base) >= _MIN_SHARED_CHARS]
    germans = [key.removesuffix("y")] if len(key) > _MIN_SHARED_CHARS else []
    return any(form in known.capitals for form in (*places, *peoples, *germans) if form != key)


def _initials(tokens: list[NameToken]) -> Iterable[str]:
    """Yield the initials of every run of names: "who" for World Health Organization."""
    for place, opener in enumerate(tokens):
        if opener.key in common_words.OFFICE_OPENERS:
            office = "".join(each.key[:1] for each in tokens[place : place + 4] if each.key != "of")
            # A chief executive is a chief executive officer.
            yield from (office[:2], office[:3], office[:2] + "o")
    run = ""
    for before, token in pairwise([None, *tokens]):
        assert token is not None
        if token.has_capital:
            joined = before is not None and token.start - before.end <= 1
            run = (run if joined else "") + token.key[:1]
            run = run[-_MAX_ACRONYM_CHARS:]
            yield from (run[-length:] for length in range(2, len(run) + 1))
        elif token.key not in common_words.WITHIN_NAMES:
            run = ""
