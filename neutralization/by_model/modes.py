"""How detail_full is to be written: at its spans alone, or as a whole because the article argues. Pure."""

from collections.abc import Sequence

from neutralization.taxonomy import Category
from neutralization.types import Mode, Span

# Distinct signs of the writer's own voice; a short text shows its nature sooner. From the pipeline specification.
EDITORIAL_SIGNALS = 3
EDITORIAL_SIGNALS_IN_SHORT = 2
SHORT_BODY_CHARS = 2_000
# With more phrases than this, what is left of the sentences is better written anew.
MAX_SPANS_TO_GUIDE = 15


def is_editorial(body: str, *found: Sequence[Span]) -> bool:
    """Tell whether an article argues, by the distinct signals that were found in it, whoever found them."""
    signals = {
        span.original_text.casefold() for spans in found for span in spans if span.category is Category.EDITORIAL_VOICE
    }
    return len(signals) >= (EDITORIAL_SIGNALS_IN_SHORT if len(body) < SHORT_BODY_CHARS else EDITORIAL_SIGNALS)


def choose_mode(body: str, spans: Sequence[Span], by_lexicon: Sequence[Span]) -> Mode:
    """Choose by the accepted spans, and the lexicon's beside them as a second witness of an editorial."""
    if len(spans) > MAX_SPANS_TO_GUIDE or is_editorial(body, spans, by_lexicon):
        return Mode.SYNTHESIS
    return Mode.SPAN_GUIDED
