"""The four calls about one story, through the gateway; a long body goes out in pieces."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar
from uuid import UUID

from django.conf import settings

from neutralization.by_model import prompts
from neutralization.by_model.costs import (
    BRIEF_TOKENS,
    CHUNK_CHARS,
    CHUNK_OVERLAP_CHARS,
    FEED_TOKENS,
    OPERATIONS,
    PHRASES_TOKENS,
    full_tokens,
)
from neutralization.by_model.paid import PaidReply, call_key
from neutralization.by_model.replies import FeedReply, NamedPhrase, PhrasesReply, read_line, read_text
from neutralization.chunks import Chunk, chunk
from neutralization.detection_log import log_model_reply
from neutralization.types import Mode, Output, Span
from ntrl.llm.errors import CHAIN_FAILED, CallFailed, NoReply
from ntrl.llm.gateway import Gateway
from ntrl.llm.replies import read_reply
from ntrl.llm.types import Ending, Operation, Prompt, Reply

# More than any text has for each token that it may have: a model that goes on so was not bounded, and is not read.
_MAX_CHARS_PER_TOKEN = 12
# The models' names in the version's column.
_NAMES_CHARS = 64
Wanted = TypeVar("Wanted")


@dataclass(frozen=True, slots=True)
class _Answer(Generic[Wanted]):
    """A reply as a value and as text; `is_new` unless it was paid for earlier."""

    value: Wanted
    text: str
    model: str
    is_new: bool


@dataclass(slots=True)
class StoryCalls:
    """One story's calls. Two threads may make them side by side.

    Attributes:
        gateway: the run's.
        story_id: for the rows of the calls.
        ends_at: when the story has to be done, in the clock's seconds.
        kept: replies that an earlier attempt at the story has paid for, by their calls' keys.
        clock: monotonic seconds.
        models: who has answered so far.
        raw: the replies of detect_spans as they came.
        paid: the replies that were paid for now.
    """

    gateway: Gateway
    story_id: UUID
    ends_at: float
    kept: Mapping[str, PaidReply] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    models: set[str] = field(default_factory=set)
    raw: list[str] = field(default_factory=list)
    paid: list[PaidReply] = field(default_factory=list)

    @property
    def model_names(self) -> str:
        """Who made the texts, for the version's row."""
        return ", ".join(sorted(self.models))[:_NAMES_CHARS]

    def phrases(self, body: str) -> list[NamedPhrase]:
        """Ask for manipulative phrases, piece by piece."""
        found: list[NamedPhrase] = []
        for piece in chunk(body, max_chars=CHUNK_CHARS, overlap_chars=CHUNK_OVERLAP_CHARS):
            prompt = prompts.detect_prompt(piece.text)
            answer = self._ask(Operation.DETECT_SPANS, prompt, PhrasesReply, PHRASES_TOKENS)
            named = answer.value.phrases
            if answer.is_new:
                log_model_reply(
                    self.story_id,
                    model=answer.model,
                    body_chars=len(piece.text),
                    reply_chars=len(answer.text),
                    phrases=len(named),
                )
            self.raw.append(answer.text)
            found += named
        return found

    def full(self, body: str, spans: Sequence[Span], mode: Mode, review: str = "") -> str:
        """Ask for detail_full, piece by piece; without a span a piece stays as it is, unless all is written anew."""
        text, end = "", 0
        for piece, inside in _with_spans(body, spans):
            stays = not inside and mode is Mode.SPAN_GUIDED
            text += body[end : piece.start]
            text += piece.text if stays else self._full(piece.text, inside, mode, review)
            end = piece.end
        return text + body[end:]

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

    def _full(self, text: str, spans: Sequence[Span], mode: Mode, review: str) -> str:
        prompt = prompts.full_prompt(text, spans, mode, review)
        return read_text(self._ask(Operation.NEUTRALIZE_FULL, prompt, str, full_tokens(len(text))).value)

    def _ask(self, operation: Operation, prompt: Prompt, wanted: type[Wanted], max_tokens: int) -> _Answer[Wanted]:
        key = call_key(operation, prompt, chain_names(self.gateway, operation))
        known = self._kept_answer(key, wanted)
        if known is not None:
            return known
        left = self.ends_at - self.clock()
        if left <= 0:
            raise NoReply(f"{CHAIN_FAILED}deadline", ["the models took longer than a story may take"])
        completion = self.gateway.complete(
            operation=operation,
            prompt=prompt,
            reply=wanted,
            max_output_tokens=max_tokens,
            story_id=self.story_id,
            deadline_seconds=min(left, settings.LLM_DEADLINE_SECONDS),
        )
        if len(completion.text) > _MAX_CHARS_PER_TOKEN * max_tokens:
            chars = len(completion.text)
            words = f"{completion.model} replied with {chars} characters where {max_tokens} tokens are most"
            raise NoReply(f"{CHAIN_FAILED}reply_too_large", [words])
        self.models.add(completion.model)
        self.paid.append(PaidReply(key, completion.text, completion.model))
        return _Answer(completion.value, completion.text, completion.model, is_new=True)

    def _kept_answer(self, key: str, wanted: type[Wanted]) -> _Answer[Wanted] | None:
        """A reply that was paid for earlier, if it still is what is wanted: a new release may want another form."""
        known = self.kept.get(key)
        if known is None:
            return None
        try:
            value = read_reply(Reply(known.text, Ending.COMPLETE, None), wanted)
        except CallFailed:
            return None
        self.models.add(known.model)
        return _Answer(value, known.text, known.model, is_new=False)


def has_models(gateway: Gateway) -> bool:
    """Whether every call has somebody to be asked."""
    return all(gateway.chain(operation) for operation in OPERATIONS)


def prompt_version() -> str:
    """The version of the prompts in force."""
    return prompts.family_version()


def identity(gateway: Gateway) -> str:
    """Who is asked in which words: what a story's texts depend on besides its body and the rules."""
    chains = ";".join(f"{operation}:{chain_names(gateway, operation)}" for operation in OPERATIONS)
    return f"{prompts.family_version()}|{chains}"


def chain_names(gateway: Gateway, operation: Operation) -> str:
    """Who is asked for an operation, in turn."""
    return ",".join(f"{attempt.provider} {attempt.model}" for attempt in gateway.chain(operation))


def _with_spans(body: str, spans: Sequence[Span]) -> Iterator[tuple[Chunk, list[Span]]]:
    """Cut a body into pieces, each with the spans that begin in it, whose places are then the piece's."""
    for piece in chunk(body, max_chars=CHUNK_CHARS, overlap_chars=0):
        inside = [span for span in spans if piece.start <= span.start < piece.end]
        yield piece, [replace(span, start=span.start - piece.start, end=span.end - piece.start) for span in inside]
