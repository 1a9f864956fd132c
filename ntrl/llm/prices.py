"""What tokens cost, from the price list of genai-prices (offline) and the settings' own rows."""

import json
from collections.abc import Mapping
from decimal import Decimal

from ntrl.llm.types import ProviderName, Request, Usage

# A rule of thumb for English, for estimates only.
CHARS_PER_TOKEN = 4
# English with its curly marks and dashes, generously; what a call needs beyond that, it asks for.
BYTES_PER_CHAR = 1.25

# Dollars for a million tokens of (input, cached input, output).
Price = tuple[Decimal, Decimal, Decimal]
Overrides = Mapping[str, Price]

MILLION = Decimal(1_000_000)
NOTHING = Decimal(0)
# As fine as the smallest price of one token, so that nothing is rounded away.
COST_PLACES = 10
_IN_THE_LIST = {
    ProviderName.OPENAI: "openai",
    ProviderName.GEMINI: "google",
    ProviderName.ANTHROPIC: "anthropic",
}
# Roles, separators and the like around our own text, generously.
_TOKENS_AROUND = 200


def cost_of(usage: Usage, *, provider: ProviderName, model: str, overrides: Overrides) -> Decimal | None:
    """Return what a call with this usage costs at list price; None when the model's price is not known.

    A local server costs nothing, unless a row says otherwise.
    """
    if model in overrides:
        return _by_row(usage, overrides[model])
    if provider == ProviderName.LOCAL:
        return NOTHING
    return _by_list(usage, _IN_THE_LIST[provider], model)


def worst_usage(request: Request) -> Usage:
    """Return more tokens than a call can use: a token has at least a byte, and the reply a limit.

    All of the input may be written to the cache, which costs most.
    """
    schema = json.dumps(request.schema) if request.schema else ""
    size = sum(len(part.encode(errors="replace")) for part in (request.system, request.user, schema))
    return Usage(size + _TOKENS_AROUND, request.max_output_tokens, cache_written=size + _TOKENS_AROUND)


def _by_row(usage: Usage, price: Price) -> Decimal:
    fresh, cached, output = price
    cached_tokens = min(usage.cached, usage.input)
    return ((usage.input - cached_tokens) * fresh + cached_tokens * cached + usage.output * output) / MILLION


def _by_list(usage: Usage, provider: str, model: str) -> Decimal | None:
    import genai_prices  # 20 MB of prices: loaded by who has something to pay

    cached = min(usage.cached, usage.input)
    counted = genai_prices.Usage(
        input_tokens=usage.input,
        cache_read_tokens=cached,
        cache_write_tokens=min(usage.cache_written, usage.input - cached),
        output_tokens=usage.output,
    )
    try:
        return genai_prices.calc_price(counted, model, provider_id=provider).total_price
    except LookupError:
        return None
