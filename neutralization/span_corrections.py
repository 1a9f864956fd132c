"""The accepted phrases of a version after an editor's corrections: rejected, changed and added ones. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from neutralization.corrections import (
    Addition,
    AdditionRefused,
    Change,
    Corrections,
    Place,
    Rejection,
    Scope,
    SpanRefused,
    storable,
)
from neutralization.matching import PhraseIndex, tokenize
from neutralization.spans import Phrase, filter_spans_in_quotes, find_phrase_positions
from neutralization.taxonomy import Action, Category
from neutralization.types import Span
from ntrl.text.fold import fold

# Whose word a span stands on that an editor added or changed; the other keys name rules of the lexicon.
EDITOR_RULE_KEY = "editor"
# A sentence or two; what is longer is a text of its own, not a phrase.
MAX_PHRASE_CHARS = 500
# Looking for a phrase's places asks nothing about it but its words.
_ANY_KIND = (Category.EDITORIAL_VOICE, Action.REMOVED)


def corrected_spans(body: str, spans: Sequence[Span], corrections: Corrections) -> tuple[Span, ...]:
    """The accepted phrases after rejections, changes and additions; sorted and disjoint.

    Raises:
        SpanRefused: a phrase can't be rejected or changed as asked.
        AdditionRefused: a phrase can't be added.
    """
    gone = {position for each in corrections.rejections for position in _rejected(body, spans, each)}
    changed = {each.position: _changed(spans, each) for each in corrections.changes}
    kept = [changed.get(position, span) for position, span in enumerate(spans) if position not in gone]
    for addition in corrections.additions:
        kept += _added(body, kept, addition)
    return tuple(sorted(kept, key=lambda span: span.start))


def places_of(body: str, phrase: str) -> tuple[Place, ...]:
    """Every place of a phrase in the body, as whole words in any case; none for one that is too long."""
    if len(phrase) > MAX_PHRASE_CHARS:
        return ()
    found = find_phrase_positions(body, [Phrase(phrase, *_ANY_KIND, "", "")]).kept
    step = filter_spans_in_quotes(body, found)
    why = {dropped.item: dropped.why for dropped in step.dropped}
    return tuple(Place(span.start, span.end, why.get(span, "")) for span in found)


def _rejected(body: str, spans: Sequence[Span], rejection: Rejection) -> set[int]:
    position = rejection.position
    span = _span_at(spans, position)
    if rejection.scope is Scope.HERE:
        return {position}
    if rejection.scope is Scope.STORY:
        return {position} | _covered(body, spans, span.original_text)
    try:
        term, reason = storable(rejection.term_for(span)), storable(rejection.reason).strip()
    except ValueError as problem:
        raise SpanRefused(position, str(problem)) from problem
    covered = _covered(body, spans, term) if len(term) <= MAX_PHRASE_CHARS else set()
    if position not in covered:
        raise SpanRefused(position, f"“{term[:MAX_PHRASE_CHARS]}” does not stand here, or does not hold the phrase.")
    if not reason:
        raise SpanRefused(position, "Give the reason: it has to convince another editor.")
    return covered


def _covered(body: str, spans: Sequence[Span], term: str) -> set[int]:
    """The positions of the spans that lie within a place of `term`."""
    places = [(match.start, match.end) for match in PhraseIndex([(term, None)]).find(body, tokenize(body))]
    return {
        position
        for position, span in enumerate(spans)
        if any(start <= span.start and span.end <= end for start, end in places)
    }


def _changed(spans: Sequence[Span], change: Change) -> Span:
    span = _span_at(spans, change.position)
    try:
        replacement = _replacement(span.original_text, change.action, change.replacement)
    except ValueError as problem:
        raise SpanRefused(change.position, str(problem)) from problem
    return replace(
        span, category=change.category, action=change.action, replacement=replacement, rule_key=EDITOR_RULE_KEY
    )


def _added(body: str, spans: Sequence[Span], addition: Addition) -> list[Span]:
    try:
        storable(addition.phrase)
        replacement = _replacement(addition.phrase, addition.action, addition.replacement)
    except ValueError as problem:
        raise AdditionRefused(str(problem)) from problem
    added = []
    for place in _chosen(places_of(body, addition.phrase), addition):
        rival = next((span for span in spans if span.start < place.end and place.start < span.end), None)
        if rival is not None:
            raise AdditionRefused(f"It overlaps “{rival.original_text}”: reject that phrase first, or in the same go.")
        words = body[place.start : place.end]
        span = Span(place.start, place.end, words, addition.category, addition.action, replacement, EDITOR_RULE_KEY)
        added.append(span)
    return added


def _chosen(places: tuple[Place, ...], addition: Addition) -> Iterable[Place]:
    """The places meant: those named, or the only one."""
    if not places:
        raise AdditionRefused(f"“{addition.phrase[:MAX_PHRASE_CHARS]}” does not stand in the article as whole words.")
    free = [place for place in places if not place.refused]
    if not free:
        raise AdditionRefused(f"It can't be changed: it is {places[0].refused}.")
    if not addition.starts and len(free) > 1:
        raise AdditionRefused(f"It stands in {len(free)} places: choose which of them you mean.", places)
    chosen = [place for place in places if place.start in addition.starts] if addition.starts else free
    if len(chosen) < len(set(addition.starts)):
        raise AdditionRefused("It does not stand in the place that was chosen.", places)
    refused = next((place.refused for place in chosen if place.refused), "")
    if refused:
        raise AdditionRefused(f"It can't be changed there: it is {refused}.", places)
    return chosen


def _span_at(spans: Sequence[Span], position: int) -> Span:
    if not 0 <= position < len(spans):
        raise SpanRefused(position, f"The text has no phrase {position + 1}.")
    return spans[position]


def _replacement(phrase: str, action: Action, replacement: str) -> str:
    """The replacement without space around it; raises ValueError when it does not fit the action."""
    words = " ".join(storable(replacement).split())
    if action is Action.REMOVED and words:
        raise ValueError("What is removed has no replacement: choose another action, or leave it empty.")
    if action is not Action.REMOVED and not words:
        raise ValueError("Say what it is replaced by, or have it removed.")
    if len(words) > MAX_PHRASE_CHARS:
        raise ValueError(f"A replacement has at most {MAX_PHRASE_CHARS} characters.")
    if words and fold(words) == fold(phrase):
        raise ValueError("The replacement is the phrase itself.")
    return words
