"""Which phrases can't be taken out: what would be left is no sentence, says nothing, or says something else."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from neutralization.context import Context
from neutralization.grammar import INTENSIFIERS, is_function_word
from neutralization.hype_sentences import removals
from neutralization.taxonomy import Action
from neutralization.types import Span
from ntrl.text.fold import fold
from ntrl.text.quotes import SPEECH_VERBS
from ntrl.text.tokens import words


def _set(forms: str) -> frozenset[str]:
    return frozenset(forms.split())


# Words of degree that go together with the adjective or adverb after them.
DEGREES = INTENSIFIERS | {"fairly", "pretty", "rather"}
# How far around a phrase one looks for the words that it depends on.
_AROUND_CHARS = 80
_NEGATION_WORDS_BEFORE = 6
# How far a clause's second "that" is looked for: no sentence of news is longer.
_CLAUSE_CHARS = 600
_CLAUSE_MARK = re.compile(r"[^\w\s'-]|\s[-'](?=\s)")
_ADJACENT = re.compile(r"\s+[$£€¥]?([^\W_][\w'-]*)")
_AND_THAT = re.compile(r"\band (that)(?= (?!is\b|was\b|has\b|had\b|will\b|would\b|may\b|makes?\b|means?\b|one\b|'s))")

# After these, something must follow in the same clause.
_NEEDS_MORE = _set(
    "a an and are as at be been being but by for from had has have her his in is its more most my nor of on or our so"
    " than the their these those to too very was were with your"
)
_JOINS = _set("and but nor or yet")
_DEFINITE = _set("the this that these those his her its their our my your own")
_NEGATIONS = _set(
    "not never no nor neither without nobody nothing none hardly barely scarcely rarely cannot no-one unless"
)
# What ends a denial: "not only a shocking upset", "not that shocking claims were made", "not let terrified people go".
_ENDS_DENIAL = _set("only just merely simply let allow that because if when who which where while why how whether")
_INDEFINITE = _set("a an any some no many several few two three four five six seven eight nine ten")
_CONTRACTED = _set("it's that's there's here's he's she's what's who's let's")
_DETERMINER_WORDS_BEFORE = 3
_END_OF_CLAUSE = re.compile(r"\s*(?:[.,;:!?…)\]}”’»—–]|['\"](?!\w)|\Z)|\s+-\s|[^\S\n]*\n\s*\n")
_AFTER_COMMA = re.compile(r"\s*,\s*([^\W_][\w'’-]*)")
_OPENING_JOINER = re.compile(r"\s*[,—–-]?\s*(?:and|but|nor|or|yet)\b", re.IGNORECASE)
# What a clause begins with that says nothing but how the writer sees the next one.
_CLAUSE_OPENERS = _set("it it's its there there's we we're we've i i'm let let's one")
_THAT = re.compile(r"\s+that\b(?=\s+\w)")
_JOIN = re.compile(r"\s+(?:and|or)\s+", re.IGNORECASE)
_BE = _set("is are was were be been being am become became becomes remain remains remained")
# Nouns that say nothing without their adjective: "in a shocking way", "had a wonderful time", "horrific scenes".
_EMPTY_NOUNS = _set(
    "way ways manner fashion thing things time times day days kind sort shape form style state condition"
    " conditions circumstances luck weather behavior behaviour conduct treatment language act acts scene scenes job"
    " effect mood manners"
)
# Nouns that tell what everybody knows of the subject, so that the adjective is the statement: "she is a player".
_GENERIC_NOUNS = _set(
    "person people man men woman women guy human individual player team game match fight story place experience moment"
    " feeling result performance season year night week idea question situation feat achievement example world actor"
    " actress singer artist writer author film movie book show album song goal deal value city country company camera"
)
# What gives such a noun something to say: "a day of mourning", "a player who scored".
_COMPLEMENTS = _set("of that which who whose whom where when to")


def obstacles(context: Context, spans: Sequence[Span]) -> list[str]:
    """Say of each span why it can't be removed; empty when it can, or when it isn't to be.

    Args:
        context: The body.
        spans: Spans, sorted and disjoint.
    """
    whole = {removal.span_index for removal in removals(context, spans)}
    found = []
    for index, span in enumerate(spans):
        is_removed = span.action is Action.REMOVED and index not in whole
        following = spans[index + 1] if index + 1 < len(spans) else None
        found.append(_obstacle(context, span, following) if is_removed else "")
    return found


def companions(context: Context, span: Span, spans: Sequence[Span]) -> tuple[list[Span], str]:
    """Find the words that must go with a removed "We're glad that": the "that" of each later "and that".

    Args:
        context: The body.
        span: The span that may be such an opening.
        spans: All spans, sorted and disjoint.

    Returns:
        A span for each "that", and why they can't be told; empty when they can.
    """
    with_that = end_with_that(context.text, span)
    if span.action is not Action.REMOVED or not context.text[span.start : with_that].casefold().endswith(" that"):
        return [], ""
    end = min(context.sentence(span.start)[1], span.end + _CLAUSE_CHARS)
    rest = fold(context.text[span.end : end])
    found = [(span.end + match.start(1), span.end + match.end(1)) for match in _AND_THAT.finditer(rest)]
    starts = [other.start for other in spans]
    for start, stop in found:
        verbs = (word.text in SPEECH_VERBS for word in words(rest[: start - span.end]))
        at = bisect_left(starts, stop)
        if any(verbs) or (at and spans[at - 1].end > start):
            return [], "a later “and that” may depend on it"
    text = context.text
    return [replace(span, start=start, end=stop, original_text=text[start:stop]) for start, stop in found], ""


def end_with_that(body: str, span: Span) -> int:
    """Return where a span ends together with the "that" which depends on it ("It is fair to say" that …)."""
    first = words(fold(span.original_text))[:1]
    that = _THAT.match(body, span.end) if first and first[0].text in _CLAUSE_OPENERS else None
    return that.end() if that else span.end


def is_joined(body: str, left: Span, right: Span) -> bool:
    """Tell whether nothing but "and" or "or" stands between two spans that are both removed."""
    both = left.action is right.action is Action.REMOVED
    return both and bool(_JOIN.fullmatch(body, left.end, right.start))


def _obstacle(context: Context, span: Span, following: Span | None) -> str:
    before = _words_before(context, span)
    after = [*islice(_words_after(context, span.end), 2), "", ""]
    ends_here = _END_OF_CLAUSE.match(context.text, span.end) and not _goes_on(context.text, span.end, before[-1:])
    if ends_here and before[-1:] and before[-1] in _NEEDS_MORE:
        return "the word before it would be left without its own"
    if _has_joiner(context, span, before, after[0]) and not (following and is_joined(context.text, span, following)):
        return "the word after it would have nothing to join"
    if after[0] in {"one", "ones"} or _is_emptied(before, after[0], after[1]):
        return "what it describes says nothing without it"
    return "what is denied would be another thing without it" if _is_denied(before) else ""


def _goes_on(body: str, at: int, before: list[str]) -> bool:
    """Tell whether a comma stands here, and after it what the word before can hold on to ("a grim, large fire")."""
    after = _AFTER_COMMA.match(body, at)
    return after is not None and (not _JOINS.isdisjoint(before) or not is_function_word(fold(after.group(1))))


def _has_joiner(context: Context, span: Span, before: list[str], following: str) -> bool:
    if context.starts_sentence(span.start):
        return bool(_OPENING_JOINER.match(context.text, span.end))
    held = before[-1:] and (before[-1] in _NEEDS_MORE or before[-1] in _INDEFINITE or before[-1].endswith("'s"))
    return bool(held) and following in _JOINS


def _words_before(context: Context, span: Span) -> list[str]:
    """The folded words before the span in its clause, without the intensifiers that go with it."""
    floor = max(context.sentence(span.start)[0], span.start - _AROUND_CHARS)
    head = fold(context.text[floor : span.start])
    if not head[-1:].isspace():
        return []
    marks = [found.end() for found in _CLAUSE_MARK.finditer(head)]
    found = [word.text for word in words(head[marks[-1] if marks else 0 :])]
    while found and found[-1] in DEGREES:
        found.pop()
    return found


def _words_after(context: Context, at: int) -> Iterator[str]:
    """The folded words after a place, up to the first mark."""
    tail = fold(context.text[at : at + _AROUND_CHARS])
    end = 0
    while found := _ADJACENT.match(tail, end):
        yield found.group(1)
        end = found.end()


def _is_emptied(before: list[str], noun: str, following: str) -> bool:
    """Tell whether the noun after a removed adjective would say nothing ("in a way", "he is a player")."""
    ends_here = not following or is_function_word(following) or following.endswith("ed")
    if not ends_here or following in _COMPLEMENTS:
        return False
    if noun in _EMPTY_NOUNS:
        return not _is_definite(before)
    return noun in _GENERIC_NOUNS and before[-1:] in (["a"], ["an"]) and _is_be(before[-2:-1])


def _is_be(found: list[str]) -> bool:
    return bool(found) and (found[0] in _BE or found[0].endswith(("'s", "'re", "'m")))


def _is_definite(before: list[str]) -> bool:
    """Tell whether the nearest determiner says that the reader knows what is meant."""
    for word in reversed(before[-_DETERMINER_WORDS_BEFORE:]):
        if word in _DEFINITE or (word.endswith("'s") and word not in _CONTRACTED):
            return True
        if word in _INDEFINITE or is_function_word(word):
            return False
    return False


def _is_denied(before: list[str]) -> bool:
    near = before[-_NEGATION_WORDS_BEFORE:]
    negations = [at for at, word in enumerate(near) if word in _NEGATIONS or word.endswith("n't")]
    if not negations or _is_definite(before):
        return False
    return _ENDS_DENIAL.isdisjoint(near[negations[-1] + 1 :])
