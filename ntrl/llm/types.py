"""The plain values that the gateway's parts hand each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Operation(StrEnum):
    """What a call is for, as the header X-NTRL-Operation says it."""

    CLASSIFY = "classify"
    CLASSIFY_SIMPLE = "classify_simple"
    DETECT_SPANS = "detect_spans"
    NEUTRALIZE_FULL = "neutralize_full"
    SYNTHESIZE_BRIEF = "synthesize_brief"
    COMPRESS_FEED = "compress_feed"
    EXTRACT_NARRATIVE = "extract_narrative"
    NARRATIVE_FOCUS_BACKFILL = "narrative_focus_backfill"
    EXTRACT_FACTS = "extract_facts"
    DOCTOR = "doctor"


class ProviderName(StrEnum):
    """Who serves models."""

    OPENAI = "openai"
    GEMINI = "gemini"
    ANTHROPIC = "anthropic"
    LOCAL = "local"


class ResponseFormat(StrEnum):
    """How a provider is asked to shape its reply: by a strict schema, as any JSON, or not at all."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One entry of a chain. `prompt` names the prompt and goes out as the call's operation."""

    provider: ProviderName
    model: str
    prompt: Operation
    response_format: ResponseFormat = ResponseFormat.TEXT


Chain = tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """How a provider is reached. An empty `api_key` means that it is not set up; a local server needs none."""

    name: ProviderName
    base_url: str
    model: str
    api_key: str = field(default="", repr=False)

    @property
    def is_set_up(self) -> bool:
        """Whether calls can be made."""
        if self.name == ProviderName.LOCAL:
            return bool(self.base_url and self.model)
        return bool(self.api_key)


@dataclass(frozen=True, slots=True)
class Budgets:
    """What may be spent, in US dollars; None for no limit. A day is one in UTC."""

    per_run: Decimal | None = None
    per_day: Decimal | None = None

    @property
    def is_set(self) -> bool:
        """Whether there is any limit."""
        return self.per_run is not None or self.per_day is not None


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt ready to be sent. `version` identifies the file that it was made from."""

    name: str
    version: str
    system: str = field(repr=False)
    user: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """One call, before a provider gives it its own form. `schema` is a JSON schema, empty when none is to be sent."""

    operation: Operation
    model: str
    system: str = field(repr=False)
    user: str = field(repr=False)
    max_output_tokens: int
    response_format: ResponseFormat = ResponseFormat.TEXT
    schema: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Ending(StrEnum):
    """Why a model stopped writing."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as a provider counted them. `input` includes what was read from its cache and written to it."""

    input: int
    output: int
    cached: int = 0
    cache_written: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `usage` is None when the provider did not say."""

    text: str = field(repr=False)
    ending: Ending
    usage: Usage | None


@dataclass(frozen=True, slots=True)
class Completion(Generic[Value]):
    """A usable reply.

    Attributes:
        value: the validated model, or the text.
        text: the reply as it came, without surrounding white space.
        attempt: which entry of the chain gave it, from 1.
        cost_usd: of the call that gave it; None when the model's price is not known.
        latency_ms: of that call.
        failures: why the entries before it gave none ("openai gpt-6-luna: truncated").
        from_memo: True when an identical call of this run gave it, and nothing was paid.
    """

    value: Value = field(repr=False)
    text: str = field(repr=False)
    provider: ProviderName
    model: str
    prompt_version: str
    attempt: int
    tokens_input: int
    tokens_cached: int
    tokens_output: int
    cost_usd: Decimal | None
    latency_ms: int
    failures: tuple[str, ...] = ()
    from_memo: bool = False
