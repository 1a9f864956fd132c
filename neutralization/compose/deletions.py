"""Deletions that leave a sentence whole: what may go from its beginning and its middle.

Each takes the tokens of a grammatical sentence and yields shorter ones with what the deletion costs: about 0 for
what nobody misses, 1 for a detail, 2 and more for something that a reader might want.
"""

from collections.abc import Iterator

from neutralization.compose import vocabulary as v
from neutralization.compose.attribution import Shorter, attributes, tail_of
from neutralization.compose.clauses import MAX_INSERTION_TOKENS, clause_start, main_verb, verb_of
from neutralization.compose.tokens import Kind, Tokens
from neutralization.compose.verbs import finite, is_past

MAX_AGE_DIGITS = 3


def asides(tokens: Tokens) -> Iterator[Shorter]:
    """Leave out what stands in brackets."""
    if any(token.kind is Kind.ASIDE for token in tokens):
        yield tuple(token for token in tokens if token.kind is not Kind.ASIDE), 0.0


def connector(tokens: Tokens) -> Iterator[Shorter]:
    """Leave out an opening "But" or "Meanwhile,"."""
    if len(tokens) > 4 and tokens[0].low in v.CONNECTORS:
        rest = tokens[2:] if tokens[1].is_mark(",") else tokens[1:]
        if rest[0].low not in v.RELATIVES | {"far", "long", "much", "many", "to"}:
            yield rest, 0.3


def opening_phrase(tokens: Tokens) -> Iterator[Shorter]:
    """Leave out a phrase or clause that stands before the subject: "On Monday, …", "After the vote, …"."""
    start = clause_start(tokens)
    if not start or tokens[start].low in v.PRONOUNS - v.DETERMINERS:
        return
    phrase = tokens[:start]
    is_condition = phrase[0].low in v.BINDING_OPENINGS or any(token.low in v.CONDITIONS | v.HEDGES for token in phrase)
    if not is_condition and not attributes(phrase):
        yield tokens[start:], 0.2 if start <= 5 else 0.9


def insertions(tokens: Tokens) -> Iterator[Shorter]:
    """Leave out what stands between two commas or dashes: an apposition, an age, a relative clause."""
    for opening, token in enumerate(tokens):
        if not (token.is_mark(",") or (token.is_dash and token.spaced) or token.text == "—") or opening == 0:
            continue
        closing = _closing(tokens, opening)
        if closing is None:
            continue
        cost = _insertion_cost(tokens, opening, closing)
        if cost is not None:
            yield tokens[:opening] + tokens[closing + 1 :], cost


def _closing(tokens: Tokens, opening: int) -> int | None:
    is_dash = tokens[opening].is_dash
    for at in range(opening + 2, min(len(tokens) - 1, opening + MAX_INSERTION_TOKENS)):
        if tokens[at].is_dash if is_dash else tokens[at].is_mark(","):
            return at
        if tokens[at].is_mark(";:"):
            return None
    return None


def _insertion_cost(tokens: Tokens, opening: int, closing: int) -> float | None:
    inside, after = tokens[opening + 1 : closing], tokens[closing + 1]
    first = inside[0].low
    if attributes(inside) and first not in {"who", "citing"}:
        return None
    if tokens[opening].is_dash:
        return 0.9 if first not in v.COORDINATORS else None
    is_age = first.isdecimal() and len(first) <= MAX_AGE_DIGITS and tokens[opening - 1].is_capital
    if len(inside) == 1 and (first in v.SMALL_ADVERBS or is_age):
        return 0.1
    before_verb = _goes_on_with_verb(tokens, closing + 1)
    if is_place(tokens, opening, inside) and (before_verb or after.low in v.PREPOSITIONS | v.RELATIVES):
        return 0.4
    names_on = after.low == "and" and tokens[closing + 2 : closing + 3] and tokens[closing + 2].is_capital
    if tokens[opening - 1].is_capital and names_on and first in {"the", "a", "an"}:
        return 0.7 if not any(finite(inside, at) for at in range(len(inside))) else None
    if not before_verb or first in v.COORDINATORS or not _is_only_pair(tokens, opening, closing):
        return None
    if first in {"who", "which", "whose", "where"}:
        return 0.7
    has_verb = any(finite(inside, at) == 2 for at in range(len(inside)))
    return None if has_verb else 0.7


def _goes_on_with_verb(tokens: Tokens, at: int) -> bool:
    while at < len(tokens) and tokens[at].low in v.ADVERBS:
        at += 1
    return at < len(tokens) and finite(tokens, at) > 0


def _is_only_pair(tokens: Tokens, opening: int, closing: int) -> bool:
    """Whether the commas are a pair and not two of a list's."""
    before = [at for at in range(opening) if tokens[at].is_mark(",")]
    return len(before) % 2 == 0 and not any(token.low in {"and", "or"} for token in tokens[closing - 2 : closing])


def is_place(tokens: Tokens, opening: int, inside: Tokens) -> bool:
    """Whether ", Oregon," only says where the place before it lies."""
    name = opening - 1
    while name > 0 and tokens[name].is_capital and opening - name <= 3:
        name -= 1
    is_named = name < opening - 1 and tokens[name].low in {"in", "at", "from", "of", "near"}
    return is_named and 0 < len(inside) <= 2 and all(token.is_capital for token in inside)


def times(tokens: Tokens) -> Iterator[Shorter]:
    """Leave out "on Tuesday", "Monday night", "last week" where nothing hangs on them."""
    verb = main_verb(tokens)
    for start in range(1, len(tokens)):
        end = _time_end(tokens, start)
        if end <= start or (verb is not None and start < verb and tokens[start].low != "on"):
            continue
        before, after = tokens[start - 1], tokens[end : end + 1]
        leans = before.low in v.PREPOSITIONS | v.COORDINATORS | v.DETERMINERS | v.NOT_BEFORE_DAYS | v.DATED
        goes_on = bool(after) and after[0].low in {"through", "until"}
        joins = bool(after) and after[0].low in v.COORDINATORS | {"to"}
        is_range = joins and _time_end(tokens, end + 1) > end + 1
        is_range = is_range or (is_past(before) and bool(after) and finite(tokens, end) > 0)
        leans = leans or before.low in {"early", "late", "earlier", "later"}
        if leans or before.is_mark(",") or goes_on or is_range:
            continue
        yield tokens[:start] + tokens[end:], 0.05


def _time_end(tokens: Tokens, start: int) -> int:
    """End of the expression of time that begins at `start`; `start` when there is none."""
    low = [token.low for token in tokens[start : start + 4]] + [""] * 4
    skip = 1 if low[0] in {"on", "late", "early", "earlier"} else 0
    if low[skip] in v.DAYS and tokens[start + skip].is_capital:
        return start + skip + (2 if low[skip + 1] in v.DAY_PARTS else 1)
    if low[0] != "on" and low[skip] in {"last", "this", "next"} and low[skip + 1] in v.PERIODS:
        return start + skip + 2
    return start + 1 if low[0] in {"today", "yesterday"} else start


def adverbs(tokens: Tokens) -> Iterator[Shorter]:
    """Leave out "also" and its like, beside a verb."""
    for at in range(1, len(tokens) - 1):
        before = tokens[at - 1].low
        beside = before in v.FINITE_AUXILIARIES or (finite(tokens, at + 1) > 0 and before not in v.DETERMINERS)
        if (
            tokens[at].low in {"also", "recently", "currently", "officially", "indeed"}
            and beside
            and tokens[at - 1].is_word
        ):
            yield tokens[:at] + tokens[at + 1 :], 0.1


def subject_phrases(tokens: Tokens) -> Iterator[Shorter]:
    """Leave out what follows a subject's noun, as in "a man who fell" or "the officers from Ohio"."""
    start = clause_start(tokens) or 0
    tail = tail_of(tokens)
    starts = [start, *(at + 1 for at in range(2, tail.start - 2) if tokens[at].low == "that")]
    for at in starts:
        # Without its description a bare plural ("children who …") says something else.
        first = tokens[at]
        low = [token.low for token in tokens[at : at + 2]]
        is_counted = low[0] in {"a", "an", "the"} | v.NUMBERS or first.text[0].isdecimal()
        is_counted = is_counted or low in [["at", "least"], ["more", "than"], ["up", "to"]]
        if is_counted or (at == start and _tells_of_some(tokens, at, tail.start)):
            yield from _subject_phrases(tokens[: tail.start], at, tokens[tail.start :])
    if tail.start < len(tokens) and tokens[tail.start].is_mark(","):
        yield from _subject_phrases(tokens, tail.start + 1, ())


def _subject_phrases(tokens: Tokens, start: int, tail: Tokens) -> Iterator[Shorter]:
    verb = verb_of(tokens, start)
    opens_phrase = tokens[start].low in v.PREPOSITIONS | v.SUBORDINATORS and tokens[start + 1].low not in {
        "least",
        "to",
    }
    if verb is None or (opens_phrase and tokens[start].low not in v.NUMBERS):
        return
    end = verb
    while end > start and tokens[end - 1].low in v.ADVERBS:
        end -= 1
    if any(token.kind is Kind.QUOTE for token in tokens[start:end]):
        return
    for at in range(start + 1, end):
        cost = _subject_cost(tokens, start, at)
        if cost is not None and not _joins_another(tokens[at:end]):
            yield tokens[:at] + tokens[end:] + tail, cost


def _tells_of_some(tokens: Tokens, start: int, tail: int) -> bool:
    """Whether a bare plural at `start` means some of its kind, which did something once: "Divers in Ohio have …"."""
    verb = verb_of(tokens[:tail], start)
    if verb is None or not tokens[start].low.endswith("s") or tokens[start + 1].low not in v.PREPOSITIONS:
        return False
    is_event = tokens[verb].low in {"have", "are"} or is_past(tokens[verb]) or tokens[verb].low in v.PURE_PASTS
    compares = v.COMPARATIVES | v.NEGATIONS | {"than"}
    return is_event and not any(token.low in compares for token in tokens[:tail])


def _joins_another(phrase: Tokens) -> bool:
    """Whether the phrase holds an "and" after which another subject may stand, and no second name."""
    last = len(phrase) - 1
    joins = [at for at, token in enumerate(phrase) if token.low in {"and", "or"}]
    return any(at == last or not phrase[at + 1].is_capital for at in joins)


def _subject_cost(tokens: Tokens, start: int, at: int) -> float | None:
    token, before = tokens[at], tokens[at - 1]
    closed = v.PREPOSITIONS | v.PRONOUNS | v.DETERMINERS | v.COORDINATORS
    hungry = v.HUNGRY - {"team", "group"} if is_past(token) else v.HUNGRY
    noun_missing = not before.is_word or before.low in closed | hungry
    if noun_missing or any(word.low in {"and", "or"} or word.is_mark(",") for word in tokens[start:at]):
        return None
    vague = 0.6 if tokens[start].low in {"the", "those"} and at - start <= 2 else 0.0
    if token.low in {"who", "which"}:
        return 1.0 + vague
    if token.low in v.PREPOSITIONS - {"of", "to", "than", "as", "by", "like", "up", "off", "out", "per", "without"}:
        return 1.2 + vague
    following = tokens[at + 1].low
    if is_past(token) and following in {"by", "in", "on", "at", "from", "with", "as"}:
        return 1.2 + vague
    return None


def modifiers(tokens: Tokens) -> Iterator[Shorter]:
    """Leave out a measure before a noun ("a proposed four-year contract") or a person's country ("Ann Lee of Fiji")."""
    for at in range(1, len(tokens) - 1):
        before, token, after = tokens[at - 1], tokens[at], tokens[at + 1]
        if token.low.endswith(v.MEASURES) and after.is_word and after.text.islower():
            fits = before.low not in {"a", "an"} or (before.low == "an") == (after.low[0] in "aeio")
            if fits and after.low not in v.PREPOSITIONS | v.COORDINATORS:
                yield tokens[:at] + tokens[at + 1 :], 0.6
        is_name = at > 1 and before.is_capital and tokens[at - 2].is_capital and before.low not in v.OF_NAMES
        if token.low == "of" and is_name and after.is_capital and _goes_on_with_verb(tokens, at + 2):
            yield tokens[:at] + tokens[at + 2 :], 0.5
