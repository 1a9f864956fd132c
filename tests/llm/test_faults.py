"""Every way in which a provider fails, against what becomes of the call, the chain and the item."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest
from django.views.debug import ExceptionReporter
from pytest_django.fixtures import Settings

from ntrl.llm.errors import ChainFailed, NoReply, NoUsableReply
from ntrl.llm.gateway import Gateway
from ntrl.llm.health import FAILURES_BEFORE_REST, FIRST_REST_SECONDS
from ntrl.llm.ledger import ModelLedger
from ntrl.llm.models import AlertCode, LLMAlert, LLMCall
from ntrl.llm.spending import run_alerts, run_totals
from ntrl.llm.types import Operation, Prompt, ProviderName, ResponseFormat
from ntrl.stages.failures import judge
from ntrl.stages.models import FailureKind
from tests.support.llm import GOOD, KEY, PROMPT, TRACE, FakeTime, Filed, a_gateway, ask, configs_of, entry
from tests.support.llm_faults import Fault
from tests.support.llm_server import LLMServer

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

OPENAI, GEMINI, ANTHROPIC = ProviderName.OPENAI, ProviderName.GEMINI, ProviderName.ANTHROPIC
ONE = (entry(OPENAI),)
TWO = (entry(OPENAI), entry(GEMINI))
SECRET = "A secret bridge opens"


def rows() -> list[tuple[str, str, str]]:
    return list(LLMCall.objects.order_by("pk").values_list("provider", "outcome", "error_class"))


@pytest.mark.parametrize(
    "fault", [Fault.HTTP_408, Fault.HTTP_429, Fault.HTTP_500, Fault.HTTP_529, Fault.RESET, Fault.CUT_OFF]
)
@pytest.mark.parametrize("provider", [OPENAI, GEMINI, ANTHROPIC])
def test_what_passes_is_tried_again(server: LLMServer, time: FakeTime, fault: Fault, provider: ProviderName) -> None:
    server.fault(fault, times=2)

    completion = ask(a_gateway(server, provider, time=time), chain=(entry(provider),))

    assert completion.attempt == 1
    assert [outcome for _, outcome, _ in rows()] == ["failed", "failed", "success"]
    assert len(time.slept) == 2
    assert 0.5 <= time.slept[0] <= 1.0
    assert 1.0 <= time.slept[1] <= 1.5


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.HTTP_400, "http_400"),
        (Fault.BAD_PARAMETER, "http_400"),
        (Fault.EMPTY, "empty"),
        (Fault.TRUNCATED, "truncated"),
        (Fault.TRUNCATED_JSON, "invalid_reply"),
        (Fault.WRONG_SCHEMA, "invalid_reply"),
        (Fault.REFUSAL, "refused"),
        (Fault.GARBLED, "garbled"),
        (Fault.HUGE, "reply_too_large"),
    ],
)
@pytest.mark.parametrize("provider", [OPENAI, ANTHROPIC])
def test_what_does_not_pass_is_left_to_the_next(
    server: LLMServer, time: FakeTime, fault: Fault, reason: str, provider: ProviderName
) -> None:
    server.fault(fault, provider=provider)

    completion = ask(
        a_gateway(server, provider, GEMINI, time=time), chain=(entry(provider), entry(GEMINI)), max_output_tokens=500
    )

    assert (completion.provider, completion.attempt) == (GEMINI, 2)
    assert completion.failures[0].startswith(f"{provider} {entry(provider).model}: {reason}")
    assert [(name, error) for name, _, error in rows()] == [(provider, reason), (GEMINI, "")]
    assert time.slept == []
    assert run_totals(TRACE).cost_usd >= server.billed


@pytest.mark.parametrize("fault", [Fault.PROSE, Fault.FENCES])
def test_json_is_found_where_it_stands(server: LLMServer, fault: Fault) -> None:
    server.fault(fault)

    assert ask(a_gateway(server), chain=ONE).value == Filed(domain="sports", confidence=0.9)


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.TRICKLE])
@pytest.mark.parametrize("provider", [OPENAI, ANTHROPIC])
def test_a_call_ends_at_its_deadline_and_counts_at_its_worst_case(
    server: LLMServer, fault: Fault, provider: ProviderName
) -> None:
    server.fault(fault, provider=provider)
    gateway = a_gateway(server, provider, GEMINI, timeout_seconds=0.3)

    completion = ask(gateway, chain=(entry(provider), entry(GEMINI)))

    assert completion.provider == GEMINI
    late, good = LLMCall.objects.order_by("pk")
    assert (late.error_class, late.cost_is_worst_case, good.cost_is_worst_case) == ("timeout", True, False)
    assert late.cost_usd == gateway.worst_case_usd(entry(provider), prompt_chars=_chars(), max_output_tokens=2_000)
    assert run_totals(TRACE).cost_usd >= server.billed


def _chars() -> int:
    import json

    from ntrl.llm.schemas import strict_schema

    return len(PROMPT.system + PROMPT.user + json.dumps(strict_schema(Filed)))


@pytest.mark.parametrize("header", ["7", "7.0"])
def test_a_server_that_asks_to_wait_is_waited_for(server: LLMServer, time: FakeTime, header: str) -> None:
    server.fault(Fault.HTTP_429, times=1, retry_after=header)

    ask(a_gateway(server, time=time), chain=ONE)

    assert sum(time.slept) == pytest.approx(7.0)


@pytest.mark.parametrize("header", ["soon", "-5", "", "9" * 30])
def test_a_wait_that_cannot_be_read_is_ours(server: LLMServer, time: FakeTime, header: str) -> None:
    server.fault(Fault.HTTP_429, times=1, retry_after=header)

    ask(a_gateway(server, time=time), chain=ONE)

    assert 0.5 <= sum(time.slept) <= 1.0


def test_a_wait_of_five_minutes_is_left_to_others(server: LLMServer, time: FakeTime) -> None:
    server.fault(Fault.HTTP_429, provider=OPENAI, retry_after="300")
    gateway = a_gateway(server, time=time)

    first, second = (ask(gateway, chain=TWO, prompt=_prompt(text)) for text in "ab")

    assert (first.provider, second.provider) == (GEMINI, GEMINI)
    assert second.failures == ("openai gpt-6-luna: asked_to_wait",)
    assert [name for name, _, _ in rows()] == [OPENAI, GEMINI, GEMINI]
    assert time.slept == []


def test_without_others_the_item_waits_so_long(server: LLMServer) -> None:
    server.fault(Fault.HTTP_429, retry_after="300")

    with pytest.raises(NoReply) as raised:
        ask(a_gateway(server), chain=ONE)

    row = LLMCall.objects.get()
    assert raised.value.reason == "llm_http_429"
    assert raised.value.not_before is not None
    assert 290 < (raised.value.not_before - row.created_at).total_seconds() < 310


def test_a_chain_ends_at_its_deadline(server: LLMServer, time: FakeTime) -> None:
    server.fault(Fault.HTTP_500)

    with pytest.raises(NoReply):
        ask(a_gateway(server, time=time), chain=(*TWO, *TWO), deadline_seconds=4.0)

    assert sum(time.slept) <= 4.0


@pytest.mark.parametrize(
    ("faults", "error", "kind"),
    [
        ((Fault.REFUSAL, Fault.REFUSAL), NoUsableReply, FailureKind.QUARANTINE),
        ((Fault.HTTP_400, Fault.REFUSAL), NoUsableReply, FailureKind.QUARANTINE),
        ((Fault.BAD_PARAMETER, Fault.REFUSAL), NoReply, FailureKind.RETRY),
        ((Fault.REFUSAL, Fault.TRUNCATED), NoReply, FailureKind.RETRY),
        ((Fault.REFUSAL, Fault.HTTP_500), NoReply, FailureKind.RETRY),
        ((Fault.HTTP_401, Fault.REFUSAL), NoReply, FailureKind.RETRY),
        ((Fault.GARBLED, Fault.EMPTY), NoReply, FailureKind.RETRY),
    ],
)
def test_what_a_failed_chain_means_for_its_item(
    server: LLMServer, faults: tuple[Fault, Fault], error: type[ChainFailed], kind: FailureKind
) -> None:
    for provider, fault in zip((OPENAI, GEMINI), faults, strict=True):
        server.fault(fault, provider=provider)

    with pytest.raises(error) as raised:
        ask(a_gateway(server), chain=TWO)

    row = LLMCall.objects.first()
    assert row is not None
    failure = judge(raised.value, attempt=1, max_attempts=4, now=row.created_at)
    assert failure.kind == kind
    assert len(raised.value.failures) == 2


@pytest.mark.parametrize(
    "fault",
    [Fault.HTTP_401, Fault.HTTP_403, Fault.HTTP_404, Fault.NO_QUOTA, Fault.NO_CREDIT, Fault.BAD_PARAMETER],
)
def test_who_has_no_hope_is_asked_once_and_said_once(
    server: LLMServer, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    server.fault(fault, provider=OPENAI)
    gateway = a_gateway(server)

    completions = [ask(gateway, chain=TWO, prompt=_prompt(text)) for text in "abc"]

    assert [completion.provider for completion in completions] == [GEMINI] * 3
    assert [asked.provider for asked in server.asked] == [OPENAI, GEMINI, GEMINI, GEMINI]
    alert = LLMAlert.objects.get()
    assert (alert.code, alert.trace_id) == (AlertCode.PROVIDER_DOWN, TRACE)
    assert alert.subject.startswith("openai")
    assert run_alerts(TRACE) == ["provider_down"]
    assert len([record for record in caplog.records if record.name == "ntrl.llm.gateway"]) == 1


def test_of_a_provider_one_model_may_be_gone(server: LLMServer) -> None:
    server.models.remove("gpt-6-luna")
    server.models.append("gpt-6-sol")
    gateway = a_gateway(server)
    other = entry(OPENAI).__class__(OPENAI, "gpt-6-sol", Operation.CLASSIFY)

    completion = ask(gateway, chain=(entry(OPENAI), other))

    assert (completion.model, completion.attempt) == ("gpt-6-sol", 2)


def test_a_refused_parameter_is_of_one_operation(server: LLMServer) -> None:
    """A server without schemas serves the calls that send none."""
    server.fault(Fault.BAD_PARAMETER, operation="classify")
    gateway = a_gateway(server)
    simple = entry(OPENAI, ResponseFormat.JSON_OBJECT, Operation.CLASSIFY_SIMPLE)

    for text in "ab":
        assert ask(gateway, chain=(entry(OPENAI), simple), prompt=_prompt(text)).attempt == 2

    assert server.operations() == ["classify", "classify_simple", "classify_simple"]


def test_a_dead_primary_costs_at_most_the_calls_in_flight(server: LLMServer) -> None:
    server.fault(Fault.HTTP_401, provider=OPENAI)
    server.latency_seconds = 0.02

    together(server, 5, 40, lambda gateway, text: gateway_ask(gateway, text))

    assert 1 <= sum(asked.provider == OPENAI for asked in server.asked) <= 5
    assert sum(asked.provider == GEMINI for asked in server.asked) == 40
    assert LLMAlert.objects.count() == 1


@pytest.mark.parametrize("fault", [Fault.HTTP_500, Fault.RESET, Fault.HTTP_400])
def test_who_fails_in_a_row_is_rested_and_tried_again(server: LLMServer, time: FakeTime, fault: Fault) -> None:
    server.fault(fault, provider=OPENAI)
    gateway = a_gateway(server, time=time)

    for text in "abcdefgh":
        assert ask(gateway, chain=TWO, prompt=_prompt(text)).provider == GEMINI
    assert sum(asked.provider == OPENAI for asked in server.asked) == FAILURES_BEFORE_REST

    server.heal()
    time.now += FIRST_REST_SECONDS
    assert ask(gateway, chain=TWO, prompt=_prompt("i")).provider == OPENAI
    assert ask(gateway, chain=TWO, prompt=_prompt("j")).provider == OPENAI


def test_no_connection_costs_nothing(server: LLMServer, time: FakeTime) -> None:
    gateway = a_gateway(server, time=time)
    server.__exit__(None, None, None)

    with pytest.raises(NoReply, match="no_connection"):
        ask(gateway, chain=ONE)

    assert {(row.error_class, row.cost_usd) for row in LLMCall.objects.all()} == {("no_connection", 0)}


def test_mixed_faults_lose_nothing_and_are_paid_in_full(server: LLMServer) -> None:
    switches_off = (
        Fault.HTTP_401,
        Fault.HTTP_403,
        Fault.HTTP_404,
        Fault.NO_QUOTA,
        Fault.NO_CREDIT,
        Fault.BAD_PARAMETER,
    )
    server.fault(*(fault for fault in Fault if fault not in (Fault.HANG, *switches_off)), rate=0.3)
    server.hang_seconds = 1.0

    outcomes = together(server, 5, 60, lambda gateway, text: gateway_ask(gateway, text), timeout_seconds=0.5)

    assert len(outcomes) == 60
    assert all(isinstance(outcome, ChainFailed) or outcome.value.domain == "sports" for outcome in outcomes)
    assert sum(not isinstance(outcome, ChainFailed) for outcome in outcomes) >= 50
    assert LLMCall.objects.count() == len(server.asked)
    assert run_totals(TRACE).cost_usd >= server.billed


def test_neither_key_nor_article_is_in_a_log_an_error_or_a_row(
    server: LLMServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    server.reply("classify", '{"The secret bridge": 1}')
    prompt = Prompt("classify", "v1", "System.", "The secret bridge")
    for fault in (Fault.HTTP_500, Fault.HTTP_400, Fault.WRONG_SCHEMA, Fault.GARBLED, Fault.HTTP_401):
        server.fault(fault, times=1)

    errors = []
    for text in range(6):
        with pytest.raises(ChainFailed) as raised:
            ask(a_gateway(server), chain=ONE, prompt=Prompt("classify", "v1", f"{text}", prompt.user))
        errors.append(repr(raised.value) + str(raised.value))

    written = "".join([caplog.text, *errors, *(str(row) for row in LLMCall.objects.values_list())])
    assert "secret" not in written
    assert KEY not in written
    assert GOOD not in written


def _prompt(text: str) -> Prompt:
    return Prompt("classify", "v1", PROMPT.system, text)


def gateway_ask(gateway: Gateway, text: str) -> Any:
    try:
        return gateway.complete(operation=Operation.CLASSIFY, prompt=_prompt(text), reply=Filed, chain=TWO)
    except ChainFailed as failure:
        return failure


def together(
    server: LLMServer, workers: int, times: int, call: Callable[[Gateway, str], Any], **options: Any
) -> list[Any]:
    """Make calls side by side, while this thread keeps the books as the runner does."""
    gateway = a_gateway(server, **options)
    ledger: ModelLedger = gateway.ledger
    purse = ledger.open(stage="test", item_key="", story_id=None, worst_case_usd=0)  # type: ignore[arg-type]
    results: list[Any] = []
    ended = threading.Event()

    def charged(text: str) -> Any:
        with purse.charging():
            return call(gateway, text)

    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(copy_context().run, charged, str(number)) for number in range(times)]
        while not ended.is_set():
            ledger.write()
            if all(future.done() for future in futures):
                ended.set()
        results = [future.result() for future in futures]
    ledger.close(purse)
    return results


@pytest.mark.parametrize("fault", [Fault.HTTP_401, Fault.GARBLED, Fault.RESET])
@pytest.mark.parametrize("provider", [OPENAI, ANTHROPIC])
def test_neither_key_nor_article_is_on_an_error_page(
    server: LLMServer, settings: Settings, fault: Fault, provider: ProviderName
) -> None:
    """The page for developers shows the settings, and each frame's variables."""
    server.fault(fault)
    settings.DEBUG, settings.LLM_PROVIDERS = True, configs_of(server, provider)
    prompt = Prompt("classify", "v1", "System.", SECRET)

    with pytest.raises(ChainFailed) as raised:
        ask(a_gateway(server, provider, time=FakeTime()), chain=(entry(provider),), prompt=prompt)
    reporter = ExceptionReporter(None, raised.type, raised.value, raised.tb)

    for page in (reporter.get_traceback_html(), reporter.get_traceback_text()):
        assert "ntrl/llm/gateway.py" in page
        assert SECRET not in page
        assert KEY not in page
