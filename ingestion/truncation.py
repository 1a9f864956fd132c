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

# What someone in the article says is no notice.
_QUOTATION_MARKS = tuple("“”\"„«»‘’'")

_ARTICLE = r"(?:story|article|report|post|content|access|articles|coverage|text|column)"
_READERS = r"(?:subscribers?|members?|premium|paywall|subscription)"
_NOTICE = re.compile(
    "|".join(
        (
            r"\bto (?:continue|keep) reading\b|^continue reading\b",
            r"\b(?:to|and) (?:read|view|see|access|unlock) (?:the (?:full|rest|whole|entire)|this|full|unlimited|all)\b"
            rf".{{0,60}}\b{_ARTICLE}\b",
            rf"\b(?:this|the full|full) {_ARTICLE} is (?:\w+ ){{0,2}}?(?:for|to|available|reserved|exclusive|behind)\b"
            rf".{{0,60}}\b{_READERS}\b",
            r"^already (?:a|have an?) (?:subscriber|subscription|member|account)\b",
            r"^(?:for )?(?:subscribers?|members?)[ -]only\b",
            r"\bonly (?:available )?(?:for|to) (?:our |paying |paid )?subscribers\b",
            r"\byou(?:['’]| ha)ve (?:reached|read|used) (?:your|all|the) "
            r".{0,30}\b(?:limit|free articles?|free stories)\b",
            r"^(?:please )?enable (?:js|javascript)\b|\bdisable (?:any|your) ad ?blocker\b",
            r"\[(?:\+\d{1,9} chars|…|\.\.\.)\]$",
        )
    ),
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
    if len(paragraph) > _NOTICE_MAX_CHARS or paragraph.startswith(_QUOTATION_MARKS):
        return False
    return _NOTICE.search(paragraph) is not None
