"""Shorter forms of a sentence, made by deletion alone: nothing is added, moved or changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf

from neutralization.compose import attribution, deletions, phrases, sources
from neutralization.compose import vocabulary as v
from neutralization.compose.attribution import Shorter
from neutralization.compose.clauses import clause_start, main_verb, verb_of
from neutralization.compose.cuts import cuts
from neutralization.compose.tokens import Kind, Tokens, render
from neutralization.compose.verbs import YES, finite

# So many forms of one sentence are looked at: enough for every good one, and a bound on the time.
MAX_FORMS = 250
# A form that has lost more than this no longer says what the sentence said.
_MAX_COST = 6.0
_MIN_TOKENS = 4


@dataclass(frozen=True, slots=True)
class Form:
    """A sentence made shorter, and what that cost; the sentence itself costs nothing."""

    tokens: Tokens
    cost: float

    @property
    def title(self) -> str:
        """As a headline: no full stop."""
        return render(self.tokens)

    @property
    def sentence(self) -> str:
        """As a sentence, with its full stop."""
        return render(self.tokens, final=".")


def forms(tokens: Tokens) -> list[Form]:
    """Return the sentence and its shorter forms, the cheapest first; empty when no clause is found in it."""
    found: list[Form] = []
    cheapest = {tokens: 0.0}
    pushed = 0
    queue: list[tuple[float, int, Tokens]] = [(0.0, 0, tokens)]
    while queue and len(found) < MAX_FORMS:
        cost, _, current = heappop(queue)
        if cost > cheapest[current]:
            continue  # reached at less cost another way
        if is_clause(current):
            found.append(Form(current, cost))
        elif current is not tokens:  # of the whole sentence a shorter form may still be sound
            continue
        for shorter, price in _steps(current):
            total = cost + price
            if len(shorter) >= _MIN_TOKENS and total <= _MAX_COST and total < cheapest.get(shorter, inf):
                cheapest[shorter] = total
                pushed += 1
                heappush(queue, (total, pushed, shorter))
    return found


def _steps(tokens: Tokens) -> Iterator[Shorter]:
    yield from deletions.asides(tokens)
    yield from deletions.connector(tokens)
    yield from deletions.opening_phrase(tokens)
    yield from deletions.insertions(tokens)
    yield from deletions.subject_phrases(tokens)
    yield from attribution.speakers(tokens)
    yield from attribution.after_tail(tokens)
    yield from sources.shorter_sources(tokens)
    yield from sources.without_source(tokens)
    yield from deletions.times(tokens)
    yield from deletions.adverbs(tokens)
    yield from deletions.modifiers(tokens)
    yield from phrases.phrases(tokens)
    yield from phrases.narrowings(tokens)
    yield from phrases.titled(tokens)
    yield from phrases.conjunctions(tokens)
    yield from cuts(tokens)


def is_clause(tokens: Tokens) -> bool:
    """Whether the tokens are a whole clause: a subject, a finite verb, what it needs, and a fit end."""
    verb = main_verb(tokens)
    if verb is None or verb >= len(tokens):
        return False
    first, last = tokens[0], tokens[-1]
    if (verb == 0 and first.low not in v.CONTRACTED) or last.kind is Kind.MARK or last.low in v.DANGLING:
        return False
    if _has_lost_comma(tokens, verb) and not _opens_with_phrase(tokens):
        return False
    rest = tokens[verb + 1 :]
    if tokens[verb].low in v.FINITE_AUXILIARIES and not any(_is_content(token.low) for token in rest):
        return False
    if tokens[verb].low in v.NEEDING_STATEMENT and not _has_statement(rest):
        return False
    return _has_clause_after_seam(tokens, verb) and _embedded_are_whole(tokens)


def _has_clause_after_seam(tokens: Tokens, verb: int) -> bool:
    """Whether a clause still stands where a "that" was left out: "ruled | Nebraska may …"."""
    for at in range(verb, min(len(tokens) - 1, verb + 3)):
        is_seam = tokens[at + 1].index != tokens[at].index + 1 and tokens[at].low in v.DOING_WITHOUT_THAT
        if is_seam and tokens[at + 1].low not in v.PREPOSITIONS | {"that"}:
            clause = verb_of(tokens, at + 1)
            return clause is not None and finite(tokens, clause) == YES
    return True


def _has_lost_comma(tokens: Tokens, verb: int) -> bool:
    """Whether one comma stands before the verb that is not a list's: an insertion's other one is gone."""
    commas = [at for at in range(verb) if tokens[at].is_mark(",")]
    return len(commas) == 1 and not any(token.low == "and" for token in tokens[commas[0] : verb])


def _opens_with_phrase(tokens: Tokens) -> bool:
    return bool(clause_start(tokens)) or tokens[0].low in v.CONNECTORS or not tokens[0].is_word


def _embedded_are_whole(tokens: Tokens) -> bool:
    """Whether each clause that a "that" or a "who" opens still has its verb."""
    opening = v.RELATIVES | {"because", "if", "whether", "how", "while", "although"}
    places = [at for at, token in enumerate(tokens) if at and token.low in opening and not _points(tokens, at)]
    places = [at for at in places if tokens[at + 1 : at + 2] and tokens[at + 1].low != "to"]
    return all(verb_of(tokens, at + 1) is not None for at in places)


def _points(tokens: Tokens, at: int) -> bool:
    """Whether this is the "that" of "at that time" or "met that goal"."""
    before = tokens[at - 1]
    return tokens[at].low == "that" and before.low in v.PREPOSITIONS | v.TAKING_THAT


def _is_content(low: str) -> bool:
    return low not in v.ADVERBS and low not in v.FINITE_AUXILIARIES and any(sign.isalnum() for sign in low)


def _has_statement(tokens: Tokens) -> bool:
    has_verb = any(finite(tokens, at) for at in range(len(tokens)))
    return has_verb or any(token.kind is Kind.QUOTE for token in tokens)
