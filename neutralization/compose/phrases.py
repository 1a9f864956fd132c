"""Deletions inside a clause: phrases between the verb and the end, and words that narrow a noun."""

from collections.abc import Iterator

from neutralization.compose import vocabulary as v
from neutralization.compose.attribution import Shorter, tail_of
from neutralization.compose.clauses import main_verb, verb_of
from neutralization.compose.cuts import may_end, may_go
from neutralization.compose.tokens import Kind, Token, Tokens
from neutralization.compose.verbs import NO, YES, finite, is_past

# A longer phrase most likely holds more than one noun.
_MAX_PHRASE_TOKENS = 9
_PLACES = frozenset({"in", "at", "on", "near", "inside", "outside", "along", "across", "between"})
# What may follow a phrase of place that goes: another phrase, which says something of the verb.
_FOLLOWING = v.PLACE_AND_TIME | {"from", "off", "for", "between", "on", "by"}


def phrases(tokens: Tokens) -> Iterator[Shorter]:
    """Leave out a phrase of place or a measure of time after the verb, when more follows."""
    verb = main_verb(tokens)
    if verb is None:
        return
    tail = tail_of(tokens).start
    for at in range(verb + 2, tail):
        length = _duration_end(tokens, at)
        if length and not any(token.low in v.NEGATIONS for token in tokens[:at]):
            yield tokens[:at] + tokens[length:], 0.9
        # "no more effect on weight than …"
        if tokens[at].low == "on" and tokens[at + 2 : at + 3] and tokens[at + 2].low == "than":
            yield _without(tokens, at, at + 2), 2.0
        if tokens[at].low in _PLACES and may_end(tokens, at, verb):
            end = _phrase_end(tokens, at, tail)
            if end is not None and _goes_on(tokens, end, tail) and may_go(tokens[:at], tokens[at:end]):
                yield tokens[:at] + tokens[end:], 1.0


def _duration_end(tokens: Tokens, at: int) -> int:
    """End of "for at least five weeks" that begins at `at`; 0 when there is none."""
    if tokens[at].low != "for":
        return 0
    for end in range(at + 2, min(at + 7, len(tokens) + 1)):
        if tokens[end - 1].low in v.TIME_UNITS:
            inside = tokens[at + 1 : end - 1]
            counts = any(_is_number(token) or token.low in {"a", "an"} for token in inside)
            return end if counts and all(token.is_word for token in inside) else 0
    return 0


def _is_number(token: Token) -> bool:
    return token.low in v.NUMBERS or token.text[:1].isdecimal()


def _phrase_end(tokens: Tokens, at: int, tail: int) -> int | None:
    """End of the phrase that the preposition at `at` opens, with each "of …" in it; None when it isn't clear."""
    for end in range(at + 2, min(tail, at + _MAX_PHRASE_TOKENS) + 1):
        if end == tail:
            return end
        token = tokens[end]
        if token.low in {"of", "'s"} or tokens[end - 1].low == "of":
            continue
        if token.low in v.PREPOSITIONS | {"each", "every"} or token.kind is Kind.MARK:
            return end if not _is_number(tokens[end - 1]) else None
        if token.low in v.COORDINATORS | v.RELATIVES or finite(tokens, end) != NO or is_past(token):
            return None
    return None


def _goes_on(tokens: Tokens, end: int, tail: int) -> bool:
    """Whether what follows a phrase that goes can follow what stands before it."""
    if end >= tail or tokens[end - 1].low in v.HUNGRY | v.PREPOSITIONS | v.DETERMINERS:
        return False
    if tokens[end].is_mark(","):
        return end + 1 < tail and tokens[end + 1].low.endswith("ing")
    following = tokens[end + 1] if end + 1 < tail else tokens[end]
    if tokens[end].low == "to":  # "on a plan | to close" is what the plan is
        return following.low in v.DETERMINERS or following.is_capital or _is_number(following)
    return tokens[end].low in _FOLLOWING or (tokens[end].low in {"each", "every"} and following.low in v.TIME_UNITS)


def narrowings(tokens: Tokens) -> Iterator[Shorter]:
    """Leave out words beside a noun: "the port of" before a name, "of its 16", a vote's figures, "northern"."""
    verb = main_verb(tokens)
    for at in range(1, len(tokens) - 2):
        token = tokens[at]
        is_level = token.low in v.LEVELS and tokens[at - 1].low.endswith(("'s", "s'"))
        if (is_level or token.low in v.DIRECTIONS) and _is_beside_noun(tokens, at):
            yield _without(tokens, at, at + 1), 0.3
        if token.low == "the" and tokens[at - 1].low in v.PREPOSITIONS:
            name = _placed_name(tokens, at)
            if name:
                yield _without(tokens, at, name), 0.2
        of_theirs = token.low == "of" and tokens[at + 1].low in v.POSSESSIVES | {"the"}
        if of_theirs and _is_number(tokens[at - 1]) and _is_number(tokens[at + 2]):
            yield _without(tokens, at, at + 3), 0.4
        if token.low == "new" and _is_beside_noun(tokens, at):
            yield _without(tokens, at, at + 1), 0.9
        if verb is not None and at > verb:
            yield from _after_verb(tokens, at)


def titled(tokens: Tokens) -> Iterator[Shorter]:
    """Leave out the office before the name of the subject: "Ohio Gov. Ann Lee signed …"."""
    for at in range(3):
        names = tokens[at + 1 : at + 3]
        is_title = at + 3 < len(tokens) and tokens[at].low in v.TITLES and all(one.is_capital for one in tokens[:at])
        if is_title and all(name.is_capital and name.low not in v.TITLES for name in names):
            yield tokens[at + 1 :], 0.6


def _after_verb(tokens: Tokens, at: int) -> Iterator[Shorter]:
    token, following = tokens[at], tokens[at + 1]
    if token.low == "a" and following.low in {"pair", "couple", "number", "series", "set"}:
        plural = next((word for word in tokens[at + 3 : at + 6] if word.low.endswith("s")), None)
        if tokens[at + 2].low == "of" and plural is not None:
            yield _without(tokens, at, at + 3), 0.3
    second = _second_noun_end(tokens, at)
    if second:
        yield _without(tokens, at, second), 1.4
    votes = _votes_end(tokens, at)
    if votes:
        yield _without(tokens, at, votes), 0.4
    more = next((end for end in range(at + 2, min(at + 4, len(tokens))) if tokens[end].low == "more"), 0)
    is_measure = more and _is_number(token) and not _is_number(tokens[at - 1])
    if is_measure and all(word.is_word and not word.is_capital for word in tokens[at + 1 : more]):
        yield _without(tokens, at, more), 0.9


def _second_noun_end(tokens: Tokens, at: int) -> int:
    """End of the "and family" in "told friends and family that …", which begins at `at`; else 0."""
    before = tokens[at - 1]
    mixes = {"between", "both", "mix", "mixture", "combination", "merger", "either", "of"}
    if tokens[at].low != "and" or not before.text.islower() or before.low in v.PREPOSITIONS | v.ADVERBS:
        return 0
    if any(token.low in mixes or token.is_mark(",") for token in tokens[max(0, at - 4) : at]):
        return 0
    if not before.low.endswith("s") or finite(tokens, at - 1) != NO:
        return 0
    for end in range(at + 2, min(at + 4, len(tokens))):
        if tokens[end].low in _FOLLOWING | {"that"} or tokens[end].is_mark(","):
            return end
        if not tokens[end].text.islower() or is_past(tokens[end]):
            return 0
    return 0


def _votes_end(tokens: Tokens, at: int) -> int:
    """End of a vote's figures, "by 43 to 36", "by 54% to 46%" or "58-39", that begin at `at`; else 0."""
    token = tokens[at]
    before = tokens[at - 1].low
    if before in {"voted", "passed"} and "-" in token.text and token.text.replace("-", "").isdecimal():
        return at + 1
    if token.low != "by" or not _is_number(tokens[at + 1]):
        return 0
    to = next((place for place in range(at + 2, min(at + 4, len(tokens) - 1)) if tokens[place].low == "to"), 0)
    return to + 2 if to and _is_number(tokens[to + 1]) else 0


def _is_beside_noun(tokens: Tokens, at: int) -> bool:
    before, after = tokens[at - 1], tokens[at + 1]
    follows = before.low in v.DETERMINERS | v.PREPOSITIONS or before.low.endswith("'s")
    changes_article = before.low in {"a", "an"} and (before.low == "an") != (after.low[:1] in "aeio")
    return (
        follows
        and tokens[at].text.islower()
        and after.is_word
        and after.low not in v.PREPOSITIONS | v.COORDINATORS
        and not changes_article
    )


def _placed_name(tokens: Tokens, at: int) -> int:
    """Where the name begins in "the central Philippine city of Cebu"; 0 when this is no such phrase."""
    for place in range(at + 1, min(at + 4, len(tokens) - 2)):
        is_place = tokens[place].low in v.PLACE_NOUNS and tokens[place].text.islower()
        if is_place and tokens[place + 1].low == "of" and tokens[place + 2].is_capital:
            return place + 2
    return 0


def _without(tokens: Tokens, start: int, end: int) -> Tokens:
    return tokens[:start] + tokens[end:]


def conjunctions(tokens: Tokens) -> Iterator[Shorter]:
    """Leave out the "that" that a clause can do without: "ruled that Nebraska may …"."""
    for at in range(2, len(tokens) - 2):
        before, after = tokens[at - 1].low, tokens[at + 1]
        is_subject = after.low in v.DETERMINERS - v.RELATIVES or after.is_capital or _is_number(after)
        if tokens[at].low == "that" and before in v.DOING_WITHOUT_THAT and is_subject:
            verb = verb_of(tokens, at + 1)
            if verb is not None and finite(tokens, verb) == YES:
                yield _without(tokens, at, at + 1), 0.3
