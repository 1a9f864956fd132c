"""OpenAI's Chat Completions, which Gemini and local servers speak as well."""

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
    import openai

_ENDINGS = {"length": Ending.TRUNCATED, "content_filter": Ending.REFUSED}


class OpenAIChat:
    """One endpoint of this protocol. Its SDK is loaded at the first call."""

    def __init__(self, config: ProviderConfig) -> None:
        self.name = config.name
        self._config = config

    def parameters(self, request: Request) -> Mapping[str, Any]:
        """The body of a request."""
        habits = habits_of(self.name, request.model)
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.user},
            ],
            habits.limit_parameter: request.max_output_tokens,
            **habits.parameters,
        }
        if request.response_format == ResponseFormat.JSON_SCHEMA and request.schema:
            schema = {"name": request.operation.value, "schema": request.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif request.response_format == ResponseFormat.JSON_OBJECT:
            body["response_format"] = {"type": "json_object"}
        return body

    def send(self, request: Request, *, seconds: float) -> Reply:
        """Make one call. Raises CallFailed."""
        import openai

        create = self._client.chat.completions.with_raw_response.create
        headers = {OPERATION_HEADER: request.operation.value}
        body = self.parameters(request)
        content = exchange(lambda: create(**body, extra_headers=headers).http_response, openai, seconds=seconds)
        return _reply(content)

    def models(self) -> list[str]:
        """Name the models. Raises CallFailed."""
        import openai

        list_models = self._client.models.with_raw_response.list
        content = exchange(lambda: list_models().http_response, openai, seconds=LIST_SECONDS)
        try:
            # Gemini writes models/gemini-…
            return [model.id.removeprefix("models/") for model in _Models.model_validate_json(content).data]
        except ValidationError:
            raise failures.garbled() from None

    @cached_property
    def _client(self) -> "openai.OpenAI":
        import openai

        return openai.OpenAI(
            # A local server asks for none, the SDK does.
            api_key=self._config.api_key or "none",
            base_url=self._config.base_url,
            max_retries=0,
            http_client=bounded_client(),
        )


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _InputDetails(BaseModel):
    cached_tokens: TokenCount | None = None
    cache_write_tokens: TokenCount | None = None


class _Usage(BaseModel):
    prompt_tokens: TokenCount
    completion_tokens: TokenCount
    prompt_tokens_details: _InputDetails | None = None


class _Completion(BaseModel):
    choices: list[_Choice]
    usage: _Usage | None = None


class _Model(BaseModel):
    id: str


class _Models(BaseModel):
    data: list[_Model]


def _reply(content: bytes) -> Reply:
    try:
        completion = _Completion.model_validate_json(content)
        choice = completion.choices[0]
    except (ValidationError, IndexError):
        raise failures.garbled() from None
    ending = _ENDINGS.get(choice.finish_reason or "", Ending.COMPLETE)
    if choice.message.refusal:
        ending = Ending.REFUSED
    return Reply(choice.message.content or "", ending, _usage(completion.usage))


def _usage(usage: _Usage | None) -> Usage | None:
    if usage is None:
        return None
    details = usage.prompt_tokens_details or _InputDetails()
    return Usage(
        input=usage.prompt_tokens,
        output=usage.completion_tokens,
        cached=details.cached_tokens or 0,
        cache_written=details.cache_write_tokens or 0,
    )
