"""Who is made responsible for a statement: the closing ", officials said" or "according to …" of a sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from neutralization.compose import vocabulary as v
from neutralization.compose.tokens import Token, Tokens
from neutralization.compose.verbs import YES, finite, is_past
from neutralization.undisputed import RECORDS

# An attribution is short; a longer stretch between commas is a clause of its own.
_MAX_TAIL_TOKENS = 24
# What opens a new clause after the attribution, or another clause in its place.
_OTHER_OPENINGS = (v.COORDINATORS | v.SUBORDINATORS | v.RELATIVES) - {"according"}

Shorter = tuple[Tokens, float]


@dataclass(frozen=True, slots=True)
class Tail:
    """The attribution's range, with the comma before it; empty at the sentence's end when there is none."""

    start: int
    end: int
    verb: int


def attributes(tokens: Sequence[Token]) -> bool:
    """Whether these words give somebody the responsibility for a statement."""
    return any(token.low in v.ATTRIBUTION for token in tokens if token.is_word)


@lru_cache(maxsize=256)  # each of the ways to shorten a sentence asks
def tail_of(tokens: Tokens) -> Tail:
    """Find the closing attribution of a sentence."""
    for at in range(len(tokens) - 2, 1, -1):
        if tokens[at].low == "according" and tokens[at + 1].low == "to" and _has_verb(tokens[:at]):
            start = at - 1 if tokens[at - 1].is_mark(",") else at
            return Tail(start, _end(tokens, at), at)
        verb = _verb_after(tokens, at) if tokens[at].is_mark(",") else None
        if verb is not None:
            return Tail(at, _end(tokens, verb), verb)
    return Tail(len(tokens), len(tokens), len(tokens))


def _has_verb(tokens: Sequence[Token]) -> bool:
    return any(finite(tokens, at) for at in range(len(tokens)))


def _verb_after(tokens: Sequence[Token], comma: int) -> int | None:
    """The verb of the attribution that the comma opens, or None when it opens something else."""
    first = tokens[comma + 1].low
    if first in _OTHER_OPENINGS or first.endswith("ing"):
        return None
    end = next((at for at in range(comma + 1, len(tokens)) if tokens[at].is_mark(",")), len(tokens))
    clause = tokens[comma + 1 : min(end, comma + 1 + _MAX_TAIL_TOKENS)]
    says = v.ATTRIBUTION | v.ATTRIBUTION_PLURALS
    verb = next((at for at, token in enumerate(clause) if token.low in says and not token.is_capital), None)
    if verb is None or any(token.low in v.RELATIVES for token in clause[: verb + 2]):
        return None
    if any(finite(clause, at) == YES for at in range(len(clause)) if at != verb):
        return None
    is_said = verb == 0 or finite(tokens, comma + 1 + verb) or clause[verb].low in v.ATTRIBUTION_PLURALS
    return comma + 1 + verb if is_said else None


def _end(tokens: Sequence[Token], verb: int) -> int:
    """Where the attribution ends: before a comma that opens a new clause, or with the sentence."""
    for at in range(verb + 1, len(tokens) - 2):
        following = tokens[at + 1].low
        if tokens[at].is_mark(",") and (following in _OTHER_OPENINGS - {"which"} or following.endswith("ing")):
            return at
    return len(tokens)


def after_tail(tokens: Tokens) -> Iterator[Shorter]:
    """Leave out the clause that follows the attribution: ", the agency said, clearing the way for …"."""
    tail = tail_of(tokens)
    if tail.end < len(tokens):
        yield tokens[: tail.end], 1.0


def speakers(tokens: Tokens) -> Iterator[Shorter]:
    """Leave out what the attribution adds: ", said Ann Lee, the mayor", "officials said in a statement"."""
    tail = tail_of(tokens)
    for at in range(tail.verb + 2, tail.end - 1):
        is_added = tokens[at].is_mark(",") and not attributes(tokens[at : tail.end])
        if is_added and not any(token.low in v.COORDINATORS for token in tokens[at : tail.end]):
            yield tokens[:at] + tokens[tail.end :], 0.3
            break
    first = tail.verb + (3 if tail.verb < len(tokens) and tokens[tail.verb].low == "according" else 1)
    for at in range(first, tail.end):
        is_received = is_past(tokens[at]) and tokens[at + 1 : at + 2] and tokens[at + 1].low in {"by", "on", "in"}
        is_received = is_received or (tokens[at].low == "of" and tokens[at - 1].low in RECORDS)
        if is_received or tokens[at].low in {
            "in",
            "after",
            "on",
            "at",
            "by",
            "during",
            "from",
            "published",
            "cited",
            "that",
            "which",
        }:
            if is_past(tokens[at - 1]) and at - 1 != tail.verb:
                continue
            yield tokens[:at] + tokens[tail.end :], 0.4
            return
