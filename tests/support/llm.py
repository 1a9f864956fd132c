"""Gateways that ask a loopback server, with a time of their own."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from ntrl.llm.chains import default_chains
from ntrl.llm.gateway import Gateway
from ntrl.llm.ledger import ModelLedger
from ntrl.llm.prices import Overrides
from ntrl.llm.types import Attempt, Budgets, Chain, Operation, Prompt, ProviderConfig, ProviderName, ResponseFormat
from tests.support.llm_server import LLMServer

KEY = "sk-a-key-of-no-value"
TRACE = "t" * 32
MODELS = {
    ProviderName.OPENAI: "gpt-6-luna",
    ProviderName.GEMINI: "gemini-3.5-flash-lite",
    ProviderName.ANTHROPIC: "claude-haiku-5-5",
    ProviderName.LOCAL: "llama",
}
PROMPT = Prompt("classify", "v1", "You file articles. Reply in JSON. " * 5, "<article>\nA bridge opens.\n</article>")


class Filed(BaseModel):
    """A reply in the manner of classification."""

    domain: str
    confidence: float


GOOD = '{"domain": "sports", "confidence": 0.9}'


@dataclass(slots=True)
class FakeTime:
    """Seconds that pass only while somebody sleeps."""

    now: float = 1_000.0
    slept: list[float] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def clock(self) -> float:
        """Monotonic seconds."""
        with self.lock:
            return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        with self.lock:
            self.slept.append(seconds)
            self.now += seconds


def configs_of(server: LLMServer, *names: ProviderName, key: str = KEY) -> dict[ProviderName, ProviderConfig]:
    """The providers' configurations; those named are set up."""
    urls = {
        ProviderName.OPENAI: server.openai_url,
        ProviderName.GEMINI: server.gemini_url,
        ProviderName.ANTHROPIC: server.anthropic_url,
        ProviderName.LOCAL: server.openai_url if ProviderName.LOCAL in names else "",
    }
    models = MODELS if ProviderName.LOCAL in names else {**MODELS, ProviderName.LOCAL: ""}
    return {name: ProviderConfig(name, urls[name], models[name], key if name in names else "") for name in ProviderName}


def a_gateway(
    server: LLMServer,
    *names: ProviderName,
    budgets: Budgets | None = None,
    overrides: Overrides | None = None,
    time: FakeTime | None = None,
    trace_id: str = TRACE,
    configs: Mapping[ProviderName, ProviderConfig] | None = None,
    **options: Any,
) -> Gateway:
    """A gateway over OpenAI and Gemini, unless told otherwise, both at the loopback server."""
    configs = configs or configs_of(server, *(names or (ProviderName.OPENAI, ProviderName.GEMINI)))
    time = time or FakeTime()
    return Gateway(
        ledger=ModelLedger(trace_id=trace_id, budgets=budgets or Budgets()),
        configs=configs,
        chains=default_chains(configs),
        overrides=overrides or {},
        clock=time.clock,
        sleep=time.sleep,
        **{"timeout_seconds": 5.0, "deadline_seconds": 60.0, **options},
    )


def entry(
    provider: ProviderName = ProviderName.OPENAI,
    form: ResponseFormat = ResponseFormat.JSON_SCHEMA,
    prompt: Operation = Operation.CLASSIFY,
) -> Attempt:
    """An entry of a chain."""
    return Attempt(provider, MODELS[provider], prompt, form)


def ask(
    gateway: Gateway,
    *,
    chain: Chain | None = None,
    prompt: Prompt = PROMPT,
    reply: type[Any] = Filed,
    story_id: UUID | None = None,
    **options: Any,
) -> Any:
    """Make a completion outside of a stage."""
    with gateway.ledger.account(stage="test", story_id=story_id):
        return gateway.complete(operation=Operation.CLASSIFY, prompt=prompt, reply=reply, chain=chain, **options)


@contextmanager
def a_server(reply: str = GOOD, **options: Any) -> Iterator[LLMServer]:
    """A server whose classifications get this reply."""
    with LLMServer(**options) as server:
        for operation in ("classify", "classify_simple"):
            server.reply(operation, reply)
        yield server
