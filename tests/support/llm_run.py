"""Whole runs whose models are a loopback server that does everything well, unless told otherwise."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_django.fixtures import Settings

from ingestion.models import StoryRaw
from ntrl.llm.chains import default_chains
from ntrl.llm.types import ProviderName
from tests.support.factories import a_story
from tests.support.fetching import PARAGRAPHS
from tests.support.llm import configs_of
from tests.support.llm_narratives import read_well
from tests.support.llm_neutral import neutralize_well
from tests.support.llm_server import LLMServer

FILED = {
    "domain": "infrastructure_systems",
    "confidence": 0.9,
    "tags": {
        "geography": "us",
        "geography_detail": "Springfield",
        "actors": ["Council"],
        "action_type": "announcement",
        "topic_keywords": ["bridge", "repair"],
    },
}
# A story of `articles` whose body has a manipulative word takes one of each.
OPERATIONS_OF_A_STORY = (
    "classify",
    "detect_spans",
    "neutralize_full",
    "synthesize_brief",
    "compress_feed",
    "extract_narrative",
)


def do_well(server: LLMServer) -> LLMServer:
    """Let a server answer every call about a story as a good model does."""
    for operation in ("classify", "classify_simple"):
        server.reply(operation, json.dumps(FILED))
    return read_well(neutralize_well(server))


@contextmanager
def a_good_server() -> Iterator[LLMServer]:
    """A server of good models."""
    with LLMServer() as server:
        yield do_well(server)


def set_up(settings: Settings, server: LLMServer, *names: ProviderName, key: str = "sk-a-key-of-no-value") -> None:
    """Let the settings name OpenAI and Gemini, unless told otherwise, both at the loopback server."""
    configs = configs_of(server, *(names or (ProviderName.OPENAI, ProviderName.GEMINI)), key=key)
    settings.LLM_PROVIDERS, settings.LLM_CHAINS = configs, default_chains(configs)


def bodies_with_hype(number: int) -> list[str]:
    """So many articles, each of its own; each has a manipulative word, and no two calls about them are the same."""
    first = PARAGRAPHS[0].replace("The city council voted", "The city council slammed its critics and voted")
    return [
        "\n\n".join(
            [first, *PARAGRAPHS[1:3], PARAGRAPHS[3].replace("4 million", f"{index + 4} million"), PARAGRAPHS[4]]
        )
        for index in range(number)
    ]


def articles(number: int, **fields: object) -> list[StoryRaw]:
    """Store so many stories."""
    return [
        a_story(body=body, original_title=f"Council votes on bridge {index}", **fields)
        for index, body in enumerate(bodies_with_hype(number))
    ]


def calls_of(server: LLMServer, provider: str = "") -> Counter[str]:
    """The calls that came, by operation."""
    return Counter(asked.operation for asked in server.asked if provider in ("", asked.provider))
