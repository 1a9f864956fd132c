"""Readings of the settings that are about language models. What can't be read is refused with the setting's name."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ImproperlyConfigured

from ntrl.llm.prices import Price
from ntrl.llm.types import ProviderConfig, ProviderName

_ENTRY = "model=input/cached/output in US dollars for a million tokens, such as my-model=0.10/0.01/0.50"


def provider(
    name: ProviderName, *, base_url: str, model: str, api_key: str = ""
) -> tuple[ProviderName, ProviderConfig]:
    """Make a provider's configuration, under its name."""
    return name, ProviderConfig(name, base_url.strip(), model.strip(), api_key.strip())


def read_budget(name: str, written: str) -> Decimal | None:
    """Read an amount of dollars; None for no limit."""
    return _dollars(name, written, "an amount of US dollars such as 0.50") if written.strip() else None


def read_prices(name: str, written: str) -> Mapping[str, Price]:
    """Read prices that the list lacks: entries separated by commas."""
    prices = {}
    for entry in filter(None, (part.strip() for part in written.split(","))):
        model, _, price = entry.rpartition("=")
        parts = price.split("/")
        if not model or len(parts) != 3:
            raise ImproperlyConfigured(f"{name}: {entry!r} is not {_ENTRY}")
        fresh, cached, output = (_dollars(name, part, _ENTRY) for part in parts)
        prices[model.strip()] = (fresh, cached, output)
    return prices


def _dollars(name: str, written: str, wanted: str) -> Decimal:
    try:
        amount = Decimal(written.strip())
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise ImproperlyConfigured(f"{name}: {written.strip()!r} is not {wanted}")
    return amount
