"""Turn accepted spans into edits that leave grammatical sentences, and apply edits to a body."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from neutralization.articles import agreeing_article, trailing_article
from neutralization.conditions import INTENSIFIERS
from neutralization.context import Context, after_space, before_space
from neutralization.hype_sentences import Removal, removals
from neutralization.taxonomy import Action
from neutralization.types import Edit, Span
from ntrl.text.tokens import words

_MARKS = {"“": "”", '"': '"', "«": "»", "„": "“", "‘": "’", "'": "'", "(": ")", "[": "]"}
_DASHES = frozenset("—–-")
# What goes with a label or an adverb that opens a sentence: "BREAKING: ", "Shockingly, ", "JUST IN — ".
_AFTER_OPENING = re.compile(r"\s*[,:|!]?\s*(?:[—–-]\s+)?")
# Marks that can't follow a comma.
_AFTER_COMMA = frozenset(",.;:!?)")
# The longest intensifier with the space after it.
_INTENSIFIER_CHARS = 20


@dataclass(slots=True)
class _Draft:
    """An edit in the making."""

    start: int
    end: int
    text: str
    span_index: int


def make_edits(body: str, spans: Sequence[Span]) -> tuple[Edit, ...]:
    """Return the edits that carry out the actions of `spans`, sorted and disjoint.

    Each span has exactly one edit; the edit's range holds the span, and what must change with it: the space or comma
    beside a removed word, "a" that becomes "an", the first letter of what now opens the sentence. A sentence of
    nothing but removed spans goes whole, unless that would lose a number, a quotation or a name.

    Args:
        body: The body, exactly as stored.
        spans: Accepted spans; disjoint.
    """
    context = Context(body)
    gone = {removal.span_index: removal for removal in removals(context, spans)}
    drafts: list[_Draft] = []
    for index in sorted(range(len(spans)), key=lambda index: spans[index].start):
        floor = drafts[-1].end if drafts else 0
        drafts.append(_draft(context, spans[index], index, floor, gone.get(index)))
    for position, draft in enumerate(drafts):
        if draft.span_index not in gone:
            _capitalize(context, spans, drafts, position)
            _agree(body, drafts, position)
    return tuple(Edit(draft.start, draft.end, draft.text, draft.span_index) for draft in drafts)


def apply_edits(body: str, edits: Iterable[Edit]) -> str:
    """Return `body` with every edit's range replaced; all else stays verbatim.

    Raises:
        ValueError: Edits overlap or reach beyond the body.
    """
    pieces = []
    end = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if not end <= edit.start <= edit.end <= len(body):
            raise ValueError(f"edit of span {edit.span_index} overlaps another or leaves the body")
        pieces += [body[end : edit.start], edit.replacement]
        end = edit.end
    return "".join([*pieces, body[end:]])


def _draft(context: Context, span: Span, index: int, floor: int, gone: Removal | None) -> _Draft:
    if gone:
        return _Draft(gone.start, gone.end, "", index)
    if span.action is Action.REMOVED:
        return _Draft(*_removed_range(context, span, floor), "", index)
    return _Draft(*_inside_marks(context.text, span.start, span.end, floor), span.replacement, index)


def _inside_marks(body: str, start: int, end: int, floor: int) -> tuple[int, int]:
    """Widen a range over the marks that hold nothing else: a scare quote goes with its word."""
    if start > floor and end < len(body) and _MARKS.get(body[start - 1]) == body[end]:
        return start - 1, end + 1
    return start, end


def _removed_range(context: Context, span: Span, floor: int) -> tuple[int, int]:
    body = context.text
    start, end = _inside_marks(body, _with_intensifier(body, span.start, floor), span.end, floor)
    if context.starts_sentence(start):
        found = _AFTER_OPENING.match(body, end)
        return start, _same_paragraph(body, end, found.end() if found else end)
    if span.original_text.isupper() and body[end : end + 1] == ":":
        end += 1
    start, end = _with_punctuation(body, start, end, floor)
    if start > floor and body[start - 1].isspace():
        return before_space(body, start, floor), end
    return start, after_space(body, end)


def _with_intensifier(body: str, start: int, floor: int) -> int:
    head = body[max(floor, start - _INTENSIFIER_CHARS) : start]
    before = words(head)
    if before and before[-1].text.casefold() in INTENSIFIERS and head[before[-1].end :].isspace():
        return start - len(head) + before[-1].start
    return start


def _same_paragraph(body: str, end: int, further: int) -> int:
    """Stop before a blank line."""
    return end if body.count("\n", end, further) > 1 else further


def _with_punctuation(body: str, start: int, end: int, floor: int) -> tuple[int, int]:
    """Widen over a comma, a pair of commas or of dashes that would be left with nothing between."""
    left, right = before_space(body, start, floor), after_space(body, end)
    before = body[left - 1] if left > floor else ""
    after = body[right : right + 1]
    if before == "," and after in _AFTER_COMMA:
        return left - 1, right + 1 if after == "," else end
    if before in _DASHES and after in _DASHES and before:
        return left - 1, right + 1
    return start, end


def _capitalize(context: Context, spans: Sequence[Span], drafts: list[_Draft], position: int) -> None:
    """Give the capital of a sentence's first word, when that goes, to the word that is first now."""
    draft, span = drafts[position], spans[drafts[position].span_index]
    if not _first_letter(span.original_text).isupper():
        return
    if draft.text:
        if context.starts_sentence(draft.start) or _is_title_case(context, span):
            draft.text = _upper_first(draft.text)
        return
    if not context.starts_sentence(draft.start):
        return
    following = drafts[position + 1] if position + 1 < len(drafts) else None
    if following is not None and following.start == draft.end:
        following.text = _upper_first(following.text)
        return
    word = words(context.text[draft.end : draft.end + 30])
    if word and word[0].start == 0 and word[0].text.islower():
        draft.text = context.text[draft.end].upper()
        draft.end += 1


def _is_title_case(context: Context, span: Span) -> bool:
    return not span.original_text.isupper() and context.is_headline(span.start)


def _first_letter(text: str) -> str:
    return next((char for char in text if char.isalpha()), "")


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _agree(body: str, drafts: list[_Draft], position: int) -> None:
    """Make "a" or "an" before an edit fit the word that follows it now."""
    draft = drafts[position]
    floor = drafts[position - 1].end if position else 0
    found = trailing_article(body, floor, draft.start)
    if found is None:
        return
    start, end = found
    article = agreeing_article(body[start:end], _visible_after(body, drafts, position))
    if article != body[start:end]:
        draft.text = article + body[end : draft.start] + draft.text
        draft.start = start


def _visible_after(body: str, drafts: list[_Draft], position: int) -> str:
    """Return the first word that a reader will see after the article before this edit; empty when there is none."""
    for index in range(position, len(drafts)):
        draft = drafts[index]
        end = drafts[index + 1].start if index + 1 < len(drafts) else len(body)
        found = words(draft.text) or words(body[draft.end : min(end, draft.end + 40)])
        if found:
            return found[0].text
    return ""
