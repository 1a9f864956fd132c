"""Shorter attributions, and statements that can stand without one: plain events, and what the speaker itself does."""

from collections.abc import Iterator

from neutralization.compose import vocabulary as v
from neutralization.compose.attribution import Shorter, Tail, tail_of
from neutralization.compose.clauses import main_verb
from neutralization.compose.tokens import Tokens
from neutralization.compose.verbs import is_past, word_before
from neutralization.undisputed import AUTHORITIES, PLAIN_EVENTS, RECORDS


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What a statement holds that somebody may dispute, so that its source stays.
_CONTESTABLE = (
    v.MODALS - _words("will")
    | v.COMPARATIVES
    | (v.SUPERLATIVES - _words("most least"))
    | v.NEGATIONS
    | _words(
        "than because due illegal illegally false falsely guilty responsible blame blamed wrong safe unsafe dangerous "
        "risk risks threat success failed failure"
    )
)
# Speakers that are the parties to what they tell.
_PARTIES = _words(
    "companies company clubs club governments government department ministry agency council sides parties"
)
_INTENDING = _words("plans plan will wants want intends intend aims agreed hopes hope")
# What a sentence loses with its source: an event that nobody disputes, what the subject says of itself, a count.
_EVENT_COST = 1.4
_OWN_COST = 1.0
_COUNT_COST = 2.8


def shorter_sources(tokens: Tokens) -> Iterator[Shorter]:
    """Shorten the closing attribution to who speaks: "the union's statistics office said"."""
    tail = tail_of(tokens)
    start = tail.start + 1
    if tail.verb >= len(tokens) or not tokens[tail.start].is_mark(","):
        return
    speaker = tokens[start : tail.verb]
    if len(speaker) < 2 or speaker[0].low == "according":
        return
    for end in range(1, len(speaker)):
        word = speaker[end]
        is_owner = speaker[0].low == "the" and word.is_capital and word.low.endswith(("'s", "s'"))
        if is_owner and end + 1 < len(speaker) and not speaker[end + 1].is_capital:
            yield tokens[: start + 1] + tokens[start + end + 1 :], 0.3
        is_dated = is_past(word) and end + 1 < len(speaker) and speaker[end + 1].low in {"by", "on", "in"}
        if is_dated or (word.low in {"at", "in", "from", "with"} and not speaker[end - 1].is_capital):
            yield tokens[: start + end] + tokens[tail.verb :], 0.3
    if len(speaker) > 2 and speaker[0].low in {"the", "a"} and speaker[1].low in v.LEVELS:
        yield tokens[: start + 1] + tokens[start + 2 :], 0.3
    named = next((at for at, word in enumerate(speaker) if at > 1 and word.is_capital), 0)
    if named and speaker[0].low == "the" and not speaker[named - 1].is_capital:
        names = speaker[named:]
        if speaker[named - 1].low not in v.PREPOSITIONS and all(word.is_capital for word in names):
            yield tokens[:start] + tokens[start + named :], 0.3


def without_source(tokens: Tokens) -> Iterator[Shorter]:
    """Leave the closing attribution out where the statement needs none."""
    tail = tail_of(tokens)
    if tail.start >= len(tokens) or tail.end != len(tokens):
        return
    statement = tokens[: tail.start]
    if any(token.low in _CONTESTABLE | v.CONDITIONS | v.HEDGES for token in statement):
        return
    verb = main_verb(tokens)
    if verb is None:
        return
    if _speaks_of_itself(tokens, tail) and _is_own_deed(statement, verb):
        yield statement, _OWN_COST
    elif _is_counted(tokens, tail):
        yield statement, _COUNT_COST
    elif _is_event(statement, verb) and _is_official(tokens, tail):
        is_record = any(token.low in RECORDS for token in tokens[tail.start :])
        yield statement, _OWN_COST if is_record else _EVENT_COST


def _speaks_of_itself(tokens: Tokens, tail: Tail) -> bool:
    """Whether the speaker is the sentence's subject: "it said", "the two companies said"."""
    speaker = tokens[tail.start + 1 : tail.verb]
    if not speaker:
        return False
    is_pronoun = len(speaker) == 1 and speaker[0].low in {"it", "they", "he", "she"}
    return is_pronoun or (speaker[-1].low in _PARTIES and speaker[0].low in {"the", "both"})


def _is_own_deed(statement: Tokens, verb: int) -> bool:
    """Whether the verb tells what its subject plans or has done, and nothing of others."""
    low = statement[verb].low
    return low in _INTENDING or low in {"has", "have"} or is_past(statement[verb])


def _is_counted(tokens: Tokens, tail: Tail) -> bool:
    """Whether the source is a count or a record, and no one's word: "according to a survey of …"."""
    if tokens[tail.verb].low != "according":
        return False
    source = tokens[tail.verb + 2 : tail.end]
    return any(token.low in RECORDS for token in source[:3])


def _is_event(statement: Tokens, verb: int) -> bool:
    """Whether the verb tells of something done in sight of all: a vote, a signing, a collision."""
    following = verb + 1
    while following < len(statement) and statement[following].low in v.ADVERBS | {"been"}:
        following += 1
    helped = statement[verb].low in {"has", "have", "was", "were"} and following < len(statement)
    return statement[following if helped else verb].low in PLAIN_EVENTS


def _is_official(tokens: Tokens, tail: Tail) -> bool:
    speaker = [token.low for token in tokens[tail.start + 1 : tail.end]]
    return (
        any(word in AUTHORITIES | RECORDS for word in speaker) and word_before(tokens, tail.end) not in v.PREPOSITIONS
    )
