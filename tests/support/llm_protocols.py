"""The documents of the providers' protocols, as the loopback server reads and writes them."""

import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.llm_faults import Fault


@dataclass(slots=True)
class Asked:
    """A request as it came in. `system` and `user` are the texts of its messages."""

    path: str
    provider: str
    operation: str
    key: str
    raw: bytes
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """The model asked for."""
        return str(self.body.get("model", ""))

    @property
    def system(self) -> str:
        """The system part."""
        if self.provider == "anthropic":
            return "".join(block["text"] for block in self.body["system"])
        return "".join(message["content"] for message in self.body["messages"] if message["role"] == "system")

    @property
    def user(self) -> str:
        """The user's part."""
        return "".join(message["content"] for message in self.body["messages"] if message["role"] == "user")


def tokens(text: str) -> int:
    """Count tokens: four characters are one, as a rule of thumb has it."""
    return (len(text) + 3) // 4


def who(request: BaseHTTPRequestHandler) -> tuple[str, str]:
    """Tell the provider that a request means, and its key."""
    if request.headers.get("anthropic-version"):
        provider = "anthropic"
    else:
        provider = "gemini" if request.path.startswith("/v1beta/openai/") else "openai"
    key = request.headers.get("X-Api-Key") or request.headers.get("Authorization", "")
    return provider, key.removeprefix("Bearer ")


def error_document(provider: str, kind: str, code: str) -> Any:
    """An error's body as the provider writes it."""
    message = code if " " in code else f"it is said: {code}"
    if provider == "anthropic":
        return {"type": "error", "error": {"type": kind, "message": message}}
    if provider == "gemini":
        return [{"error": {"code": 400, "message": message, "status": kind.upper()}}]
    return {"error": {"message": message, "type": kind, "code": code, "param": None}}


def reply_document(asked: Asked, text: str, usage: dict[str, int], fault: Fault | None) -> Any:
    if fault == Fault.GARBLED:
        return b"\x00\xff<html>not what you asked for {"
    if asked.provider == "anthropic":
        return _message(asked, text, usage, fault)
    return _completion(asked, text, usage, fault)


def _completion(asked: Asked, text: str, usage: dict[str, int], fault: Fault | None) -> dict[str, Any]:
    is_refusal, is_long = fault == Fault.REFUSAL, fault == Fault.TRUNCATED
    message = {
        "role": "assistant",
        "content": None if is_refusal else text,
        "refusal": "I can't help with that." if is_refusal else None,
    }
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.model,
        "choices": [
            {"index": 0, "message": message, "finish_reason": "length" if is_long else "stop", "logprobs": None}
        ],
        "usage": {
            "prompt_tokens": usage["input"],
            "completion_tokens": usage["output"],
            "total_tokens": usage["input"] + usage["output"],
            "prompt_tokens_details": {"cached_tokens": usage["cached"]},
        },
    }


def _message(asked: Asked, text: str, usage: dict[str, int], fault: Fault | None) -> dict[str, Any]:
    reasons = {Fault.REFUSAL: "refusal", Fault.TRUNCATED: "max_tokens"}
    blocks: list[dict[str, Any]] = [] if fault == Fault.REFUSAL else [{"type": "text", "text": text}]
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": blocks,
        "stop_reason": reasons.get(fault, "end_turn") if fault else "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": usage["input"] - usage["cached"] - usage["written"],
            "cache_read_input_tokens": usage["cached"],
            "cache_creation_input_tokens": usage["written"],
            "output_tokens": usage["output"],
        },
    }
