"""A sentence's words as the rules of attribution compare them: stems, verbs and clauses."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from neutralization.audit import cues
from neutralization.audit.ranges import Range
from ntrl.text.common_words import stem
from ntrl.text.tokens import WORD_CHARS

_TOKEN = re.compile(
    # The apostrophe of "the players' union" is the word's; one behind a full stop closes a quotation.
    rf"[{WORD_CHARS}]+(?:['’ʼ.,:&\-‐‑][{WORD_CHARS}]+)*(?:(?<=s)['’](?=\s[^\W\d_]))?|[^\w\s]"
)
# Longer than any sentence that somebody means to be read; what lies behind is not looked at.
MAX_TOKENS = 150
POSSESSIVE = ("'s", "s'")


class Token(NamedTuple):
    """A word or a mark at `start` to `end` of its text.

    `low` is the word in small letters with a straight apostrophe; `stem` is what words are compared by: "stole" and
    "stealing" are "steal", "six" is "6". `tells` is False for marks and for words that any sentence may have; `opens`
    is True for a sentence's first word, whose capital says nothing.
    """

    start: int
    end: int
    low: str
    stem: str
    has_capital: bool
    tells: bool
    opens: bool


def tokens_in(text: str, start: int, end: int) -> tuple[Token, ...]:
    """Return the words and marks of `text[start:end]`. Linear, and bounded by `MAX_TOKENS`."""
    found: list[Token] = []
    opens = has_opened = False
    for match in _TOKEN.finditer(text, start, end):
        opens = opens or match.group()[0].isalnum()
        found.append(_token(match, opens=opens and not has_opened))
        has_opened = opens
        if len(found) == MAX_TOKENS:
            break
    return tuple(found)


def clauses(tokens: Sequence[Token]) -> Iterator[Range]:
    """Yield the ranges of tokens between marks and words that join clauses."""
    start = 0
    for at, token in enumerate(tokens):
        if token.low in cues.BREAKS or token.low in cues.CLAUSE_WORDS:
            if at > start:
                yield start, at
            start = at + 1
    if start < len(tokens):
        yield start, len(tokens)


def is_verb(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word has a verb's form, and no article before it."""
    token = tokens[at]
    before = tokens[at - 1].low if at else ""
    if token.has_capital or not token.low[0].isalpha() or before in cues.BEFORE_NOUNS:
        return False
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    # "Tolls" is a verb only before its object.
    takes = following is not None and (following.has_capital or following.low in cues.BEFORE_NOUNS)
    has_form = token.low.endswith(("ed", "ing")) or (takes and token.low.endswith("s"))
    has_form = has_form or token.low in cues.IRREGULAR or token.low in cues.VERBS
    return has_form or before == "to" or before in cues.AUXILIARIES


def has_verb(tokens: Sequence[Token], places: Iterable[int]) -> bool:
    """Whether one of these words makes a clause: "a fire at a warehouse" tells nothing of who did what."""
    return any(tokens[at].low in cues.AUXILIARIES or is_verb(tokens, at) for at in places)


def is_month(token: Token) -> bool:
    """Whether the word names a month: "May" doubts nothing."""
    return token.has_capital and token.low in cues.MONTHS


def is_past(token: Token) -> bool:
    """Whether the word has a past's form."""
    return not token.has_capital and (token.low.endswith("ed") or token.low in cues.IRREGULAR)


def _token(match: re.Match[str], *, opens: bool) -> Token:
    text = match.group().replace("’", "'").replace("ʼ", "'")
    low = text.lower()
    base = low.removesuffix("'s").removesuffix("s'") if low.endswith(POSSESSIVE) else low
    tells = base[:1].isalnum() and base not in cues.EMPTY
    has_capital = text != low
    return Token(match.start(), match.end(), low, stem_of(base), has_capital, tells or base in cues.NUMERALS, opens)


def stem_of(word: str) -> str:
    """What a word in small letters is compared by."""
    if word in cues.NUMERALS:
        return cues.NUMERALS[word]
    if word[:1].isdecimal():
        return word.replace(",", "")
    return stem(cues.IRREGULAR.get(word, word))
