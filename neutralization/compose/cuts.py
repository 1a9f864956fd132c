"""Cuts that end a sentence earlier, before its closing attribution: at a comma, a dash, a clause or a preposition."""

from collections.abc import Iterator
from itertools import pairwise

from neutralization.compose import vocabulary as v
from neutralization.compose.attribution import Shorter, attributes, tail_of
from neutralization.compose.clauses import main_verb, verb_of
from neutralization.compose.deletions import is_place
from neutralization.compose.tokens import Kind, Token, Tokens
from neutralization.compose.verbs import NO, YES, finite, is_past, opens_object

# After a comma these open something that may go, and what the loss costs.
_AFTER_COMMA = {
    "who": 0.7, "which": 0.7, "where": 0.8, "whose": 0.8, "when": 0.9, "including": 0.7, "and": 1.3, "but": 2.2,
    "though": 2.0, "although": 2.0, "while": 1.5, "as": 1.0, "after": 1.0, "before": 1.2, "because": 1.3,
    "with": 0.9, "despite": 1.2, "amid": 0.8, "following": 0.8, "even": 1.3, "since": 1.0, "so": 1.2, "in": 1.0,
    "at": 1.0, "during": 1.0, "for": 1.2, "from": 1.0, "both": 0.8, "along": 0.9, "whereas": 1.5, "particularly": 0.9,
    "especially": 0.9, "such": 0.9, "like": 1.0, "due": 1.2, "thanks": 1.0, "led": 0.8, "up": 1.0, "down": 1.0,
    "compared": 1.4,
}  # fmt: skip
# Conjunctions that end the main clause without a comma.
_CLAUSE_COST = {
    "after": 1.0, "before": 1.2, "while": 1.2, "when": 1.2, "because": 1.4, "amid": 0.9, "following": 0.9,
    "despite": 1.3, "during": 1.0, "since": 1.0, "as": 1.2,
}  # fmt: skip
# How far after a cut the preposition stands that a verb before it may need.
_NEAR_TOKENS = 8
# How far before a noun its article is looked for.
_NOUN_PHRASE_TOKENS = 5
_VERBS = (v.PRESENTS | v.PLURAL_PRESENTS) - v.SINGULAR_NOUNS - v.NOUN_OR_PRESENT
_NOT_NOUNS = v.PREPOSITIONS | v.PRONOUNS | v.DETERMINERS | v.COORDINATORS | v.ADVERBS | v.REPORTING | _VERBS
_NOT_LAST = v.HUNGRY | v.REPORTING | v.PRONOUNS | v.ADVERBS


def cuts(tokens: Tokens) -> Iterator[Shorter]:
    """Yield the sentence ended at every place where it may end, each with its cost."""
    verb = main_verb(tokens)
    if verb is None:
        return
    tail = tail_of(tokens).start
    for at in range(verb + 2, min(tail, len(tokens) - 1)):
        cost = _cost(tokens, at, verb, tail)
        if _source_is_of_cut(tokens, at, tail):
            continue
        if cost is not None and may_go(tokens[:at], tokens[at:tail]) and may_end(tokens, at, verb):
            yield tokens[:at] + tokens[tail:], cost


def _source_is_of_cut(tokens: Tokens, at: int, tail: int) -> bool:
    """Whether "according to …" may speak of the clause that would go: ", which ranks first, according to …"."""
    has_source = any(token.low == "according" for token in tokens[tail : tail + 2])
    return has_source and tokens[at].kind is Kind.MARK


def may_go(kept: Tokens, cut: Tokens) -> bool:
    """Whether no condition is lost, nor an attribution, nor half of what belongs together."""
    words = {token.low for token in kept}
    if _is_own_clause(cut):
        return "only" not in words or "not" not in words
    compares = any(token.low == "than" for token in cut) and bool(words & v.COMPARATIVES)
    narrows = any(token.low in v.SUPERLATIVES for token in kept[-_NOUN_PHRASE_TOKENS:]) or kept[-1].low == "time"
    conditions = v.CONDITIONS | ({"until"} if words & v.NEGATIONS else set())
    if _splits_verb(kept, cut) or compares or narrows or any(token.low in conditions for token in cut):
        return False
    has_rate = any(
        token.low in {"each", "every", "a", "per"} and following.low in v.TIME_UNITS
        for token, following in pairwise(cut)
    )
    return not attributes(cut) and not (has_rate and any(_has_digit(token) for token in kept))


def _is_own_clause(cut: Tokens) -> bool:
    """Whether what goes is a statement for itself, with its own conditions and its own source."""
    opening = cut[1] if cut[0].kind is Kind.MARK else cut[0]
    if opening.low == "as" or opening.low in v.CONDITIONS:
        return False
    if opening.low in v.SUBORDINATORS | v.RELATIVES | v.COORDINATORS or opening.low.endswith("ing"):
        return True
    return cut[0].kind is Kind.MARK and _describing_clause(cut[1:])


def _describing_clause(tokens: Tokens) -> bool:
    """Whether these are a noun and its relative clause: "a step that …", "work which …"."""
    for at, token in enumerate(tokens[:_NOUN_PHRASE_TOKENS]):
        if token.low in {"that", "which", "who"}:
            return at == 1 or (at > 1 and tokens[0].low in {"a", "an", "the"})
        if finite(tokens, at) == YES or not token.is_word:
            return False
    return False


def _splits_verb(kept: Tokens, cut: Tokens) -> bool:
    """Whether a verb stays and the preposition goes that it needs: "provides clinicians | with"."""
    near = [token.low for token in cut[:_NEAR_TOKENS]]
    near = near[: near.index(",")] if "," in near else near
    words = [token.low for token in kept]
    for low in near:
        verbs = [at for at, word in enumerate(words) if word in v.NEEDING.get(low, frozenset())]
        if verbs and low not in words[verbs[-1] :]:
            return True
    return near[:1] == ["to"] and _awaits_verb(kept)


def _awaits_verb(kept: Tokens) -> bool:
    """Whether a verb is still without the other that it governs: "voted 43-36 | to ban", "began on Friday | to"."""
    for token in reversed(kept):
        if token.low in v.GOVERNING:
            return True
        if token.low not in v.DAYS | {"on", "by", "to"} and not _has_digit(token):
            return False
    return False


def _cost(tokens: Tokens, at: int, verb: int, tail: int) -> float | None:
    token = tokens[at]
    if token.kind is Kind.MARK:
        return _comma_cost(tokens, at, verb, tail) if token.text == "," else _mark_cost(tokens, at)
    if token.kind is not Kind.WORD:
        return None
    if token.low == "and":
        if tokens[at + 1].low in {"which", "who", "that"}:
            return 0.9
        return 1.4 if _joins_verb(tokens, at, verb) else None
    if token.low in {"every", "each"} and tokens[at + 1].low in v.TIME_UNITS:
        return 2.0
    if token.low in _CLAUSE_COST and (token.low != "as" or _opens_as_clause(tokens, at, tail)):
        return _CLAUSE_COST[token.low]
    if _after_noun(tokens, at) and _describes(tokens, at, verb):
        return 1.3
    return _phrase_cost(tokens, at)


def _mark_cost(tokens: Tokens, at: int) -> float | None:
    token = tokens[at]
    if token.is_dash and (token.spaced or token.text in {"—", "--"}):
        return 1.0 if not any(word.is_dash for word in tokens[:at]) else None
    if token.text == ":":
        return 1.6 if tokens[at - 1].low not in v.REPORTING else None
    return 0.8 if token.text == ";" else None


def _comma_cost(tokens: Tokens, at: int, verb: int, tail: int) -> float | None:
    following = tokens[at + 1]
    if tokens[at - 1].low in v.COORDINATORS or _in_insertion(tokens, at):
        return None
    if is_place(tokens, at, tokens[at + 1 : tail]):
        return 0.4
    if following.low in v.COORDINATORS:
        return _AFTER_COMMA.get(following.low) if _joins_clause(tokens, at, verb, tail) else None
    if following.low in {"while", "as", "so"} and verb_of(tokens[:tail], at + 2) is None:
        return None
    if following.low in v.MEASURING:
        return 0.9 if any(token.low in {"as", "than", "to"} for token in tokens[at + 2 : tail]) else None
    if following.low == "to" and tokens[at + 2 : at + 3] and tokens[at + 2].text.islower():
        return 1.0
    if following.low in _AFTER_COMMA:
        return _AFTER_COMMA[following.low]
    if following.low.endswith("ing") and following.low not in v.ING_NOT_VERBS:
        return 1.0
    if is_past(following) and tokens[at + 2 : at + 3] and tokens[at + 2].low in v.PREPOSITIONS:
        return 1.0
    return 0.8 if _opens_apposition(tokens, at, tail) else None


def _in_insertion(tokens: Tokens, at: int) -> bool:
    """Whether the comma at `at` closes an insertion after "and": "and, in Europe, …"."""
    commas = [place for place in range(at) if tokens[place].is_mark(",")]
    return bool(commas) and tokens[commas[-1] - 1].low in v.COORDINATORS


def _joins_clause(tokens: Tokens, at: int, verb: int, tail: int) -> bool:
    """Whether the comma and its "and" or "but" open a clause, and not a list's last part."""
    if any(token.low in {"neither", "either", "between"} for token in tokens[verb:at]):
        return False
    return verb_of(tokens[:tail], at + 2) is not None


def _opens_apposition(tokens: Tokens, at: int, tail: int) -> bool:
    """Whether the comma at `at` is followed by another name for what stands before it, to the clause's end."""
    rest = tokens[at + 1 : tail]
    if _describing_clause(rest):
        return True
    if rest[0].low not in {"a", "an", "the", "his", "her", "its", "their"} or verb_of(rest, 0) is not None:
        return False
    return not any(
        token.is_mark(",") and rest[place + 1].low in v.COORDINATORS for place, token in enumerate(rest[:-1])
    )


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
    if any(token.low == "to" for token in tokens[verb:at]) and _opens_object(tokens, following + 1):
        return word.low not in v.DETERMINERS | v.PREPOSITIONS and not word.low.endswith("s")
    joined = v.FINITE_AUXILIARIES | v.PURE_PASTS | v.AMBIGUOUS_PASTS
    is_verb = word.low in joined or is_past(word) or (word.low in v.PRESENTS and word.low not in v.NOUN_OR_PRESENT)
    return is_verb and not is_past(tokens[at - 1]) and at - verb > 2


def _opens_object(tokens: Tokens, at: int) -> bool:
    return opens_object(tokens, at) or (at < len(tokens) and _has_digit(tokens[at]))


def _opens_as_clause(tokens: Tokens, at: int, tail: int) -> bool:
    clause = tokens[at + 1 : tail]
    if tokens[at - 1].low in v.BEFORE_AS or not clause:
        return False
    opens = clause[0].is_capital or clause[0].low in v.DETERMINERS | v.SUBJECT_PRONOUNS
    return opens and any(finite(clause, place) == YES for place in range(1, len(clause)))


def _after_noun(tokens: Tokens, at: int) -> bool:
    before = tokens[at - 1]
    return before.is_word and before.low not in _NOT_NOUNS and finite(tokens, at - 1) == NO


def _describes(tokens: Tokens, at: int, verb: int) -> bool:
    """Whether a description of the noun before `at` begins there that the noun can do without."""
    low = tokens[at].low
    following = tokens[at + 1] if at + 1 < len(tokens) else tokens[at]
    if low in v.DESCRIBING:
        return True
    if any(token.is_mark(",") for token in tokens[at - 4 : at]):
        return False  # ", a merger that …"
    if not _is_indefinite(tokens, at) or any(_reports(tokens, place) for place in range(verb, at)):
        return False
    if low in {"who", "which", "where"}:
        return True
    if low == "that":
        return verb_of(tokens, at + 1) is not None
    is_participle = low in v.PARTICIPLES or (is_past(tokens[at]) and finite(tokens, at) != YES)
    return is_participle and not tokens[at].is_capital and following.low in v.PREPOSITIONS


def _reports(tokens: Tokens, at: int) -> bool:
    """Whether a statement may follow, and no thing that was found: "found the remains of …"."""
    is_thing = tokens[at].low in {"found", "finds"} and tokens[at + 1].low in {"a", "an", "the"}
    return tokens[at].low in v.REPORTING and not is_thing


def _is_indefinite(tokens: Tokens, at: int) -> bool:
    """Whether the noun before `at` is "a …" or "31 …"; "the …" and a bare plural need their description."""
    for place in range(at - 1, max(0, at - _NOUN_PHRASE_TOKENS) - 1, -1):
        low = tokens[place].low
        if low in {"a", "an"} or low in v.NUMBERS or tokens[place].text[0].isdecimal():
            return True
        is_pair = low == "of" and tokens[place - 1].low in {"pair", "couple", "series"}
        if not is_pair and (low in v.DETERMINERS | v.PREPOSITIONS or not tokens[place].is_word):
            break
    return not tokens[at - 1].low.endswith("s") and tokens[place].low not in v.DETERMINERS


def _phrase_cost(tokens: Tokens, at: int) -> float | None:
    low, following = tokens[at].low, tokens[at + 1 : at + 2]
    if not following:
        return None
    if low == "in" and following[0].low == "order":
        return 1.0
    if low == "by":
        return 1.0 if following[0].text[0].isdecimal() else None
    if low == "to" and following[0].text.islower() and following[0].low not in v.DETERMINERS:
        return 1.6 if _after_noun(tokens, at) and _is_indefinite(tokens, at) else None
    if low in {"to", "off"}:
        return 1.8 if following[0].low in v.DETERMINERS or following[0].is_capital else None
    if low in v.PLACE_AND_TIME:
        return 1.2
    if low == "about" and [token.low for token in tokens[at + 1 : at + 4]] == ["the", "size", "of"]:
        return 0.9
    if low == "of":
        return 2.0 if tokens[at - 1].low in v.STANDING_ALONE else None
    if low in v.TOPIC:
        return 1.6 if low == "on" and following[0].is_capital else 2.6
    return 2.0 if low in v.MANNER else None


def may_end(tokens: Tokens, at: int, verb: int) -> bool:
    """Whether the sentence can stop before `at`."""
    last, token = tokens[at - 1], tokens[at]
    if last.kind is Kind.MARK or last.low in v.DANGLING:
        return False
    if token.kind is Kind.MARK or (token.low in _CLAUSE_COST and token.low not in v.PLACE_AND_TIME):
        return last.low not in v.FINITE_AUXILIARIES
    if tokens[at - 2].low in {"very", "too", "so"}:
        return False  # "very hard | to resist"
    hangs_adverb = last.low.endswith("ly") and not _after_noun(tokens, at - 1)
    if last.low in _NOT_LAST or hangs_adverb or (_has_digit(last) and not _is_money(last)):
        return False
    if last.low.endswith("ing") and last.low not in v.ING_NOT_VERBS:
        return False
    return _ends_verb_phrase(tokens, at, verb)


def _ends_verb_phrase(tokens: Tokens, at: int, verb: int) -> bool:
    """Whether a verb or adjective at the end has what it needs."""
    last, before, token = tokens[at - 1], tokens[at - 2], tokens[at]
    is_passive = is_past(last) or last.low in v.PARTICIPLES
    if before.low in v.MODALS | v.DO | {"to"} and not _has_digit(last):
        return last.low in v.INTRANSITIVE
    if before.low in v.BE | {"only"} and token.low not in v.PLACE_AND_TIME | {"and"} and not is_passive:
        return False  # "were rife with"
    if at - 1 > verb and is_passive:
        return last.low in v.INTRANSITIVE or before.low in v.BE - {"being"}
    return finite(tokens, at - 1) == NO or last.low in v.INTRANSITIVE


def _has_digit(token: Token) -> bool:
    return any(sign.isdigit() for sign in token.text)


def _is_money(token: Token) -> bool:
    return token.text[0] in "$£€¥" or token.text.endswith("%")
