"""Cuts that end a sentence earlier, before its closing attribution: at a comma, a dash, a clause or a preposition."""

from collections.abc import Iterator

from neutralization.compose import vocabulary as v
from neutralization.compose.deletions import Shorter, attributes, is_place, tail_start
from neutralization.compose.tokens import Kind, Token, Tokens
from neutralization.compose.verbs import finite, is_past, main_verb, verb_of

# After a comma these open something that may go, and what the loss costs.
_AFTER_COMMA = {
    "who": 0.7, "which": 0.7, "where": 0.8, "whose": 0.8, "when": 0.9, "including": 0.7, "and": 1.3, "but": 2.2,
    "though": 2.0, "although": 2.0, "while": 1.5, "as": 1.0, "after": 1.0, "before": 1.2, "because": 1.3,
    "with": 0.9, "despite": 1.2, "amid": 0.8, "following": 0.8, "even": 1.3, "since": 1.0, "so": 1.2, "in": 1.0,
    "at": 1.0, "during": 1.0, "for": 1.2, "from": 1.0, "both": 0.8, "along": 0.9, "whereas": 1.5, "particularly": 0.9,
    "especially": 0.9, "such": 0.9, "like": 1.0, "due": 1.2, "thanks": 1.0, "led": 0.8, "up": 1.0, "down": 1.0,
    "compared": 1.4, "according": 9.0,
}  # fmt: skip
_CLAUSE_COST = {
    "after": 1.0, "before": 1.2, "while": 1.2, "when": 1.2, "because": 1.4, "amid": 0.9, "following": 0.9,
    "despite": 1.3, "during": 1.0, "since": 1.0, "where": 1.2, "as": 1.2,
}  # fmt: skip


def cuts(tokens: Tokens) -> Iterator[Shorter]:
    """Yield the sentence ended at every place where it may end, each with its cost."""
    verb = main_verb(tokens)
    if verb is None:
        return
    tail = tail_start(tokens)
    for at in range(verb + 2, tail):
        cost = _cost(tokens, at, verb, tail)
        if cost is not None and _may_go(tokens[at:tail]) and _may_end(tokens, at, verb):
            yield tokens[:at] + tokens[tail:], cost


def _may_go(cut: Tokens) -> bool:
    conditional = any(token.low in v.CONDITIONS for token in cut)
    return not conditional and (not attributes(cut) or (cut[0].is_mark(",;") and cut[1].low in {"who", "which", "and"}))


def _cost(tokens: Tokens, at: int, verb: int, tail: int) -> float | None:
    token = tokens[at]
    if token.is_mark(","):
        return _comma_cost(tokens, at, verb, tail)
    if token.is_mark(";"):
        return 0.8
    if (token.is_dash and token.spaced) or token.text in {"—", "--"}:
        return 1.0
    if token.is_mark(":"):
        return 1.6 if tokens[at - 1].low not in v.REPORTING else None
    if token.kind is not Kind.WORD:
        return None
    if token.low == "and":
        return 1.4 if _joins_verb(tokens, at, verb) else None
    if token.low in _CLAUSE_COST and _opens_clause(tokens, at, tail):
        return _CLAUSE_COST[token.low]
    if token.low in {"who", "which"} and _after_noun(tokens, at):
        return 1.2
    if token.low == "showing" and _after_noun(tokens, at):
        return 1.2
    return _phrase_cost(tokens, at)


def _after_noun(tokens: Tokens, at: int) -> bool:
    before = tokens[at - 1]
    closed = v.PREPOSITIONS | v.PRONOUNS | v.DETERMINERS | v.COORDINATORS | v.ADVERBS | v.REPORTING
    return before.is_word and before.low not in closed and finite(tokens, at - 1) == 0


def _comma_cost(tokens: Tokens, at: int, verb: int, tail: int) -> float | None:
    following = tokens[at + 1]
    if _is_region(tokens, at, tail):
        return 0.4
    if following.low in v.COORDINATORS | {"while", "as", "so"} and verb_of(tokens[:tail], at + 2) is None:
        return None
    if (
        any(token.low in {"neither", "either", "between"} for token in tokens[verb:at])
        and following.low in v.COORDINATORS
    ):
        return None
    if following.low in _AFTER_COMMA:
        in_list = following.low in {"and", "or"} and any(token.is_mark(",") for token in tokens[verb:at])
        return None if in_list else _AFTER_COMMA[following.low]
    if following.low.endswith("ing") and following.low not in v.ING_NOT_VERBS:
        return 1.0
    if is_past(following) and tokens[at + 2 : at + 3] and tokens[at + 2].low in v.PREPOSITIONS:
        return 1.0
    opens_apposition = following.low in {"a", "an", "the", "his", "her", "its", "their"}
    is_list = any(
        token.low in {"and", "or"} and tokens[number - 1].is_mark(",")
        for number, token in enumerate(tokens)
        if number > at
    )
    if opens_apposition and not is_list and not _has_verb(tokens[at + 1 : tail]):
        return 0.8
    return None


def _is_region(tokens: Tokens, at: int, tail: int) -> bool:
    """Whether the comma at `at` opens the last words, which only say where a place lies: "Santa Fe, New Mexico"."""
    return is_place(tokens, at, tokens[at + 1 : tail])


def _has_verb(tokens: Tokens) -> bool:
    return any(finite(tokens, at) == 2 for at in range(1, len(tokens)))


def _joins_verb(tokens: Tokens, at: int, verb: int) -> bool:
    """Whether "and" at `at` adds a second verb to the subject's first."""
    following = at + 1
    while following < len(tokens) and (tokens[following].low in v.ADVERBS or tokens[following].low.endswith("ly")):
        following += 1
    if following >= len(tokens) or any(token.low in {"both", "between", "either"} for token in tokens[verb:at]):
        return False
    word = tokens[following]
    if word.is_capital or tokens[at - 1].low.endswith("ing"):
        return False
    joined = v.FINITE_AUXILIARIES | v.PURE_PASTS | v.AMBIGUOUS_PASTS
    is_verb = word.low in joined or is_past(word) or (word.low in v.PRESENTS and word.low not in v.NOUN_OR_PRESENT)
    return is_verb and not is_past(tokens[at - 1]) and at - verb > 2


def _opens_clause(tokens: Tokens, at: int, tail: int) -> bool:
    if tokens[at].low != "as":
        return True
    before = tokens[at - 1]
    if before.low in {
        "as",
        "such",
        "well",
        "much",
        "many",
        "long",
        "soon",
        "far",
        "same",
        "just",
        "so",
        "known",
    } or is_past(before):
        return False
    clause = tokens[at + 1 : tail]
    return (
        bool(clause)
        and (clause[0].is_capital or clause[0].low in v.DETERMINERS | v.SUBJECT_PRONOUNS)
        and _has_verb(clause)
    )


def _phrase_cost(tokens: Tokens, at: int) -> float | None:
    low = tokens[at].low
    cost = 1.2 if low in v.PLACE_AND_TIME else 2.0 if low in v.MANNER else 2.6 if low in v.TOPIC else None
    if any(token.low in v.NEEDING.get(low, ()) for token in tokens[:at]):
        return None
    if low == "in" and tokens[at + 1 : at + 2] and tokens[at + 1].low == "order":
        return 1.0
    return cost


def _may_end(tokens: Tokens, at: int, verb: int) -> bool:
    """Whether the sentence can stop before `at`."""
    last, token = tokens[at - 1], tokens[at]
    if last.kind is Kind.MARK or last.low in v.DANGLING:
        return False
    if token.kind is Kind.MARK or (token.low in _CLAUSE_COST and token.low not in v.PLACE_AND_TIME):
        return last.low not in v.FINITE_AUXILIARIES
    if last.low in v.HUNGRY or last.low in v.REPORTING or last.low in v.PRONOUNS or last.low in v.ADVERBS:
        return False
    if last.low.endswith("ing") and last.low not in v.ING_NOT_VERBS:
        return False
    if last.low.endswith("ly") or (any(sign.isdigit() for sign in last.text) and not _is_money(last)):
        return False
    if at - 1 > verb and (is_past(last) or last.low in v.PARTICIPLES):
        return last.low in v.INTRANSITIVE or tokens[at - 2].low in v.BE - {"being"}
    return finite(tokens, at - 1) == 0 or last.low in v.INTRANSITIVE


def _is_money(token: Token) -> bool:
    return token.text[0] in "$£€¥" or token.text.endswith("%")
