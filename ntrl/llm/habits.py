"""What models ask for, refuse, and until when they serve: data, so that no code asks for a model's name.

Sources: the providers' model and deprecation pages, as of autumn 2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from ntrl.llm.types import ProviderName

Entry = TypeVar("Entry")

# So long before its end a model's retirement is worth a warning.
RETIREMENT_NOTICE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Habits:
    """How a model is asked.

    Attributes:
        limit_parameter: the parameter's name that bounds the reply.
        parameters: sent with each call as they stand.
    """

    limit_parameter: str = "max_tokens"
    parameters: Mapping[str, Any] = field(default_factory=dict)


_OF_PROVIDER = {
    ProviderName.OPENAI: Habits(limit_parameter="max_completion_tokens"),
    ProviderName.GEMINI: Habits(),
    ProviderName.ANTHROPIC: Habits(),
    # The hosted models do without: some refuse it, some are told to be left at their default.
    ProviderName.LOCAL: Habits(parameters={"temperature": 0}),
}

_OF_MODEL = {
    # Reasons unless told not to, and what it reasons is paid for.
    "gpt-6-luna": Habits("max_completion_tokens", {"reasoning_effort": "none"}),
    # Thinks within max_tokens unless told not to; refuses a temperature.
    "claude-haiku-5-5": Habits(parameters={"thinking": {"type": "disabled"}}),
}

_RETIRED_ON = {
    "claude-3-haiku-20240307": date(2026, 4, 19),
    "claude-3-5-haiku": date(2026, 2, 19),
    "claude-3-7-sonnet": date(2026, 2, 19),
    "claude-sonnet-4-5": date(2026, 11, 30),
    "gemini-2.0-flash": date(2026, 6, 1),
    "gpt-4o-mini": date(2027, 1, 14),
}


def habits_of(provider: ProviderName, model: str) -> Habits:
    """Return how a model is asked; the provider's usual way when nothing particular is known."""
    return _of(model, _OF_MODEL) or _OF_PROVIDER[provider]


def retired_on(model: str) -> date | None:
    """Return the day from which a model serves no more, when it is known."""
    return _of(model, _RETIRED_ON)


def _of(model: str, table: Mapping[str, Entry]) -> Entry | None:
    """Look a model up by its name, or by the name that its dated and derived versions begin with."""
    found = [name for name in table if model == name or model.startswith(f"{name}-")]
    return table[max(found, key=len)] if found else None
