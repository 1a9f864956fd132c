"""Spans and differences as clients read them: code points, and UTF-16 beside them. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from neutralization.redline import Redline
from neutralization.taxonomy import REASONS
from neutralization.types import Span


def span_rows(spans: Sequence[Span], body: str | None) -> list[dict[str, Any]]:
    """Write accepted spans, sorted by place; UTF-16 offsets are None when the body is not there."""
    places = sorted({place for span in spans for place in (span.start, span.end)})
    utf16 = dict(zip(places, _utf16_offsets(body, places), strict=True)) if body is not None else {}
    return [
        {
            "field": "body",
            "start_char": span.start,
            "end_char": span.end,
            "start_utf16": utf16.get(span.start),
            "end_utf16": utf16.get(span.end),
            "original_text": span.original_text,
            "action": span.action.value,
            "reason": REASONS[span.category].value,
            "category": span.category.value,
            "replacement_text": span.replacement or None,
        }
        for span in spans
    ]


def redline_rows(redline: Redline) -> list[dict[str, Any]]:
    """Write the differences."""
    return [
        {
            "start_char": change.start,
            "end_char": change.end,
            "original_text": change.old,
            "full_start_char": change.full_start,
            "full_end_char": change.full_end,
            "neutral_text": change.new,
            "spans": list(change.spans),
        }
        for change in redline.changes
    ]


def _utf16_offsets(body: str, places: Iterable[int]) -> Iterator[int]:
    """Yield the UTF-16 offset of each place, going through the body once."""
    at = offset = 0
    for place in places:
        offset += len(body[at:place].encode("utf-16-le", "surrogatepass")) // 2
        at = place
        yield offset
