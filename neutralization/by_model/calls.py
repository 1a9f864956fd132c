"""The four calls about one story, through the gateway. Their bounds, and what they cost."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.conf import settings

from neutralization.by_model import prompts
from neutralization.by_model.replies import FeedReply, NamedPhrase, PhrasesReply, read_line, read_text
from neutralization.chunks import chunk
from neutralization.detection_log import log_model_reply
from neutralization.types import Mode, Output, Span
from ntrl.llm.gateway import Gateway
from ntrl.llm.prices import cost_of
from ntrl.llm.types import Completion, Operation, Prompt, Usage
from ntrl.stages.errors import RetryLater

OPERATIONS = (
    Operation.DETECT_SPANS,
    Operation.NEUTRALIZE_FULL,
    Operation.SYNTHESIZE_BRIEF,
    Operation.COMPRESS_FEED,
)
# A piece of a body in which a small model still finds each phrase; an average article, of 4,800, is one piece.
CHUNK_CHARS = 8_000
CHUNK_OVERLAP_CHARS = 400
# Rules of thumb for English: a token has four characters, or three where names and numbers abound.
CHARS_PER_TOKEN = 4
_CHARS_PER_TOKEN_AT_LEAST = 3
# English with its curly marks and dashes, generously; what a call needs beyond that, it asks for.
_BYTES_PER_CHAR = 1.25
# Three times what a reply takes usually; one that is longer runs in circles.
PHRASES_TOKENS = 3_000
BRIEF_TOKENS = 1_200
FEED_TOKENS = 400
# A body written out again, with room for a rewording.
_FULL_TOKENS_BESIDE = 400
# What replies take usually, for estimates.
_USUAL_TOKENS = {
    Operation.DETECT_SPANS: 250,
    Operation.SYNTHESIZE_BRIEF: 250,
    Operation.COMPRESS_FEED: 90,
}
# The model's names in the version's column.
_NAMES_CHARS = 64
Reply = TypeVar("Reply")


@dataclass(slots=True)
class StoryCalls:
    """One story's calls. Two threads may make them side by side.

    Attributes:
        gateway: the run's.
        story_id: for the rows of the calls.
        ends_at: when the story has to be done, in the clock's seconds.
        clock: monotonic seconds.
        models: who has answered so far.
        raw: the replies of detect_spans as they came.
    """

    gateway: Gateway
    story_id: UUID
    ends_at: float
    clock: Callable[[], float] = time.monotonic
    models: set[str] = field(default_factory=set)
    raw: list[str] = field(default_factory=list)

    @property
    def model_names(self) -> str:
        """Who made the texts, for the version's row."""
        return ", ".join(sorted(self.models))[:_NAMES_CHARS]

    def phrases(self, body: str) -> list[NamedPhrase]:
        """Ask for manipulative phrases, piece by piece."""
        found: list[NamedPhrase] = []
        for piece in chunk(body, max_chars=CHUNK_CHARS, overlap_chars=CHUNK_OVERLAP_CHARS):
            prompt = prompts.detect_prompt(piece.text)
            completion = self._ask(Operation.DETECT_SPANS, prompt, PhrasesReply, PHRASES_TOKENS)
            named = completion.value.phrases
            log_model_reply(self.story_id, completion, body_chars=len(piece.text), phrases=len(named))
            self.raw.append(completion.text)
            found += named
        return found

    def full(self, body: str, spans: Sequence[Span], mode: Mode, review: str = "") -> str:
        """Ask for detail_full."""
        prompt = prompts.full_prompt(body, spans, mode, review)
        return read_text(self._ask(Operation.NEUTRALIZE_FULL, prompt, str, _full_tokens(len(body))).value)

    def brief(self, body: str, review: str = "") -> str:
        """Ask for detail_brief."""
        prompt = prompts.brief_prompt(body, review)
        return read_text(self._ask(Operation.SYNTHESIZE_BRIEF, prompt, str, BRIEF_TOKENS).value)

    def feed(self, body: str, brief: str, review: str = "") -> Mapping[Output, str]:
        """Ask for the three short texts."""
        prompt = prompts.feed_prompt(body, brief, review)
        reply = self._ask(Operation.COMPRESS_FEED, prompt, FeedReply, FEED_TOKENS).value
        return {
            Output.FEED_TITLE: read_line(reply.feed_title),
            Output.FEED_SUMMARY: read_line(reply.feed_summary),
            Output.DETAIL_TITLE: read_line(reply.detail_title),
        }

    def _ask(self, operation: Operation, prompt: Prompt, reply: type[Reply], max_tokens: int) -> Completion[Reply]:
        left = self.ends_at - self.clock()
        if left <= 0:
            raise RetryLater("llm_deadline", "the models took longer than a story may take")
        completion = self.gateway.complete(
            operation=operation,
            prompt=prompt,
            reply=reply,
            max_output_tokens=max_tokens,
            story_id=self.story_id,
            deadline_seconds=min(left, settings.LLM_DEADLINE_SECONDS),
        )
        self.models.add(completion.model)
        return completion


def has_models(gateway: Gateway) -> bool:
    """Whether every call has somebody to be asked."""
    return all(gateway.chain(operation) for operation in OPERATIONS)


def prompt_version() -> str:
    """The version of the prompts in force."""
    return prompts.family_version()


def identity(gateway: Gateway) -> str:
    """Who is asked in which words: what a story's texts depend on besides its body and the rules."""
    chains = ";".join(
        f"{operation}:" + ",".join(f"{attempt.provider} {attempt.model}" for attempt in gateway.chain(operation))
        for operation in OPERATIONS
    )
    return f"{prompts.family_version()}|{chains}"


def worst_case_usd(gateway: Gateway, body_chars: int) -> Decimal:
    """What the four calls cost at most when nothing has to be repaired and nobody else to be asked."""
    cost = Decimal(0)
    for operation, (prompt_chars, tokens) in _sizes(body_chars).items():
        attempt = gateway.chain(operation)[0]
        size = round(prompt_chars * _BYTES_PER_CHAR)
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
    """Each call's characters sent, and tokens replied at most."""
    files = prompts.prompts_of_stage()
    tokens = {
        Operation.DETECT_SPANS: PHRASES_TOKENS,
        Operation.NEUTRALIZE_FULL: _full_tokens(body_chars),
        Operation.SYNTHESIZE_BRIEF: BRIEF_TOKENS,
        Operation.COMPRESS_FEED: FEED_TOKENS,
    }
    prompt = {name: len(files[name].system) + len(files[name].user) for name in files}
    return {operation: (prompt[operation] + body_chars, limit) for operation, limit in tokens.items()}


def _full_tokens(body_chars: int) -> int:
    return body_chars // _CHARS_PER_TOKEN_AT_LEAST + _FULL_TOKENS_BESIDE
