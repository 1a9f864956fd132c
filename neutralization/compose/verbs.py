"""Find the verb on which a sentence stands, by closed lists and by what is around each word."""

from collections.abc import Sequence

from neutralization.compose import vocabulary as v
from neutralization.compose.tokens import Kind, Token

# A longer insertion, or opening phrase, is most likely not one.
MAX_INSERTION_TOKENS = 30
# How sure it is that a word is a finite verb.
NO, MAYBE, YES = 0, 1, 2
# Participles that carry an object, so that what follows them doesn't make them a past.
_MID_SUBORDINATORS = frozenset({"because", "although", "though", "while", "if"})
_NAMING = frozenset({"named", "called", "dubbed", "titled", "given", "nicknamed", "entitled", "offered", "awarded"})


def finite(tokens: Sequence[Token], at: int) -> int:
    """How surely the token at `at` is a finite verb: `NO`, `MAYBE` or `YES`."""
    token = tokens[at]
    if not token.is_word or (token.is_capital and at > 0 and not token.text.isupper()):
        return YES if token.low in v.CONTRACTED else NO
    before = _before(tokens, at)
    if token.low in v.CONTRACTED:
        return YES
    if token.low in v.FINITE_AUXILIARIES:
        return NO if before in v.MODALS or before in v.POSSESSIVES or before == "to" else YES
    if token.low in v.PURE_PASTS:
        return NO if before in v.BE | v.HAVE | v.DETERMINERS - v.PRONOUNS else YES
    if token.low in v.PRESENTS or token.low in v.PLURAL_PRESENTS:
        return _present(tokens, at, before)
    if is_past(token):
        return _past(tokens, at, before)
    return NO


def is_past(token: Token) -> bool:
    """Whether the word may be a past or a participle."""
    low = token.low
    if low in v.AMBIGUOUS_PASTS:
        return True
    return len(low) > 3 and low.endswith("ed") and low not in v.NOT_PASTS and "-" not in low


def _before(tokens: Sequence[Token], at: int) -> str:
    """The word before `at`, adverbs left out."""
    at -= 1
    while at >= 0 and (tokens[at].low in v.ADVERBS or _is_ly(tokens[at])):
        at -= 1
    return tokens[at].low if at >= 0 else ""


def _is_ly(token: Token) -> bool:
    return token.is_word and len(token.low) > 4 and token.low.endswith("ly") and not token.is_capital


def _present(tokens: Sequence[Token], at: int, before: str) -> int:
    word = tokens[at].low
    not_finite = v.MODALS | v.DO | v.POSSESSIVES | (v.DETERMINERS - v.PRONOUNS) | v.PREPOSITIONS | {"and", "to", "not"}
    if before in not_finite or not before:
        return NO
    if before in v.SUBJECT_PRONOUNS:
        return YES
    if word in v.NOUN_OR_PRESENT:
        return MAYBE if _opens_object(tokens, at + 1) or _next(tokens, at) == "to" else NO
    if word in v.PLURAL_PRESENTS:
        return YES if before.endswith("s") or before in {"people", "men", "women", "children"} else NO
    return YES


def _past(tokens: Sequence[Token], at: int, before: str) -> int:
    not_finite = v.BE | v.HAVE | v.POSSESSIVES | v.PREPOSITIONS | (v.DETERMINERS - v.PRONOUNS) | {"and", "get", "got"}
    following = _next(tokens, at)
    if before in not_finite or not before:
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
    return YES if _opens_object(tokens, at + 1) or _is_number(tokens, at + 1) else MAYBE


def _next(tokens: Sequence[Token], at: int) -> str:
    return tokens[at + 1].low if at + 1 < len(tokens) else ""


def _is_number(tokens: Sequence[Token], at: int) -> bool:
    return at < len(tokens) and any(sign.isdigit() for sign in tokens[at].text)


def _opens_object(tokens: Sequence[Token], at: int) -> bool:
    if at >= len(tokens):
        return False
    token = tokens[at]
    return token.low in v.DETERMINERS | v.PRONOUNS or token.is_capital or token.kind is Kind.QUOTE


def clause_start(tokens: Sequence[Token]) -> int | None:
    """Where the main clause begins: after an opening phrase or clause and its comma; None when there is none."""
    first = tokens[0].low
    if first in v.RELATIVES - {"that", "when", "where"} | {"because", "whether"}:
        return None
    opens = v.PREPOSITIONS | v.SUBORDINATORS | v.DAYS | {"when", "where", "earlier", "later", "today", "yesterday"}
    is_phrase = first in opens or first.endswith(("ing", "ed", "ly"))
    if not is_phrase:
        return 0
    for at, token in enumerate(tokens[:MAX_INSERTION_TOKENS]):
        if token.is_mark(",") and _opens_clause(tokens, at + 1):
            return at + 1
    return None if first in v.SUBORDINATORS - v.PREPOSITIONS or first in {"when", "where"} else 0


def _opens_clause(tokens: Sequence[Token], at: int) -> bool:
    """Whether a subject begins at `at`, and its verb comes before the next comma or after a pair of them."""
    closed = v.PREPOSITIONS | v.COORDINATORS | v.RELATIVES | v.SUBORDINATORS
    if at >= len(tokens) or tokens[at].low in closed or tokens[at].low.endswith(("ing", "ed")):
        return False
    verb = verb_of(tokens, at)
    if verb is None or (verb == at and tokens[at].low not in v.CONTRACTED):
        return False
    commas = sum(token.is_mark(",") for token in tokens[at:verb])
    return commas in {0, 2} and not any(token.low == "and" and commas for token in tokens[at:verb])


def main_verb(tokens: Sequence[Token]) -> int | None:
    """Position of the verb of the main clause, or None when no main clause is found."""
    start = clause_start(tokens)
    return None if start is None else verb_of(tokens, start)


def verb_of(tokens: Sequence[Token], start: int) -> int | None:
    """Position of the verb of the clause that begins at `start`, or None.

    Verbs of relative and subordinate clauses are passed over. A sure verb is taken before an unsure one that
    stands earlier, since a participle after its noun ("the man arrested in Ohio was …") looks like a past.
    """
    pending = 0  # clauses within the subject whose verb is still to come
    commas = 0
    unsure: int | None = None
    for at in range(start, len(tokens)):
        token = tokens[at]
        commas += token.is_mark(",")
        if unsure is not None and _opens_second_clause(tokens, at):
            return unsure
        if token.low in v.RELATIVES | _MID_SUBORDINATORS and at > start:
            pending += 1
            continue
        if token.low in v.SUBJECT_PRONOUNS and at > start and tokens[at - 1].is_word and not pending:
            pending += 1  # "the charges he faced were …"
            continue
        strength = finite(tokens, at)
        if strength == NO or _before(tokens, at) in {"and", "or"}:
            continue
        if pending:
            pending -= 1
        elif strength == YES:
            return at
        elif unsure is None and commas % 2 == 0:
            unsure = at
    return unsure


def _opens_second_clause(tokens: Sequence[Token], at: int) -> bool:
    return tokens[at].is_mark(",;") and _next(tokens, at) in v.COORDINATORS | v.SUBORDINATORS
