"""System checks on the settings about language models: what can't work, what ends soon, what can't be reckoned."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning, register

from ntrl.llm.chains import usable
from ntrl.llm.habits import RETIREMENT_NOTICE, retired_on
from ntrl.llm.prices import cost_of
from ntrl.llm.types import Chain, Operation, ProviderConfig, ProviderName, Usage

TAG = "llm"
ONE_TOKEN = Usage(1, 1)
# What to set so that stories are asked of models.
FOR_STORIES = "OPENAI_API_KEY or GEMINI_API_KEY, or LOCAL_LLM_BASE_URL and LOCAL_LLM_MODEL"

# And so that narratives are.
FOR_NARRATIVES = f"ANTHROPIC_API_KEY, {FOR_STORIES}"


@register(TAG)
def check_addresses(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ntrl.E004: a key or an address that can't be one. Neither is repeated."""
    problems: list[CheckMessage] = []
    for config in settings.LLM_PROVIDERS.values():
        if not config.is_set_up:
            continue
        address = _setting(config.name, "BASE_URL")
        parts = urlsplit(config.base_url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            hint = "Such as https://models.example/v1."
            problems.append(Error(f"{address} is not the address of a service.", hint=hint, id="ntrl.E004"))
        if not (config.api_key.isascii() and config.api_key.isprintable()) or " " in config.api_key:
            problem = f"{_setting(config.name, 'API_KEY')} has characters that no key has."
            problems.append(Error(problem, hint="Copy it again, without quotation marks.", id="ntrl.E004"))
    return problems


@register(TAG)
def check_retirement(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ntrl.W005: a model that serves no more, or not for long."""
    today = datetime.now(UTC).date()
    return [
        Warning(advice, hint=f"Set {_setting(provider, 'MODEL')} to another model.", id="ntrl.W005")
        for provider, model in models_in_use()
        if (advice := retirement_advice(model, today))
    ]


@register(TAG)
def check_prices(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ntrl.W006: a model whose price is not known; under a budget it is not asked."""
    under_budget = settings.LLM_BUDGET_USD_PER_RUN is not None or settings.LLM_BUDGET_USD_PER_DAY is not None
    what = "it is not asked while a budget is set" if under_budget else "its calls are recorded without a cost"
    return [
        Warning(f"The price of {model} is not known: {what}.", hint="Put it into LLM_PRICES.", id="ntrl.W006")
        for provider, model in models_in_use()
        if cost_of(ONE_TOKEN, provider=provider, model=model, overrides=settings.LLM_PRICES) is None
    ]


@register(TAG)
def check_halves(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ntrl.W007: a server of one's own that is named by half, and so never asked."""
    local: ProviderConfig = settings.LLM_PROVIDERS[ProviderName.LOCAL]
    if bool(local.base_url) == bool(local.model):
        return []
    there, missing = ("BASE_URL", "MODEL") if local.base_url else ("MODEL", "BASE_URL")
    problem = f"LOCAL_LLM_{there} is set and LOCAL_LLM_{missing} is not: the server is not asked."
    return [Warning(problem, hint=f"Set LOCAL_LLM_{missing}.", id="ntrl.W007")]


@register(TAG)
def check_times(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ntrl.W008: an answer's time that one silent provider uses up, so that the next is never asked."""
    if settings.LLM_DEADLINE_SECONDS > settings.LLM_TIMEOUT_SECONDS:
        return []
    problem = "LLM_DEADLINE_SECONDS is not more than LLM_TIMEOUT_SECONDS: when a provider is silent, no other is asked."
    return [Warning(problem, hint="Three times as much leaves time for the others.", id="ntrl.W008")]


@register(TAG, deploy=True)
def check_chains(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ntrl.I001: what is done without a model, for want of a key."""
    empty = operations_without_models()
    if not empty:
        return []
    problem = f"No provider is set up for {', '.join(empty)}: done by what NTRL brings with it, or not at all."
    return [Info(problem, hint="Set a key; llm_doctor tries it.", id="ntrl.I001")]


def operations_without_models() -> list[str]:
    """Name the operations that nobody is set up for."""
    chains: dict[Operation, Chain] = settings.LLM_CHAINS
    return [str(name) for name, chain in chains.items() if not usable(chain, settings.LLM_PROVIDERS)]


def models_in_use() -> Iterator[tuple[ProviderName, str]]:
    """Yield each provider and model that a chain may ask, once."""
    configs: dict[ProviderName, ProviderConfig] = settings.LLM_PROVIDERS
    chains = settings.LLM_CHAINS.values()
    in_use = {(attempt.provider, attempt.model) for chain in chains for attempt in usable(chain, configs)}
    # A provider that is set up and in no chain yet is worth a word as well.
    in_use |= {(name, config.model) for name, config in configs.items() if config.is_set_up}
    yield from sorted(in_use)


def retirement_advice(model: str, today: date) -> str:
    """Say when a model ends, if that is near or past; "" otherwise."""
    end = retired_on(model)
    if end is None or end - today > RETIREMENT_NOTICE:
        return ""
    return f"The model {model} {'is retired since' if end <= today else 'will be retired on'} {end}."


def _setting(provider: ProviderName, what: str) -> str:
    prefix = "LOCAL_LLM" if provider == ProviderName.LOCAL else provider.upper()
    return f"{prefix}_{what}"
