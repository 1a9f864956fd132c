"""Where the main clause of a sentence begins, and the verb on which it stands."""

from collections.abc import Sequence
from functools import lru_cache

from neutralization.compose import vocabulary as v
from neutralization.compose.attribution import tail_of
from neutralization.compose.tokens import Token, Tokens
from neutralization.compose.verbs import NO, YES, finite, next_word, word_before

# A longer insertion, or opening phrase, is most likely not one.
MAX_INSERTION_TOKENS = 30
_MID_SUBORDINATORS = frozenset({"because", "although", "though", "while", "if"})


def clause_start(tokens: Sequence[Token]) -> int | None:
    """Where the main clause begins: after an opening phrase or clause and its comma; None when there is none."""
    first = tokens[0].low
    if first in v.RELATIVES - {"that", "when", "where"} | {"because", "whether"}:
        return None
    if first == "not" and next_word(tokens, 0) in v.PREPOSITIONS - {"to"}:
        return None
    opens = v.PREPOSITIONS | v.SUBORDINATORS | v.DAYS | {"when", "where", "earlier", "later", "today", "yesterday"}
    is_time = first in v.TIME_UNITS and tokens[1].low in {"before", "after"}
    is_phrase = is_time or (
        first in opens or (first == "even" and tokens[1].low in v.SUBORDINATORS) or first.endswith(("ing", "ed", "ly"))
    )
    counts = first in {"about", "around", "over", "under"} and tokens[1].text[:1].isdecimal()
    if not is_phrase or counts:
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


@lru_cache(maxsize=256)  # each of the ways to shorten a sentence asks
def main_verb(tokens: Tokens) -> int | None:
    """Position of the verb of the main clause, or None when no main clause is found; never an attribution's."""
    start = clause_start(tokens)
    if start is None:
        return None
    return verb_of(tokens[: tail_of(tokens).start], start)


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
        if token.low in v.SUBJECT_PRONOUNS - {"there"} and at > start and tokens[at - 1].is_word and not pending:
            pending += 1  # "the charges he faced were …"
            continue
        strength = finite(tokens, at)
        if strength == NO or word_before(tokens, at) in {"and", "or"}:
            continue
        if pending:
            pending -= 1
        elif strength == YES:
            return at
        elif unsure is None and commas % 2 == 0:
            unsure = at
    return unsure


def _opens_second_clause(tokens: Sequence[Token], at: int) -> bool:
    if [token.low for token in tokens[at + 1 : at + 3]] == ["as", "well"]:
        return False
    return tokens[at].is_mark(",;") and next_word(tokens, at) in v.COORDINATORS | v.SUBORDINATORS
