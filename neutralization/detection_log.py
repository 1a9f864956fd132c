"""What the log says of how a story's spans were found: a figure for each step, and the words that were let go."""

import logging
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from neutralization.spans import Phrase, Step
from neutralization.types import Span

log = logging.getLogger(__name__)

# What the log's lines on span detection begin with, so that they are found together.
LOG_PREFIX = "[SPAN_DETECTION]"
# Each step's word in the log.
STEP_NAMES = {
    "positions": "position_match",
    "quotes": "quote_filter",
    "false_positives": "fp_filter",
    "overlaps": "overlap_filter",
    "removals": "removal_filter",
}
# Phrases named in one line; the figure before them counts them all.
MAX_PHRASES_NAMED = 20


def log_model_reply(story_id: UUID, *, model: str, body_chars: int, reply_chars: int, phrases: int) -> None:
    """Write what a model was sent and gave, in figures."""
    log.info(
        "%s LLM responded, model=%s, body_length=%d, response_length=%d, story=%s",
        LOG_PREFIX,
        model,
        body_chars,
        reply_chars,
        story_id,
    )
    log.info("%s LLM returned %d phrases, story=%s", LOG_PREFIX, phrases, story_id)


def log_unusable(story_id: UUID, whys: Sequence[str]) -> None:
    """Warn of phrases that could not be looked for, by reason. Their words may be an article's, or anything."""
    for why, number in sorted(Counter(whys).items()):
        log.warning("%s LLM phrases dropped: %d, %s, story=%s", LOG_PREFIX, number, why, story_id)


def log_detection(story_id: UUID, steps: Sequence[Step]) -> None:
    """Write the steps' figures (INFO), and what the filter of false positives removed (DEBUG)."""
    figures = " -> ".join(f"{STEP_NAMES[step.name]}={len(step.kept)}" for step in steps)
    log.info("%s Pipeline: %s, story=%s", LOG_PREFIX, figures, story_id)
    for step in steps:
        if step.name == "false_positives" and step.dropped:
            phrases = [_words(dropped.item) for dropped in step.dropped[:MAX_PHRASES_NAMED]]
            log.debug(
                "%s False positive filter removed %d: %s, story=%s", LOG_PREFIX, len(step.dropped), phrases, story_id
            )


def _words(item: Span | Phrase) -> str:
    return item.original_text if isinstance(item, Span) else item.text
