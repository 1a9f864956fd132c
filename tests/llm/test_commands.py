"""The commands llm_doctor and llm_costs, the pages of the admin, and the system checks."""

import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from ntrl.llm.chains import default_chains
from ntrl.llm.models import CallOutcome, LLMCall, Reservation
from ntrl.llm.types import ProviderConfig, ProviderName
from tests.support.llm import KEY, configs_of
from tests.support.llm_faults import Fault
from tests.support.llm_server import LLMServer

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

OPENAI, GEMINI, ANTHROPIC, LOCAL = ProviderName.OPENAI, ProviderName.GEMINI, ProviderName.ANTHROPIC, ProviderName.LOCAL


def set_up(settings: Settings, configs: dict[ProviderName, ProviderConfig]) -> None:
    settings.LLM_PROVIDERS = configs
    settings.LLM_CHAINS = default_chains(configs)


def command(name: str, *args: str) -> tuple[int, str]:
    """Run a command; returns its exit status and what it printed."""
    out = StringIO()
    try:
        call_command(name, *args, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def doctor() -> tuple[int, dict[str, Any]]:
    status, printed = command("llm_doctor", "--json")
    return status, json.loads(printed)


def test_the_doctor_finds_all_well(server: LLMServer, settings: Settings) -> None:
    server.models.append("llama")
    set_up(settings, configs_of(server, OPENAI, GEMINI, ANTHROPIC, LOCAL))

    status, document = doctor()

    assert (status, document["status"]) == (0, "completed")
    assert [each["provider"] for each in document["providers"]] == ["openai", "gemini", "anthropic", "local"]
    for each in document["providers"]:
        assert each["answers"]
        assert [finding["what"] for finding in each["findings"]] == ["key", "model", "retirement", "price", "call"]
    assert set(server.operations()) == {"doctor"}
    assert LLMCall.objects.filter(operation="doctor", outcome=CallOutcome.SUCCESS).count() == 4
    assert not Reservation.objects.exists()


def test_without_providers_the_doctor_says_so(settings: Settings, server: LLMServer) -> None:
    set_up(settings, configs_of(server))

    status, printed = command("llm_doctor")

    assert status == 0
    assert "No provider is set up: every stage does without a model. Set OPENAI_API_KEY or" in printed


def test_the_doctor_says_who_is_well_and_yet_of_no_use(settings: Settings, server: LLMServer) -> None:
    set_up(settings, configs_of(server, ANTHROPIC))

    status, printed = command("llm_doctor")

    assert status == 0
    assert "none of these providers is asked about it: classify, detect_spans," in printed
    assert "classify" in doctor()[1]["operations_without_models"]


def test_that_nobody_answers_says_nothing_of_the_key(settings: Settings, server: LLMServer) -> None:
    configs = configs_of(server)
    configs[OPENAI] = ProviderConfig(OPENAI, "http://127.0.0.1:9/v1", "gpt-6-luna", KEY)
    settings.LLM_DEADLINE_SECONDS = 0.2
    set_up(settings, configs)

    status, document = doctor()

    assert status == 1
    first = document["providers"][0]["findings"][0]
    assert (first["what"], first["found"]) == ("service", "no_connection")
    assert "base URL" in first["problem"]


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        (Fault.HTTP_401, "the key is refused"),
        (Fault.HTTP_403, "permissions"),
        (Fault.HTTP_404, "base URL and the model's name"),
        (Fault.NO_QUOTA, "billing"),
        (Fault.HTTP_400, "http_400"),
        (Fault.REFUSAL, "choose another"),
        (Fault.GARBLED, "does not speak this protocol"),
    ],
)
def test_the_doctor_says_what_to_do(server: LLMServer, settings: Settings, fault: Fault, advice: str) -> None:
    set_up(settings, configs_of(server, OPENAI, GEMINI))
    server.fault(fault, provider="openai")

    status, printed = command("llm_doctor")

    assert status == 3
    assert advice in printed
    assert KEY not in printed


def test_a_key_that_nobody_knows_and_a_model_that_is_not_listed(server: LLMServer, settings: Settings) -> None:
    set_up(settings, configs_of(server, OPENAI))
    server.keys = {"another"}
    status, document = doctor()
    problems = {finding["what"]: finding["problem"] for finding in document["providers"][0]["findings"]}
    assert status == 1
    assert "the key is refused" in problems["key"]
    assert "the key is refused" in problems["call"]

    server.keys.clear()
    server.models = ["gpt-7-terra"]
    _, document = doctor()
    problems = {finding["what"]: finding["problem"] for finding in document["providers"][0]["findings"]}
    assert "gpt-7-terra" in problems["model"]


def test_a_retired_model_and_an_unknown_price(server: LLMServer, settings: Settings) -> None:
    server.models += ["gpt-9-unheard-of", "gemini-2.0-flash"]
    configs = configs_of(server, OPENAI, GEMINI)
    configs[OPENAI] = ProviderConfig(OPENAI, server.openai_url, "gpt-9-unheard-of", KEY)
    configs[GEMINI] = ProviderConfig(GEMINI, server.gemini_url, "gemini-2.0-flash", KEY)
    set_up(settings, configs)

    status, document = doctor()
    first, second = document["providers"]
    found = {message.id: message for message in run_checks(tags=["llm"])}

    assert status == 3
    assert [finding["found"] for finding in first["findings"] if finding["problem"]] == ["not known"]
    assert [finding["found"] for finding in second["findings"] if finding["problem"]] == ["2026-06-01"]
    assert "gemini-2.0-flash is retired" in found["ntrl.W005"].msg
    assert "gpt-9-unheard-of" in found["ntrl.W006"].msg
    assert "without a cost" in found["ntrl.W006"].msg
    settings.LLM_BUDGET_USD_PER_DAY = Decimal(1)
    assert "not asked" in next(message.msg for message in run_checks(tags=["llm"]) if message.id == "ntrl.W006")


@pytest.mark.parametrize(
    ("url", "key"),
    [("models.example/v1", KEY), ("ftp://models.example", KEY), ("https://models.example", "“sk-quoted”")],
)
def test_what_can_not_be_a_key_or_an_address(settings: Settings, server: LLMServer, url: str, key: str) -> None:
    configs = configs_of(server)
    configs[ANTHROPIC] = ProviderConfig(ANTHROPIC, url, "claude-haiku-5-5", key)
    set_up(settings, configs)

    (message,) = (message for message in run_checks(tags=["llm"]) if message.id == "ntrl.E004")
    assert message.msg.startswith("ANTHROPIC_")
    assert key not in str(message)


@pytest.mark.parametrize(
    ("local", "problem"),
    [
        (("http://127.0.0.1:9/v1", ""), "LOCAL_LLM_BASE_URL is set and LOCAL_LLM_MODEL is not"),
        (("", "llama"), "LOCAL_LLM_MODEL is set and LOCAL_LLM_BASE_URL is not"),
    ],
)
def test_a_server_named_by_half(settings: Settings, server: LLMServer, local: tuple[str, str], problem: str) -> None:
    set_up(settings, configs_of(server) | {LOCAL: ProviderConfig(LOCAL, *local)})
    (message,) = run_checks(tags=["llm"])
    assert (message.id, problem in message.msg) == ("ntrl.W007", True)


def test_one_silent_provider_may_not_use_up_an_answers_time(settings: Settings) -> None:
    settings.LLM_DEADLINE_SECONDS = settings.LLM_TIMEOUT_SECONDS = 30.0
    (message,) = run_checks(tags=["llm"])
    assert message.id == "ntrl.W008"


def test_settings_as_they_come_need_no_warning_and_have_a_note(settings: Settings, server: LLMServer) -> None:
    set_up(settings, configs_of(server))
    assert run_checks(tags=["llm"]) == []
    (note,) = run_checks(tags=["llm"], include_deployment_checks=True)
    assert note.id == "ntrl.I001"
    assert "classify" in note.msg

    set_up(settings, configs_of(server, OPENAI, GEMINI, ANTHROPIC))
    assert run_checks(tags=["llm"], include_deployment_checks=True) == []


def a_call(days_ago: int = 0, **fields: Any) -> LLMCall:
    values = {
        "created_at": timezone.now() - timedelta(days=days_ago),
        "trace_id": "t",
        "operation": "classify",
        "provider": "openai",
        "model": "gpt-6-luna",
        "attempt": 1,
        "outcome": CallOutcome.SUCCESS,
        "tokens_input": 100,
        "tokens_cached": 40,
        "tokens_output": 10,
        "cost_usd": Decimal("0.0000125"),
        **fields,
    }
    return LLMCall.objects.create(**values)


def test_costs_by_day_operation_and_model() -> None:
    for _ in range(3):
        a_call()
    a_call(outcome=CallOutcome.FAILED, cost_usd=None, error_class="timeout")
    a_call(operation="detect_spans", cost_usd=Decimal("0.5"))
    a_call(days_ago=2)
    Reservation.objects.create(created_at=timezone.now(), trace_id="t", owner="o", amount_usd=Decimal("0.25"))

    status, printed = command("llm_costs", "--json")
    document = json.loads(printed)

    today = timezone.now().date()
    assert status == 0
    rows = document["rows"]
    assert [(row["day"], row["operation"], row["calls"]) for row in rows] == [
        (str(today), "classify", 4),
        (str(today), "detect_spans", 1),
        (str(today - timedelta(days=2)), "classify", 1),
    ]
    assert (rows[0]["failed"], rows[0]["without_price"], rows[0]["tokens_input"]) == (1, 1, 400)
    assert Decimal(rows[0]["cost_usd"]) == Decimal("0.0000375")
    assert Decimal(document["set_aside_usd"]) == Decimal("0.25")
    assert Decimal(document["total_usd"]) == Decimal("0.75005")

    assert len(json.loads(command("llm_costs", "--json", "--since", str(today))[1])["rows"]) == 2
    _, printed = command("llm_costs")
    assert "0.000038+" in printed
    assert "Total 0.500050 USD" in printed


def test_costs_of_nothing_and_a_day_that_is_none() -> None:
    assert command("llm_costs") == (0, "No calls to language models.\n")
    assert Decimal(json.loads(command("llm_costs", "--json")[1])["total_usd"]) == 0
    with pytest.raises(CommandError, match="not a day"):
        call_command("llm_costs", "--since", "yesterday")


def test_what_is_set_aside_is_told_though_no_call_was_written() -> None:
    Reservation.objects.create(created_at=timezone.now(), trace_id="t", owner="gone", amount_usd=Decimal("0.009"))
    assert command("llm_costs") == (
        0,
        "No calls to language models.\nTotal 0.000000 USD; set aside for calls under way or lost 0.009000 USD.\n",
    )


def test_the_admin_shows_calls_and_costs_to_who_may_see_them(admin_client: Client, client: Client) -> None:
    row = a_call()
    a_call(cost_usd=None)

    listed = admin_client.get(reverse("admin:llm_llmcall_changelist"))
    costs = admin_client.get(reverse("admin:llm_llmcall_costs"))
    page = admin_client.get(reverse("admin:llm_llmcall_change", args=[row.pk]))

    assert reverse("admin:llm_llmcall_costs") in listed.content.decode()
    assert "0.000013+" in costs.content.decode()
    assert page.status_code == 200
    assert "Save" not in page.content.decode()
    found = admin_client.get(reverse("admin:llm_llmcall_changelist"), {"q": "not a uuid"})
    assert found.status_code == 200

    client.force_login(get_user_model().objects.create_user("someone", password="x", is_staff=True))
    assert client.get(reverse("admin:llm_llmcall_costs")).status_code == 403
