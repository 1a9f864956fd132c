"""Chains, models' habits and prices, by tables."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from ntrl.llm.chains import default_chains, usable
from ntrl.llm.checks import retirement_advice
from ntrl.llm.configuration import read_budget, read_prices
from ntrl.llm.habits import habits_of, retired_on
from ntrl.llm.prices import cost_of, worst_usage
from ntrl.llm.types import Operation, ProviderConfig, ProviderName, Request, Usage

OPENAI, GEMINI, ANTHROPIC, LOCAL = ProviderName.OPENAI, ProviderName.GEMINI, ProviderName.ANTHROPIC, ProviderName.LOCAL


def configs(*keys: ProviderName) -> dict[ProviderName, ProviderConfig]:
    return {
        name: ProviderConfig(name, "http://x", f"model of {name}", "key" if name in keys else "")
        if name != LOCAL
        else ProviderConfig(name, "http://x" if name in keys else "", "llama")
        for name in ProviderName
    }


@pytest.mark.parametrize(
    ("keys", "classify"),
    [
        ((), []),
        ((OPENAI, GEMINI, ANTHROPIC), ["openai classify", "openai classify_simple", "gemini classify"]),
        ((GEMINI,), ["gemini classify"]),
        ((ANTHROPIC,), []),
        ((LOCAL,), ["local classify"]),
    ],
)
def test_entries_without_a_key_are_left_out(keys: tuple[ProviderName, ...], classify: list[str]) -> None:
    table = configs(*keys)
    chain = usable(default_chains(table)[Operation.CLASSIFY], table)
    assert [f"{attempt.provider} {attempt.prompt}" for attempt in chain] == classify


def test_every_operation_but_the_doctors_has_a_chain_of_its_own_prompts() -> None:
    chains = default_chains(configs())
    assert set(chains) == set(Operation) - {Operation.DOCTOR, Operation.CLASSIFY_SIMPLE}
    for operation, chain in chains.items():
        assert chain[0].prompt == operation


def test_a_key_is_in_no_representation() -> None:
    assert "sk-secret" not in repr(ProviderConfig(OPENAI, "http://x", "m", "sk-secret"))


@pytest.mark.parametrize(
    ("provider", "model", "limit", "parameters"),
    [
        (OPENAI, "gpt-6-luna", "max_completion_tokens", {"reasoning_effort": "none"}),
        (OPENAI, "gpt-6-luna-2026-09-01", "max_completion_tokens", {"reasoning_effort": "none"}),
        (OPENAI, "gpt-6-lunatic", "max_completion_tokens", {}),
        (ANTHROPIC, "claude-haiku-5-5", "max_tokens", {"thinking": {"type": "disabled"}}),
        (GEMINI, "gemini-3.5-flash-lite", "max_tokens", {}),
        (LOCAL, "llama", "max_tokens", {"temperature": 0}),
    ],
)
def test_a_model_is_asked_as_it_wants(
    provider: ProviderName, model: str, limit: str, parameters: dict[str, Any]
) -> None:
    habits = habits_of(provider, model)
    assert (habits.limit_parameter, dict(habits.parameters)) == (limit, parameters)


@pytest.mark.parametrize(
    ("model", "end"),
    [
        ("gpt-4o-mini", date(2027, 1, 14)),
        ("gpt-4o-mini-2024-07-18", date(2027, 1, 14)),
        ("gpt-4o", None),
        ("claude-3-5-haiku-20241022", date(2026, 2, 19)),
        ("gemini-2.0-flash", date(2026, 6, 1)),
        ("gpt-6-luna", None),
    ],
)
def test_when_a_model_ends(model: str, end: date | None) -> None:
    assert retired_on(model) == end


@pytest.mark.parametrize(
    ("day", "words"),
    [(date(2026, 10, 1), ""), (date(2026, 11, 21), "will be retired on"), (date(2027, 1, 14), "is retired since")],
)
def test_an_end_is_worth_a_word_when_it_is_near(day: date, words: str) -> None:
    advice = retirement_advice("gpt-4o-mini", day)
    assert words in advice
    assert bool(words) == bool(advice)


@pytest.mark.parametrize(
    ("provider", "model", "usage", "cost"),
    [
        (OPENAI, "gpt-6-luna", Usage(1_000_000, 0), None),
        (OPENAI, "gpt-6-luna", Usage(100_000, 10_000), "0.015"),
        (OPENAI, "gpt-6-luna", Usage(100_000, 0, cached=90_000), "0.0019"),
        (GEMINI, "gemini-3.5-flash-lite", Usage(1_000, 100), "0.00055"),
        (ANTHROPIC, "claude-haiku-5-5", Usage(1_000, 100), "0.00015"),
        (ANTHROPIC, "claude-haiku-5-5", Usage(200_000, 0), "0.1"),
        (LOCAL, "llama", Usage(1_000, 100), "0"),
        (OPENAI, "gpt-6-luna", Usage(10, 0, cached=99, cache_written=99), "0.0000001"),
    ],
)
def test_prices_of_the_list(provider: ProviderName, model: str, usage: Usage, cost: str | None) -> None:
    found = cost_of(usage, provider=provider, model=model, overrides={})
    assert found is not None
    if cost is not None:
        assert found == Decimal(cost)


def test_an_unknown_model_has_no_price_but_that_of_the_settings() -> None:
    usage = Usage(1_000_000, 1_000_000, cached=500_000)
    assert cost_of(usage, provider=OPENAI, model="gpt-9", overrides={}) is None
    row = (Decimal(1), Decimal("0.5"), Decimal(2))
    assert cost_of(usage, provider=OPENAI, model="gpt-9", overrides={"gpt-9": row}) == Decimal("2.75")


@given(st.text(max_size=500), st.integers(1, 5_000))
def test_no_call_costs_more_than_the_worst(text: str, limit: int) -> None:
    """A tokenizer never makes more tokens than there are bytes."""
    worst = worst_usage(Request(Operation.CLASSIFY, "gpt-6-luna", text, text, limit))
    size = 2 * len(text.encode(errors="replace"))
    at_worst = cost_of(worst, provider=OPENAI, model="gpt-6-luna", overrides={})
    for usage in (Usage(size, limit), Usage(size, limit, cached=size), Usage(size, limit, cache_written=size)):
        cost = cost_of(usage, provider=OPENAI, model="gpt-6-luna", overrides={})
        assert cost is not None
        assert at_worst is not None
        assert cost <= at_worst


@pytest.mark.parametrize(("written", "budget"), [("", None), (" ", None), ("0.5", Decimal("0.5")), ("0", Decimal(0))])
def test_a_budget_is_read(written: str, budget: Decimal | None) -> None:
    assert read_budget("LLM_BUDGET_USD_PER_RUN", written) == budget


@pytest.mark.parametrize("written", ["-1", "much", "NaN", "Infinity", "1,5"])
def test_a_budget_that_is_none_is_refused_with_its_name(written: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="LLM_BUDGET_USD_PER_RUN"):
        read_budget("LLM_BUDGET_USD_PER_RUN", written)


def test_prices_are_read() -> None:
    assert read_prices("LLM_PRICES", "") == {}
    assert read_prices("LLM_PRICES", " a=1/0.1/4 , ns/b:7b=0/0/0,") == {
        "a": (Decimal(1), Decimal("0.1"), Decimal(4)),
        "ns/b:7b": (Decimal(0), Decimal(0), Decimal(0)),
    }


@pytest.mark.parametrize("written", ["a", "a=1", "a=1/2", "a=1/2/x", "=1/2/3", "a=1/2/3/4", "a=-1/2/3"])
def test_prices_that_are_none_are_refused_with_their_name(written: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="LLM_PRICES"):
        read_prices("LLM_PRICES", written)
