"""How large the four calls about a story are, what they cost at most, and what usually."""

from collections.abc import Mapping
from decimal import Decimal

from django.conf import settings

from neutralization.by_model import prompts
from ntrl.llm.gateway import Gateway
from ntrl.llm.prices import BYTES_PER_CHAR, CHARS_PER_TOKEN, cost_of
from ntrl.llm.types import Operation, Usage

OPERATIONS = (
    Operation.DETECT_SPANS,
    Operation.NEUTRALIZE_FULL,
    Operation.SYNTHESIZE_BRIEF,
    Operation.COMPRESS_FEED,
)
# A piece of a body in which a small model still finds each phrase, and which it writes out again within the time of a
# call; an average article, of 4,800, is one piece.
CHUNK_CHARS = 8_000
CHUNK_OVERLAP_CHARS = 400
# Where names and numbers abound.
_CHARS_PER_TOKEN_AT_LEAST = 3
# Three times what a reply takes usually; one that is longer runs in circles.
PHRASES_TOKENS = 3_000
BRIEF_TOKENS = 1_200
FEED_TOKENS = 400
# A text written out again, with room for a rewording.
_FULL_TOKENS_BESIDE = 400
# What replies take usually, for estimates.
_USUAL_TOKENS = {
    Operation.DETECT_SPANS: 250,
    Operation.SYNTHESIZE_BRIEF: 250,
    Operation.COMPRESS_FEED: 90,
}


def full_tokens(chars: int) -> int:
    """How many tokens a text that was so long may have when it is written out again."""
    return chars // _CHARS_PER_TOKEN_AT_LEAST + _FULL_TOKENS_BESIDE


def worst_case_usd(gateway: Gateway, body_chars: int) -> Decimal:
    """What the four calls cost at most when nothing has to be repaired and nobody else to be asked."""
    cost = Decimal(0)
    for operation, (prompt_chars, tokens) in _sizes(body_chars).items():
        attempt = gateway.chain(operation)[0]
        size = round(prompt_chars * BYTES_PER_CHAR)
        cost += gateway.worst_case_usd(attempt, prompt_chars=size, max_output_tokens=tokens)
    return cost


def estimated_usd(gateway: Gateway, body_chars: int) -> Decimal | None:
    """What the four calls will cost, by rules of thumb; None when a price is not known."""
    total = Decimal(0)
    for operation, (prompt_chars, _) in _sizes(body_chars).items():
        attempt = gateway.chain(operation)[0]
        output = _USUAL_TOKENS.get(operation, body_chars // CHARS_PER_TOKEN)
        cost = cost_of(
            Usage(prompt_chars // CHARS_PER_TOKEN, output),
            provider=attempt.provider,
            model=attempt.model,
            overrides=settings.LLM_PRICES,
        )
        if cost is None:
            return None
        total += cost
    return total


def _sizes(body_chars: int) -> Mapping[Operation, tuple[int, int]]:
    """Each operation's characters sent, and tokens replied at most; each piece of a long body has a prompt."""
    files = prompts.prompts_of_stage()
    pieces = 1 + body_chars // CHUNK_CHARS
    tokens = {
        Operation.DETECT_SPANS: (pieces, PHRASES_TOKENS * pieces),
        Operation.NEUTRALIZE_FULL: (pieces, full_tokens(body_chars) + _FULL_TOKENS_BESIDE * (pieces - 1)),
        Operation.SYNTHESIZE_BRIEF: (1, BRIEF_TOKENS),
        Operation.COMPRESS_FEED: (1, FEED_TOKENS),
    }
    prompt = {name: len(files[name].system) + len(files[name].user) for name in files}
    return {operation: (prompt[operation] * calls + body_chars, limit) for operation, (calls, limit) in tokens.items()}
