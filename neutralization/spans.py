"""The span pipeline: phrases become positions, and speech, established terms, names and overlaps drop out.

Every step is pure and reports what it kept and what it dropped, and why. A lexicon and a language model differ only
in where the phrases come from.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice

from neutralization.conditions import matches
from neutralization.context import Context
from neutralization.lexicon import FalsePositive, FalsePositives, Form, Lexicon
from neutralization.matching import Match, PhraseIndex, tokenize
from neutralization.removability import companions, obstacles
from neutralization.taxonomy import Action, Category
from neutralization.types import Span
from ntrl.text.quotes import quotations

# A byline as far as a reporter's last name.
_BYLINE = re.compile(r"\b[Bb]y (?:[A-Z][\w.'’-]{0,20} ){1,3}\Z")
_BYLINE_CHARS = 70
# How often a longer phrase that can't go makes room for a shorter one: phrases are hardly ever nested deeper.
_MAX_NESTING = 3
_CATEGORY_ORDER = {category: order for order, category in enumerate(Category)}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase that somebody calls manipulative, without a position."""

    text: str
    category: Category
    action: Action
    replacement: str
    rule_key: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """What a step let go, and why."""

    item: Span | Phrase
    why: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step's result: `name`, the spans that go on, and what was dropped."""

    name: str
    kept: tuple[Span, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True)
class Detection:
    """The accepted spans (sorted, disjoint, outside speech) and the steps that led to them, in order."""

    spans: tuple[Span, ...]
    trace: tuple[Step, ...]


def detect(body: str, lexicon: Lexicon, false_positives: FalsePositives) -> Detection:
    """Find the lexicon's manipulative phrases in `body`."""
    return accept(body, find_lexicon_positions(body, lexicon), false_positives)


def accept(body: str, positions: Step, false_positives: FalsePositives) -> Detection:
    """Pass positions, of the lexicon's or a model's phrases, through every filter."""
    unquoted = filter_spans_in_quotes(body, positions.kept)
    genuine = filter_false_positives(body, unquoted.kept, false_positives)
    disjoint, final = _resolve(body, genuine.kept)
    return Detection(final.kept, (positions, unquoted, genuine, disjoint, final))


def _resolve(body: str, spans: Iterable[Span]) -> tuple[Step, Step]:
    """Resolve overlaps and filter removals; a phrase that can't go makes room for the shorter ones that it beat."""
    candidates = frozenset(spans)
    refused: list[Dropped] = []
    for _ in range(_MAX_NESTING):
        disjoint = resolve_overlaps(candidates)
        final = filter_removals(body, disjoint.kept)
        refused += final.dropped
        places = [(dropped.item.start, dropped.item.end) for dropped in final.dropped if isinstance(dropped.item, Span)]
        beaten = (dropped.item for dropped in disjoint.dropped if isinstance(dropped.item, Span))
        if not any(_overlaps(places, span) for span in beaten):
            break
        candidates -= {dropped.item for dropped in final.dropped if isinstance(dropped.item, Span)}
    return disjoint, replace(final, dropped=tuple(refused))


def _overlaps(places: Sequence[tuple[int, int]], span: Span) -> bool:
    index = bisect_left(places, (span.end, 0)) - 1
    return index >= 0 and places[index][1] > span.start


def find_lexicon_positions(body: str, lexicon: Lexicon) -> Step:
    """Find every occurrence of the lexicon's forms whose conditions hold."""
    kept: list[Span] = []
    dropped: list[Dropped] = []
    context = Context(body)
    for match, broken in matches(context, lexicon):
        if broken:
            dropped.append(Dropped(_lexicon_span(body, match, match.start, match.end), broken))
            continue
        whole = match.value.entry.whole_sentence
        start, end = context.sentence(match.start) if whole else (match.start, match.end)
        kept.append(_lexicon_span(body, match, start, end))
    return Step("positions", tuple(kept), tuple(dropped))


def find_phrase_positions(body: str, phrases: Iterable[Phrase]) -> Step:
    """Find every occurrence of each phrase: whole words, any case, any quotes and dashes, over a line break too."""
    phrases = tuple(dict.fromkeys(phrases))
    index = PhraseIndex((phrase.text, phrase) for phrase in phrases)
    found = list(index.find(body, tokenize(body)))
    kept = tuple(
        _span(body, match.start, match.end, match.value)
        for match in sorted(found, key=lambda match: (match.start, match.end))
    )
    present = {match.value for match in found}
    absent = (Dropped(phrase, "not in the body") for phrase in phrases if phrase not in present)
    return Step("positions", kept, tuple(absent))


def filter_spans_in_quotes(body: str, spans: Iterable[Span]) -> Step:
    """Drop spans that touch speech. A scare quote is not speech, but only the whole of it can be changed."""
    found = quotations(body)
    ends = [quotation.end for quotation in found]

    def why(span: Span) -> str:
        for quotation in islice(found, bisect_right(ends, span.start), None):
            if quotation.start >= span.end:
                break
            if quotation.is_speech:
                return "in a quotation"
            if not (span.start - 1 <= quotation.start and quotation.end <= span.end + 1):
                return "part of a scare quote"
        return ""

    return _filtered("quotes", [(span, why(span)) for span in spans])


def filter_false_positives(body: str, spans: Iterable[Span], false_positives: FalsePositives) -> Step:
    """Drop spans within an established term, and words that are part of a proper name."""
    terms = sorted(false_positives.index.find(body, tokenize(body)), key=lambda match: match.start)
    starts = [term.start for term in terms]
    # The term that reaches furthest among those that start no later.
    furthest = list(accumulate(terms, _further))
    context = Context(body)

    def why(span: Span) -> str:
        index = bisect_right(starts, span.start) - 1
        if index >= 0 and furthest[index].end >= span.end:
            return f"established term: {furthest[index].value.reason}"
        is_name = context.in_proper_name(span.start, span.end) or _is_signed(body, span)
        return "part of a proper name" if is_name else ""

    return _filtered("false_positives", [(span, why(span)) for span in spans])


def _is_signed(body: str, span: Span) -> bool:
    """Tell whether a byline names somebody so ("by Rachel Savage"), where capitals look like a headline's."""
    return span.original_text[0].isupper() and bool(
        _BYLINE.search(body[max(0, span.start - _BYLINE_CHARS) : span.start])
    )


def resolve_overlaps(spans: Iterable[Span]) -> Step:
    """Keep the longest of spans that overlap; of equal ones the first, then by the taxonomy's order and rule key."""
    kept: list[Span] = []
    starts: list[int] = []
    dropped: list[Dropped] = []
    for span in sorted(set(spans), key=_precedence):
        index = bisect_left(starts, span.end)
        rival = kept[index - 1] if index else None
        if rival is not None and rival.end > span.start:
            dropped.append(Dropped(span, f"overlaps {rival.original_text!r}"))
        else:
            starts.insert(index, span.start)
            kept.insert(index, span)
    return Step("overlaps", tuple(kept), tuple(dropped))


def filter_removals(body: str, spans: Sequence[Span]) -> Step:
    """Drop spans that can't be removed without harm to their sentence, and add the words that must go with others.

    Args:
        body: The body.
        spans: Spans, sorted and disjoint.
    """
    context = Context(body)
    added: list[Span] = []
    judged: list[tuple[Span, str]] = []
    for span, why in zip(spans, obstacles(context, spans), strict=True):
        with_it, hindrance = ([], why) if why else companions(context, span, spans)
        judged.append((span, hindrance))
        added += with_it
    step = _filtered("removals", judged)
    if not added:
        return step
    return replace(step, kept=tuple(sorted((*step.kept, *filter_spans_in_quotes(body, added).kept), key=_place)))


def _place(span: Span) -> tuple[int, int]:
    return (span.start, span.end)


def _further(best: Match[FalsePositive], term: Match[FalsePositive]) -> Match[FalsePositive]:
    return term if term.end > best.end else best


def _precedence(span: Span) -> tuple[int, int, int, str, str, str]:
    order = _CATEGORY_ORDER[span.category]
    return (span.start - span.end, span.start, order, span.rule_key, span.action, span.replacement)


def _filtered(name: str, judged: Sequence[tuple[Span, str]]) -> Step:
    kept = tuple(span for span, why in judged if not why)
    return Step(name, kept, tuple(Dropped(span, why) for span, why in judged if why))


def _lexicon_span(body: str, match: Match[Form], start: int, end: int) -> Span:
    entry = match.value.entry
    phrase = Phrase(body[start:end], entry.category, entry.action, match.value.replacement, entry.key)
    return _span(body, start, end, phrase)


def _span(body: str, start: int, end: int, phrase: Phrase) -> Span:
    return Span(start, end, body[start:end], phrase.category, phrase.action, phrase.replacement, phrase.rule_key)
