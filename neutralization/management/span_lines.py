"""How commands show spans, steps and verdicts: as lines for people, as plain values for machines."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from neutralization.differences import Difference
from neutralization.explaining import around
from neutralization.redline import Redline
from neutralization.spans import Dropped, Step
from neutralization.types import Edit, Span, Verdict

# Control characters of a publisher's text would command the reader's terminal.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


def one_line(text: str) -> str:
    """Put a text on one line, without characters that a terminal obeys."""
    return _CONTROLS.sub(" ", text)


def place_line(body: str, span: Span) -> str:
    """Show a span's offsets and its words between those around it."""
    before, after = around(body, span.start, span.end)
    return one_line(f"{span.start}–{span.end}  {before} [{span.original_text}] {after}")


def rule_line(span: Span) -> str:
    """Show what is done to a span, and by which rule."""
    change = f"{span.action} by “{span.replacement}”" if span.replacement else str(span.action)
    return one_line(f"{span.category}, {change}, rule {span.rule_key or 'none'}")


def step_lines(body: str, step: Step) -> Iterator[str]:
    """Show a step: how many it kept, and each that it dropped with the reason."""
    yield f"{step.name}: {len(step.kept)} kept, {len(step.dropped)} dropped"
    for dropped in step.dropped:
        item = dropped.item
        where = place_line(body, item) if isinstance(item, Span) else one_line(f"[{item.text}]")
        yield f"  - {where}"
        yield f"      {one_line(dropped.why)} (rule {item.rule_key or 'none'})"


def edit_line(body: str, edit: Edit) -> str:
    """Show what an edit took and put."""
    return one_line(f"{edit.start}–{edit.end}  “{body[edit.start : edit.end]}” becomes “{edit.replacement}”")


def redline_count(redline: Redline | None) -> str:
    """Say how many changes there are, and how many of them no phrase explains."""
    if redline is None:
        return "not made"
    return f"changes {len(redline.changes)}, unattributed {redline.unattributed}"


def change_line(change: Difference) -> str:
    """Show what went and what came, and the phrases that explain it by their numbers."""
    reason = ", ".join(f"span {index}" for index in change.spans) or "UNATTRIBUTED"
    return one_line(f"  {change.start}–{change.end}  “{change.old}” became “{change.new}”: {reason}")


def verdict_line(verdict: Verdict) -> str:
    """Show a verdict with its evidence."""
    evidence = f": {'; '.join(verdict.evidence)}" if verdict.evidence else ""
    return one_line(f"{'passed' if verdict.passed else 'FAILED'} {verdict.rule_id} on {verdict.output}{evidence}")


def step_document(body: str, step: Step) -> dict[str, Any]:
    """A step as plain values."""
    return {
        "name": step.name,
        "kept": [span_document(body, span) for span in step.kept],
        "dropped": [_dropped_document(body, dropped) for dropped in step.dropped],
    }


def redline_document(redline: Redline | None) -> dict[str, Any] | None:
    """A redline as plain values, None where nobody has aligned the texts."""
    if redline is None:
        return None
    return {"changes": redline.as_rows(), "unattributed": redline.unattributed}


def span_document(body: str, span: Span) -> dict[str, Any]:
    """A span as plain values, with the words around it."""
    before, after = around(body, span.start, span.end)
    return {**asdict(span), "before": before, "after": after}


def verdict_documents(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Verdicts as plain values."""
    return [asdict(verdict) for verdict in verdicts]


def _dropped_document(body: str, dropped: Dropped) -> dict[str, Any]:
    item = span_document(body, dropped.item) if isinstance(dropped.item, Span) else asdict(dropped.item)
    return {**item, "why": dropped.why}
