"""Tell whether a body is only the beginning of its article."""

import re
from collections.abc import Sequence

# A shorter body is a stub, a caption or a paywall's teaser (specification, stage 1).
BODY_MIN_CHARS = 500

# Where a paywall's notice stands: before the page's last furniture.
_NOTICE_PARAGRAPHS = 6
_NOTICE_MAX_CHARS = 300

# A whole article of a few paragraphs seldom ends in an ellipsis; a teaser does.
_MIDWAY_MAX_CHARS = 1_500

_NOTICE = re.compile(
    r".{0,200}\bto (?:continue|keep) reading\b|continue reading\b"
    r"|.{0,200}\b(?:to|and) (?:read|view|see|access|unlock) (?:the (?:full|rest|whole|entire)|this|full|unlimited|all)\b"
    r".{0,60}\b(?:story|article|report|post|content|access|articles|coverage|text|column)\b"
    r"|.{0,120}\b(?:this|the full|full) (?:article|story|content|report|text|column) is (?:\w+ ){0,2}?(?:for|to|available|reserved|exclusive|behind)\b"
    r".{0,60}\b(?:subscribers?|members?|premium|paywall|subscription)\b"
    r"|already (?:a|have a|an?) (?:subscriber|subscription|member|account)\b|.{0,40}\b(?:subscribers?|members?)[ -]only\b"
    r"|.{0,60}\bonly (?:available )?(?:for|to) (?:our |paying |paid )?(?:subscribers|members)\b"
    r"|.{0,60}\byou['’]?(?: ha)?ve (?:reached|read|used) (?:your|all|the) .{0,30}\b(?:limit|free (?:articles?|stor(?:y|ies)))\b"
    r"|(?:please )?enable (?:js|javascript)\b|.{0,60}\bdisable (?:any|your) ad ?blocker\b"
    r"|.{0,200}(?:\[\+\d+ chars\]|\[(?:…|\.\.\.)\])$",
    re.IGNORECASE,
)


def without_notices(paragraphs: Sequence[str]) -> tuple[list[str], bool]:
    """Return the paragraphs without a paywall's notice among the last, and whether there was one."""
    start = max(len(paragraphs) - _NOTICE_PARAGRAPHS, 0)
    kept = [paragraph for paragraph in paragraphs[start:] if not _is_notice(paragraph)]
    return [*paragraphs[:start], *kept], len(kept) < len(paragraphs) - start


def truncation_reason(text: str, *, had_notice: bool) -> str:
    """Say why a body counts as truncated: `paywall_notice`, `too_short`, `ends_midway`; "" for a whole one."""
    if had_notice:
        return "paywall_notice"
    if len(text) < BODY_MIN_CHARS:
        return "too_short"
    if len(text) < _MIDWAY_MAX_CHARS and text.endswith(("…", "...")):
        return "ends_midway"
    return ""


def _is_notice(paragraph: str) -> bool:
    return len(paragraph) <= _NOTICE_MAX_CHARS and _NOTICE.match(paragraph) is not None
