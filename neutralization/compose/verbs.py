"""Which words are finite verbs, told by closed lists and by what is around each word."""

from collections.abc import Sequence

from neutralization.compose import vocabulary as v
from neutralization.compose.tokens import Kind, Token

# How sure it is that a word is a finite verb.
NO, MAYBE, YES = 0, 1, 2
_OPENS_OBJECT = v.DETERMINERS | v.PRONOUNS
_ARTICLES = v.DETERMINERS - v.PRONOUNS
_BEFORE_NO_PAST = v.BE | v.HAVE | v.MODALS | _ARTICLES | {"to"}
_BEFORE_NO_PRESENT = v.MODALS | v.DO | v.POSSESSIVES | _ARTICLES | v.PREPOSITIONS | {"and", "to", "not"}
_BEFORE_PARTICIPLE = v.BE | v.HAVE | v.POSSESSIVES | v.PREPOSITIONS | _ARTICLES | {"and", "get", "got"} | v.LINKING
_CLOSED = v.DETERMINERS | v.PREPOSITIONS | v.PRONOUNS | v.COORDINATORS | v.ADVERBS | v.SUBORDINATORS
_PLURALS_ONLY = v.PLURAL_PRESENTS - v.SINGULAR_NOUNS
_OBJECT_ARTICLES = frozenset({"the", "a", "an", "its", "his", "her", "their"})
# Participles that carry an object, so that what follows them doesn't make them a past.
_NAMING = frozenset({"named", "called", "dubbed", "titled", "given", "nicknamed", "entitled", "offered", "awarded"})


def finite(tokens: Sequence[Token], at: int) -> int:
    """How surely the token at `at` is a finite verb: `NO`, `MAYBE` or `YES`."""
    token = tokens[at]
    if not token.is_word or (token.is_capital and at > 0 and not token.text.isupper()):
        return YES if token.low in v.CONTRACTED else NO
    before = word_before(tokens, at)
    if token.low in v.CONTRACTED:
        return YES
    if token.low in v.FINITE_AUXILIARIES:
        return NO if before in v.MODALS or before in v.POSSESSIVES or before == "to" else YES
    if token.low in v.PURE_PASTS:
        return NO if before in _BEFORE_NO_PAST else YES
    if token.low in v.PRESENTS or token.low in v.PLURAL_PRESENTS:
        return _present(tokens, at, before)
    if is_past(token):
        return _past(tokens, at, before)
    is_object_next = opens_object(tokens, at + 1) or _is_number(tokens, at + 1) or next_word(tokens, at) in v.NUMBERS
    # "that reach two miles": whatever the word is, here it is a verb.
    follows_relative = at > 1 and tokens[at - 1].low in {"that", "who", "which"} and not _is_closed(token)
    if is_object_next and follows_relative:
        return YES
    return MAYBE if _looks_present(token) and next_word(tokens, at) in _OBJECT_ARTICLES and _has_noun(before) else NO


def _looks_present(token: Token) -> bool:
    low = token.low
    return len(low) > 4 and low.endswith("s") and not low.endswith(("ss", "us", "is", "'s"))


def _has_noun(before: str) -> bool:
    return bool(before) and before not in _CLOSED and not before.endswith("s")


def _is_closed(token: Token) -> bool:
    return token.low in _CLOSED or token.is_capital


def is_past(token: Token) -> bool:
    """Whether the word may be a past or a participle."""
    low = token.low
    if low in v.AMBIGUOUS_PASTS:
        return True
    return len(low) > 3 and low.endswith("ed") and low not in v.NOT_PASTS and "-" not in low


def word_before(tokens: Sequence[Token], at: int) -> str:
    """The word before `at`, adverbs left out."""
    at -= 1
    while at >= 0 and (tokens[at].low in v.ADVERBS or _is_ly(tokens[at])):
        at -= 1
    return tokens[at].low if at >= 0 else ""


def _is_ly(token: Token) -> bool:
    return token.is_word and len(token.low) > 4 and token.low.endswith("ly") and not token.is_capital


def _present(tokens: Sequence[Token], at: int, before: str) -> int:
    word = tokens[at].low
    if before in _BEFORE_NO_PRESENT or not before:
        return NO
    if before in v.SUBJECT_PRONOUNS:
        return YES
    if word in v.NOUN_OR_PRESENT:
        if before.endswith(("'s", "s'")):
            return NO
        return YES if next_word(tokens, at) == "to" else MAYBE if opens_object(tokens, at + 1) else NO
    if word in _PLURALS_ONLY and (opens_object(tokens, at + 1) or next_word(tokens, at) == "more"):
        return YES
    if word in v.PLURAL_PRESENTS:
        return YES if before.endswith("s") or before in {"people", "men", "women", "children"} else NO
    return YES


def _past(tokens: Sequence[Token], at: int, before: str) -> int:
    following = next_word(tokens, at)
    if before in _BEFORE_PARTICIPLE or not before:
        return NO
    if before in v.SUBJECT_PRONOUNS:
        return YES
    if following == "by" and not _is_number(tokens, at + 2):
        return NO
    if tokens[at].low in _NAMING:
        return MAYBE
    if tokens[at].low in v.INTRANSITIVE:
        return YES
    if tokens[at - 1].is_capital:
        return YES
    return YES if opens_object(tokens, at + 1) or _is_number(tokens, at + 1) else MAYBE


def next_word(tokens: Sequence[Token], at: int) -> str:
    """The word after `at`, or nothing."""
    return tokens[at + 1].low if at + 1 < len(tokens) else ""


def _is_number(tokens: Sequence[Token], at: int) -> bool:
    return at < len(tokens) and any(sign.isdigit() for sign in tokens[at].text)


def opens_object(tokens: Sequence[Token], at: int) -> bool:
    """Whether an object may begin at `at`: "the …", "him", "Ohio", a quotation."""
    if at >= len(tokens):
        return False
    token = tokens[at]
    return token.low in _OPENS_OBJECT or token.is_capital or token.kind is Kind.QUOTE
