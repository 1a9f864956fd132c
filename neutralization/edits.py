"""Turn accepted spans into edits that leave grammatical sentences, and apply edits to a body."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from neutralization.articles import WORDS_TO_COUNTED, agreeing_article, counts_several, trailing_article
from neutralization.context import Context, after_space, before_space
from neutralization.hype_sentences import removals
from neutralization.removability import DEGREES, end_with_that, is_joined
from neutralization.taxonomy import Action
from neutralization.types import Edit, Span
from ntrl.text.tokens import words

_MARKS = {"“": "”", '"': '"', "«": "»", "„": "“", "‘": "’", "'": "'", "(": ")", "[": "]"}
_DASHES = frozenset("—–-")
# What goes with a label or an adverb that opens a sentence: "BREAKING: ", "Shockingly, ", "JUST IN — ".
_AFTER_OPENING = re.compile(r"\s*[,:|!]?\s*(?:—\s*|[–-]\s+)?")
# What may stand before the first word of a list's line.
_BULLETS = " \t\u00a0-–—•*·"
# Marks that can't follow a comma.
_AFTER_COMMA = frozenset(",.;:!?)")
# After these words a comma that followed a removed word has nothing to divide.
_BINDS_NEXT_WORD = frozenset(
    {"a", "an", "and", "are", "as", "be", "been", "being", "but", "her", "his", "is", "its", "more", "most", "my"}
    | {"of", "or", "our", "so", "that", "the", "their", "these", "this", "those", "too", "very", "was", "were", "your"}
)
# Enough of a first word to see whether it is written in small letters.
_FIRST_WORD_CHARS = 30
# Enough of the words after an article to see what it belongs to.
_FIRST_WORDS_CHARS = 60
# The longest word of degree with the space after it.
_DEGREE_CHARS = 20


@dataclass(slots=True)
class _Draft:
    """An edit in the making; `capital` says that what is left begins a sentence that began with a capital."""

    start: int
    end: int
    text: str
    span_index: int
    capital: bool = False


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
    order = sorted(range(len(spans)), key=lambda index: spans[index].start)
    limits = [*(spans[index].start for index in order[1:]), len(body)]
    for index, limit in zip(order, limits, strict=False):
        previous = drafts[-1] if drafts else _Draft(0, 0, "", -1)
        if index in gone:
            drafts.append(_Draft(gone[index].start, gone[index].end, "", index))
        else:
            drafts.append(_draft(context, spans, index, previous, limit))
    for draft in drafts:
        if draft.capital and draft.text:
            draft.text, draft.capital = _upper_first(draft.text), False
    for position, draft in enumerate(drafts):
        if draft.span_index not in gone:
            _agree(body, drafts, position)
    # Last, since an article that changed may be what opens a sentence now.
    for position, draft in enumerate(drafts):
        if draft.capital:
            _capitalize(body, draft, drafts[position + 1 : position + 2])
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


def _draft(context: Context, spans: Sequence[Span], index: int, previous: _Draft, limit: int) -> _Draft:
    """Plan one span's edit, after `previous` and before the next span's beginning, `limit`."""
    body, floor, span = context.text, previous.end, spans[index]
    if span.action is not Action.REMOVED:
        start, end = _inside_marks(body, span.start, span.end, floor)
        opens = _opens(context, start) or _is_title_case(context, span)
        return _Draft(start, end, span.replacement, index, opens and _first_letter(span.original_text).isupper())
    is_joined_on = previous.span_index >= 0 and is_joined(body, spans[previous.span_index], span)
    with_that = end_with_that(body, span)
    end = with_that if with_that <= limit else span.end
    start, end = _inside_marks(body, _with_degree(body, span.start, floor), end, floor)
    start = floor if is_joined_on else start
    if _opens(context, start):
        return _Draft(start, _after_opening(body, end), "", index, _first_letter(body[start:end]).isupper())
    if previous.capital and not previous.text and start == floor:
        return _Draft(start, _after_opening(body, end), "", index, capital=True)
    if is_joined_on:
        return _Draft(start, end, "", index)
    if span.original_text.isupper() and body[end : end + 1] == ":":
        end += 1
    return _Draft(*_within_sentence(body, start, end, floor), "", index)


def _opens(context: Context, at: int) -> bool:
    """Tell whether what stands here opens a sentence, or as a capital shows, a line of a list."""
    if context.starts_sentence(at):
        return True
    line = context.text.rfind("\n", 0, at) + 1
    return (
        bool(line) and not context.text[line:at].strip(_BULLETS) and _first_letter(context.text[at : at + 1]).isupper()
    )


def _inside_marks(body: str, start: int, end: int, floor: int) -> tuple[int, int]:
    """Widen a range over the marks that hold nothing else: a scare quote goes with its word."""
    if start > floor and end < len(body) and _MARKS.get(body[start - 1]) == body[end]:
        return start - 1, end + 1
    return start, end


def _after_opening(body: str, end: int) -> int:
    """Return where the next word begins after a removed opening; a blank line is never crossed."""
    found = _AFTER_OPENING.match(body, end)
    if found is None or body.count("\n", end, found.end()) > 1:
        return end
    return found.end()


def _within_sentence(body: str, start: int, end: int, floor: int) -> tuple[int, int]:
    """Widen a removed range so that neither two spaces nor two marks are left side by side."""
    left, right = before_space(body, start, floor), after_space(body, end)
    before = body[left - 1] if left > floor else ""
    after = body[right : right + 1]
    if before == "," and after and after in _AFTER_COMMA:
        return left - 1, right + 1 if after == "," else end
    if after == "," and ((before and before in ";:") or _binds_next_word(body, left, floor)):
        return left, right + 1
    if before in _DASHES and after in _DASHES:
        return before_space(body, left - 1, floor), right + 1
    if left < start:
        return left, end
    return (start, right) if left == floor or before in _MARKS or before in _DASHES else (start, end)


def _with_degree(body: str, start: int, floor: int) -> int:
    head = body[max(floor, start - _DEGREE_CHARS) : start]
    before = words(head)
    if before and before[-1].text.casefold() in DEGREES and head[before[-1].end :].isspace():
        return start - len(head) + before[-1].start
    return start


def _binds_next_word(body: str, at: int, floor: int) -> bool:
    before = words(body[max(floor, at - _FIRST_WORD_CHARS) : at])
    return bool(before) and before[-1].text.casefold() in _BINDS_NEXT_WORD


def _capitalize(body: str, draft: _Draft, following: list[_Draft]) -> None:
    """Give the capital of a sentence's first word, when that goes, to the word that is first now."""
    if draft.text:
        draft.text = _upper_first(draft.text)
        return
    if following and following[0].start == draft.end:
        following[0].capital = True
        return
    word = words(body[draft.end : draft.end + _FIRST_WORD_CHARS])
    if word and word[0].start == 0 and word[0].text.islower():
        draft.text = body[draft.end].upper()
        draft.end += 1


def _is_title_case(context: Context, span: Span) -> bool:
    return not span.original_text.isupper() and context.is_headline(span.start)


def _first_letter(text: str) -> str:
    return next((char for char in text if char.isalpha()), "")


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _agree(body: str, drafts: list[_Draft], position: int) -> None:
    """Make "a" or "an" before an edit fit the word that follows it now, or go before a number of things."""
    draft = drafts[position]
    floor = drafts[position - 1].end if position else 0
    found = trailing_article(body, floor, draft.start)
    if found is None:
        return
    start, end = found
    following = _visible_after(body, drafts, position)
    if counts_several(following) and _take_article(body, drafts, position, start):
        return
    article = agreeing_article(body[start:end], following[0] if following else "")
    if article != body[start:end]:
        draft.text = article + body[end : draft.start] + draft.text
        draft.start = start


def _take_article(body: str, drafts: list[_Draft], position: int, start: int) -> bool:
    """Let an edit take the article that begins at `start`, if nothing is put in its place or right after it."""
    last = position
    while last + 1 < len(drafts) and drafts[last + 1].start == drafts[last].end:
        last += 1
    if any(draft.text for draft in drafts[position : last + 1]):
        return False
    drafts[position].start = start
    drafts[last].end = after_space(body, drafts[last].end)
    if body[start].isupper():
        _capitalize(body, drafts[last], [])
    return True


def _visible_after(body: str, drafts: list[_Draft], position: int) -> list[str]:
    """Return the first words that a reader will see after the article before this edit."""
    found: list[str] = []
    for index in range(position, len(drafts)):
        draft = drafts[index]
        end = drafts[index + 1].start if index + 1 < len(drafts) else len(body)
        rest = body[draft.end : min(end, draft.end + _FIRST_WORDS_CHARS)]
        found += [word.text for word in (*words(draft.text), *words(rest))]
        if len(found) >= WORDS_TO_COUNTED or len(rest) == _FIRST_WORDS_CHARS:
            break
    return found[:WORDS_TO_COUNTED]
