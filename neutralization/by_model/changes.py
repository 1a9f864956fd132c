"""What a model really changed: its text against the body, tied to the phrases that asked for it.

A text guided by spans may differ from its body at their places alone. So what a model changed elsewhere does not go
out, even when it did no harm: readers would find a change without a reason.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from neutralization.differences import Difference, apply_changes
from neutralization.redline import Redline, redline
from neutralization.taxonomy import Action
from neutralization.types import Edit, Span
from ntrl.text.tokens import words


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A detail_full with its changes. `spans` say what was done at each phrase, which need not be what was planned."""

    text: str
    spans: tuple[Span, ...]
    edits: tuple[Edit, ...]
    redline: Redline


def untouched(body: str, spans: Sequence[Span] = ()) -> Rewritten:
    """The body as it is."""
    return Rewritten(body, tuple(spans), (), Redline())


def compare(body: str, text: str, spans: Sequence[Span]) -> Rewritten:
    """Align a text with its body."""
    lines = redline(body, text, spans)
    # One edit for each phrase's change; together they make the text only if every change has a phrase.
    edits = tuple(Edit(each.start, each.end, each.new, each.spans[0]) for each in lines.changes if each.spans)
    return Rewritten(text, tuple(_as_done(span, text, lines.changes) for span in spans), edits, lines)


def with_own_marks(body: str, rewritten: Rewritten) -> Rewritten:
    """Put back the marks and the white space that were changed without a phrase: other quotation marks, a lost dash."""
    return _put_back(body, rewritten, lambda change: not change.spans and _words(change.old) == _words(change.new))


def at_phrases_alone(body: str, rewritten: Rewritten) -> Rewritten:
    """Put back everything that no phrase explains."""
    return _put_back(body, rewritten, lambda change: not change.spans)


def _put_back(body: str, rewritten: Rewritten, is_meant: Callable[[Difference], bool]) -> Rewritten:
    changes = rewritten.redline.changes
    kept = [change for change in changes if not is_meant(change)]
    if len(kept) == len(changes):
        return rewritten
    return compare(body, apply_changes(body, kept), rewritten.spans)


def _as_done(span: Span, text: str, changes: Sequence[Difference]) -> Span:
    """Return the span with the action that was taken and the words that stand in its place.

    Where it went in a rewording that is about more than it, no words are its own.
    """
    if any(not each.spans and each.start < span.end and span.start < each.end for each in changes):
        return replace(span, action=Action.REMOVED, replacement="")
    start, end = _place(span.start, changes, at_end=False), _place(span.end, changes, at_end=True)
    written = " ".join(text[start:end].split())
    if written == " ".join(span.original_text.split()):
        return span  # nothing was done; the audit says so
    if not any(char.isalnum() for char in written):
        return replace(span, action=Action.REMOVED, replacement="")
    action = Action.REPLACED if span.action is Action.REMOVED else span.action
    return replace(span, action=action, replacement=written)


def _place(at: int, changes: Sequence[Difference], *, at_end: bool) -> int:
    """Where a place of the body stands in the text; one within a change goes to its edge."""
    shift = 0
    for change in changes:
        if change.start > at or (change.start == at and at_end and change.old):
            break
        if change.start <= at < change.end or (change.end == at and at_end):
            return change.full_end if at_end else change.full_start
        if change.start == at == change.end and not at_end:
            return change.full_start
        shift = change.full_end - change.end
    return at + shift


def _words(text: str) -> list[str]:
    return [word.text for word in words(text)]
