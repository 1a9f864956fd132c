"""Find sentences of nothing but removed spans: they go whole, with the space or paragraph around them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from neutralization.context import Context, after_space, before_space
from neutralization.taxonomy import Action
from neutralization.types import Span
from ntrl.text.tokens import words

# Words that say nothing by themselves: what they hold together is gone.
_EMPTY_FORMS = """
    a all an and are as at be but for here how in is it it's its just let me now of oh on our right so that that's
    the these they this to very was we well were what with yes you your
"""
_EMPTY_WORDS = frozenset(_EMPTY_FORMS.split())
# Line ends that make a blank line, which parts paragraphs.
_BLANK_LINE_ENDS = 2


@dataclass(frozen=True, slots=True)
class Removal:
    """The part of a removed sentence that one span's edit takes."""

    start: int
    end: int
    span_index: int


def removals(context: Context, spans: Sequence[Span]) -> Iterator[Removal]:
    """Yield one removal for each span of every sentence that goes; together they cover the sentence.

    Neighbouring sentences that go are one piece, so that no space is left between what stays. A piece reaches into the
    next paragraph only from a paragraph's beginning: else two paragraphs would become one.
    """
    group: list[int] = []
    start = end = 0
    for (sentence_start, sentence_end), indexes in _by_sentence(context, spans):
        if not _is_all_hype(context, sentence_start, sentence_end, [spans[index] for index in indexes]):
            continue
        if group and _goes_on(context.text, start, end, sentence_start):
            group, end = group + indexes, sentence_end
            continue
        yield from _parts(context.text, spans, group, start, end)
        group, start, end = indexes, sentence_start, sentence_end
    yield from _parts(context.text, spans, group, start, end)


def _goes_on(body: str, start: int, end: int, following: int) -> bool:
    """Tell whether the sentence at `following` belongs to the piece from `start` to `end`."""
    gap = body[end:following]
    return not gap.strip() and (gap.count("\n") < _BLANK_LINE_ENDS or _begins_paragraph(body, start))


def _begins_paragraph(body: str, at: int) -> bool:
    before = before_space(body, at)
    return before == 0 or body.count("\n", before, at) >= _BLANK_LINE_ENDS


def _by_sentence(context: Context, spans: Sequence[Span]) -> list[tuple[tuple[int, int], list[int]]]:
    grouped: dict[tuple[int, int], list[int]] = {}
    for index in sorted(range(len(spans)), key=lambda index: spans[index].start):
        grouped.setdefault(context.sentence(spans[index].start), []).append(index)
    return list(grouped.items())


def _is_all_hype(context: Context, start: int, end: int, spans: list[Span]) -> bool:
    if any(span.action is not Action.REMOVED or span.end > end for span in spans):
        return False
    rest = list(_outside(context.text, start, end, spans))
    return all(word in _EMPTY_WORDS for word in rest) and not (rest and context.holds_facts(start, end))


def _outside(body: str, start: int, end: int, spans: list[Span]) -> Iterator[str]:
    """Yield the sentence's words that stand in none of its spans."""
    edges = [start, *(edge for span in spans for edge in (span.start, span.end)), end]
    for piece_start, piece_end in zip(edges[::2], edges[1::2], strict=True):
        for word in words(body[piece_start:piece_end]):
            yield word.text.casefold().replace("’", "'")


def _parts(body: str, spans: Sequence[Span], group: list[int], start: int, end: int) -> Iterator[Removal]:
    if not group:
        return
    start, end = _with_space(body, start, end)
    cuts = [start, *(spans[index].start for index in group[1:]), end]
    for index, cut, following in zip(group, cuts[:-1], cuts[1:], strict=True):
        yield Removal(cut, following, index)


def _with_space(body: str, start: int, end: int) -> tuple[int, int]:
    """Widen over the space after the sentence; at a paragraph's end over that before it."""
    before, after = before_space(body, start), after_space(body, end)
    ends_paragraph = after == len(body) or body.count("\n", end, after) >= _BLANK_LINE_ENDS
    if ends_paragraph and (not _begins_paragraph(body, start) or after == len(body)):
        return before, end
    return start, after
