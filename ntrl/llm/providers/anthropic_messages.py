"""Anthropic's Messages."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from ntrl.llm.habits import habits_of
from ntrl.llm.providers import failures
from ntrl.llm.providers.base import LIST_SECONDS, OPERATION_HEADER, TokenCount, exchange
from ntrl.llm.providers.transport import bounded_client
from ntrl.llm.types import Ending, ProviderConfig, Reply, Request, ResponseFormat, Usage

if TYPE_CHECKING:
    import anthropic

_ENDINGS = {
    "max_tokens": Ending.TRUNCATED,
    "model_context_window_exceeded": Ending.TRUNCATED,
    "refusal": Ending.REFUSED,
}
# Models listed at once: all there are.
_LIST_LIMIT = 1000


class AnthropicMessages:
    """The endpoint. Its SDK is loaded at the first call."""

    def __init__(self, config: ProviderConfig) -> None:
        self.name = config.name
        self._config = config

    def parameters(self, request: Request) -> Mapping[str, Any]:
        """The body of a request. Its system part is marked for the cache, which begins at some length by itself."""
        habits = habits_of(self.name, request.model)
        body: dict[str, Any] = {
            "model": request.model,
            "system": [{"type": "text", "text": request.system, "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": request.user}],
            habits.limit_parameter: request.max_output_tokens,
            **habits.parameters,
        }
        if request.response_format == ResponseFormat.JSON_SCHEMA and request.schema:
            body["output_config"] = {"format": {"type": "json_schema", "schema": request.schema}}
        return body

    def send(self, request: Request, *, seconds: float) -> Reply:
        """Make one call. Raises CallFailed."""
        import anthropic

        create = self._client.messages.with_raw_response.create
        headers = {OPERATION_HEADER: request.operation.value}
        body = self.parameters(request)
        content = exchange(lambda: create(**body, extra_headers=headers).http_response, anthropic, seconds=seconds)
        return _reply(content)

    def models(self) -> list[str]:
        """Name the models. Raises CallFailed."""
        import anthropic

        list_models = self._client.models.with_raw_response.list
        content = exchange(lambda: list_models(limit=_LIST_LIMIT).http_response, anthropic, seconds=LIST_SECONDS)
        try:
            return [model.id for model in _Models.model_validate_json(content).data]
        except ValidationError:
            raise failures.garbled() from None

    @cached_property
    def _client(self) -> "anthropic.Anthropic":
        import anthropic

        return anthropic.Anthropic(
            api_key=self._config.api_key,
            base_url=self._config.base_url,
            max_retries=0,
            http_client=bounded_client(),
        )


class _Block(BaseModel):
    type: str
    text: str = ""


class _Usage(BaseModel):
    input_tokens: TokenCount
    output_tokens: TokenCount
    cache_read_input_tokens: TokenCount | None = None
    cache_creation_input_tokens: TokenCount | None = None


class _Message(BaseModel):
    content: list[_Block]
    stop_reason: str | None = None
    usage: _Usage | None = None


class _Model(BaseModel):
    id: str


class _Models(BaseModel):
    data: list[_Model]


def _reply(content: bytes) -> Reply:
    try:
        message = _Message.model_validate_json(content)
    except ValidationError:
        raise failures.garbled() from None
    # What it thought, or would have liked to call, is not the reply.
    text = "".join(block.text for block in message.content if block.type == "text")
    return Reply(text, _ENDINGS.get(message.stop_reason or "", Ending.COMPLETE), _usage(message.usage))


def _usage(usage: _Usage | None) -> Usage | None:
    """Count as the others do: here `input_tokens` leaves out what the cache has to do with."""
    if usage is None:
        return None
    cached, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    return Usage(usage.input_tokens + cached + written, usage.output_tokens, cached, written)
