"""Tries each provider that is set up: its key, its model, one tiny call, its price; and says what to do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.conf import settings

from ntrl.llm.checks import ONE_TOKEN, retirement_advice
from ntrl.llm.errors import CHAIN_FAILED, CallFailed, ChainFailed
from ntrl.llm.gateway import Gateway
from ntrl.llm.habits import retired_on
from ntrl.llm.prices import Overrides, cost_of
from ntrl.llm.types import Attempt, Operation, Prompt, ProviderConfig, ProviderName
from ntrl.stages.ledger import OutOfMoney
from ntrl.stages.models import RunStatus

PROMPT = Prompt("doctor", "1", "You test a connection. Reply with the word OK and nothing else.", "Are you there?")
# For one word, and whatever a model thinks it must add.
MAX_OUTPUT_TOKENS = 50
_ADVICE = {
    "http_401": "the key is refused: copy it again, or make a new one at the provider",
    "http_403": "the key may not do this: look at its permissions, and at where the provider serves",
    "http_404": "the address or the model is not known there: look at the base URL and the model's name",
    "quota_exhausted": "nothing is left to spend there: look at the provider's billing",
    "http_429": "the provider limits you: wait, or ask for a higher limit",
    "no_connection": "nobody answers at that address: look at the base URL, the network, a firewall",
    "timeout": "no answer in time: try again, or raise LLM_TIMEOUT_SECONDS",
    "garbled": "what answers there does not speak this protocol: look at the base URL",
    "budget": "the budget is spent: wait for tomorrow, or raise LLM_BUDGET_USD_PER_DAY",
    "price_unknown": "without a price it is not asked under a budget: put it into LLM_PRICES",
    "refused": "the model will not say one word: choose another",
    "truncated": "the model thinks aloud: choose another, or switch its thinking off",
}

# What a refusal of the key looks like; anything else says nothing of it.
ABOUT_THE_KEY = ("http_401", "http_403")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `problem` is empty when it is well."""

    what: str
    found: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found of one provider; `answers` when a call to it succeeded."""

    provider: ProviderName
    model: str
    answers: bool
    findings: tuple[Finding, ...]

    @property
    def is_well(self) -> bool:
        """Whether there is no problem."""
        return not any(finding.problem for finding in self.findings)


def examine(
    gateway: Gateway, configs: Mapping[ProviderName, ProviderConfig], overrides: Overrides
) -> Iterator[Diagnosis]:
    """Try each provider that is set up, one by one."""
    today = datetime.now(UTC).date()
    for config in configs.values():
        if config.is_set_up:
            findings = [*_listed(gateway, config), _retirement(config, today), _price(config, overrides)]
            call = _call(gateway, config)
            yield Diagnosis(config.name, config.model, not call.problem, (*findings, call))


def verdict(diagnoses: list[Diagnosis]) -> RunStatus:
    """Completed when all is well (also when nothing is set up), failed when nobody answers, partial between."""
    if all(diagnosis.is_well for diagnosis in diagnoses):
        return RunStatus.COMPLETED
    return RunStatus.PARTIAL if any(diagnosis.answers for diagnosis in diagnoses) else RunStatus.FAILED


def _listed(gateway: Gateway, config: ProviderConfig) -> list[Finding]:
    try:
        models = gateway.providers[config.name].models()
    except CallFailed as failure:
        if failure.reason == "http_404":  # some servers have no list
            return [Finding("models", "the server has no list of them")]
        looked_at = "key" if failure.reason in ABOUT_THE_KEY else "service"
        return [Finding(looked_at, str(failure), _advice(failure.reason))]
    key = Finding("key", "accepted")
    if config.model in models:
        return [key, Finding("model", "listed")]
    names = ", ".join(sorted(models)[:8])
    return [key, Finding("model", "not listed", f"choose one that the provider has: {names or 'it lists none'}")]


def _retirement(config: ProviderConfig, today: date) -> Finding:
    end = retired_on(config.model)
    advice = retirement_advice(config.model, today)
    return Finding("retirement", str(end) if end else "none known", f"{advice} Choose another." if advice else "")


def _price(config: ProviderConfig, overrides: Overrides) -> Finding:
    if config.name == ProviderName.LOCAL and config.model not in overrides:
        return Finding("price", "free: a server of your own")
    if cost_of(ONE_TOKEN, provider=config.name, model=config.model, overrides=overrides) is None:
        return Finding("price", "not known", "put it into LLM_PRICES; until then its cost is not recorded")
    return Finding("price", "known")


def _call(gateway: Gateway, config: ProviderConfig) -> Finding:
    chain = (Attempt(config.name, config.model, Operation.DOCTOR),)
    try:
        with gateway.ledger.account(stage="doctor"):
            done = gateway.complete(
                operation=Operation.DOCTOR, prompt=PROMPT, reply=str, chain=chain, max_output_tokens=MAX_OUTPUT_TOKENS
            )
    except OutOfMoney as refusal:
        return Finding("call", str(refusal), _advice("budget"))
    except ChainFailed as failure:
        return Finding("call", failure.failures[0], _advice(failure.reason.removeprefix(CHAIN_FAILED)))
    cost = "at no known cost" if done.cost_usd is None else f"for {done.cost_usd:f} USD"
    return Finding("call", f"answered in {done.latency_ms} ms {cost}")


def _advice(reason: str) -> str:
    return _ADVICE.get(reason, f"the provider is in trouble ({reason}): try again later")


def examine_settings(gateway: Gateway) -> Iterator[Diagnosis]:
    """Try what the settings have."""
    return examine(gateway, settings.LLM_PROVIDERS, settings.LLM_PRICES)
