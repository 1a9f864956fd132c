"""Which failures cost an item a try: those that its input may have a part in, not those of any input."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from ntrl.llm.errors import CallFailed, NoReply, Remedy
from ntrl.llm.gateway import Gateway
from ntrl.llm.health import FAILURES_BEFORE_REST
from ntrl.llm.types import Attempt, Budgets, Operation, Prompt, ProviderName
from ntrl.stages.failures import judge
from ntrl.stages.models import FailureKind
from tests.support.factories import NOON
from tests.support.llm import PROMPT, FakeTime, a_gateway, ask, entry
from tests.support.llm_faults import Fault
from tests.support.llm_server import LLMServer

pytestmark = pytest.mark.django_db
OPENAI, GEMINI = ProviderName.OPENAI, ProviderName.GEMINI
ONE, TWO = (entry(OPENAI),), (entry(OPENAI), entry(GEMINI))


def failed(gateway: Gateway, text: str = "a", **options: Any) -> NoReply:
    with pytest.raises(NoReply) as raised:
        ask(gateway, prompt=Prompt("classify", "v1", PROMPT.system, text), **{"chain": ONE, **options})
    return raised.value


@pytest.mark.parametrize(
    ("fault", "was_tried"),
    [
        (Fault.HTTP_401, False),
        (Fault.HTTP_403, False),
        (Fault.HTTP_404, False),
        (Fault.NO_QUOTA, False),
        (Fault.HTTP_429, True),
        (Fault.HTTP_500, True),
        (Fault.EMPTY, True),
        (Fault.WRONG_SCHEMA, True),
    ],
)
def test_what_fails_any_input_costs_no_try(server: LLMServer, fault: Fault, was_tried: bool) -> None:
    server.fault(fault)
    assert failed(a_gateway(server)).was_tried == was_tried


def test_one_call_of_the_chain_is_a_try(server: LLMServer) -> None:
    server.fault(Fault.HTTP_401, provider=OPENAI)
    server.fault(Fault.EMPTY, provider=GEMINI)
    assert failed(a_gateway(server), chain=TWO).was_tried


def _out(server: LLMServer, gateway: Gateway) -> None:
    server.fault(Fault.HTTP_404, times=1)
    failed(gateway)


def _resting(server: LLMServer, gateway: Gateway) -> None:
    server.fault(Fault.HTTP_500)
    for number in range(FAILURES_BEFORE_REST):
        failed(gateway, str(number))


def _asked_to_wait(server: LLMServer, gateway: Gateway) -> None:
    server.fault(Fault.HTTP_429, retry_after="300")
    failed(gateway)


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [(_out, "llm_provider_out"), (_resting, "llm_provider_resting"), (_asked_to_wait, "llm_asked_to_wait")],
)
def test_who_is_not_asked_costs_no_try(
    server: LLMServer, prepare: Callable[[LLMServer, Gateway], None], reason: str
) -> None:
    gateway = a_gateway(server, time=FakeTime())
    prepare(server, gateway)
    asked = len(server.asked)

    failure = failed(gateway, "another")

    assert (failure.reason, failure.was_tried, len(server.asked)) == (reason, False, asked)
    row = judge(failure, attempt=8, max_attempts=8, now=NOON)
    assert (row.kind, row.attempt, row.was_tried) == (FailureKind.RETRY, 7, False)


def test_a_model_without_a_price_costs_no_try(server: LLMServer) -> None:
    unheard = (Attempt(OPENAI, "gpt-9-unheard-of", Operation.CLASSIFY),)
    gateway = a_gateway(server, budgets=Budgets(per_day=Decimal("0.01")))
    assert not failed(gateway, chain=unheard).was_tried
    assert server.asked == []


def test_nobody_there_costs_no_try(server: LLMServer) -> None:
    gateway = a_gateway(server)
    server.__exit__(None, None, None)
    failure = failed(gateway)
    assert (failure.reason, failure.was_tried) == ("llm_no_connection", False)


def test_a_call_that_was_made_before_the_wait_is_a_try(server: LLMServer) -> None:
    """While this call waits as long as it was asked to, another is asked to wait for longer than a call may take."""
    server.fault(Fault.HTTP_429, times=1, retry_after="7")
    long = CallFailed("http_429", Remedy.REPEAT, retry_after_seconds=300)

    class Meanwhile(FakeTime):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            gateway._health.failed(OPENAI, long)

    gateway = a_gateway(server, time=Meanwhile())
    failure = failed(gateway)
    assert (failure.reason, failure.was_tried, len(server.asked)) == ("llm_asked_to_wait", True, 1)
