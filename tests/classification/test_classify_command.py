"""`manage.py classify`: says who files, what that would cost, and how it went."""

import json
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from classification.models import StoryClassification
from ntrl.llm.chains import default_chains
from ntrl.llm.types import ProviderName
from tests.support.factories import a_story
from tests.support.llm import configs_of
from tests.support.llm_faults import Fault
from tests.support.llm_server import LLMServer

pytestmark = pytest.mark.django_db
REPLY = '{"domain": "health_medicine", "confidence": 0.8, "tags": {"geography": "us"}}'


@pytest.fixture(autouse=True)
def story(bodies: Path) -> None:
    a_story(body="The striker scored twice in the football match.", original_title="Home team wins football match")


@pytest.fixture
def server(settings: Settings) -> Iterator[LLMServer]:
    """A server that the settings name as OpenAI and Gemini."""
    with LLMServer() as server:
        server.reply("classify", REPLY)
        settings.LLM_PROVIDERS = configs_of(server, ProviderName.OPENAI, ProviderName.GEMINI)
        settings.LLM_CHAINS = default_chains(settings.LLM_PROVIDERS)
        yield server


def classify(*arguments: str) -> str:
    out = StringIO()
    call_command("classify", *arguments, stdout=out)
    return out.getvalue()


def classify_as_json(*arguments: str) -> Any:
    return json.loads(classify("--json", *arguments))


def test_without_a_provider_it_says_that_the_embedded_default_files() -> None:
    assert "By keywords (embedded default: no provider of its chain is set up)." in classify()
    assert StoryClassification.objects.get().method == "keyword"


def test_without_a_provider_a_dry_run_costs_nothing() -> None:
    assert "Estimated cost: 0.000000 USD." in classify("--dry-run")
    assert classify_as_json("--dry-run")["estimated_cost_usd"] == "0"


def test_with_providers_it_files_by_model_and_names_the_chain(server: LLMServer) -> None:
    report = classify_as_json()

    assert report["by"].startswith("openai gpt-6-luna (classify), ")
    assert (report["llm"], report["keyword_fallback"], report["fallback_rate"]) == (1, 0, 0.0)
    assert StoryClassification.objects.get().feed_category == "health"


def test_a_dry_run_asks_nobody_and_says_what_it_would_cost(server: LLMServer) -> None:
    said, report = classify("--dry-run"), classify_as_json("--dry-run")

    assert server.asked == []
    assert not StoryClassification.objects.exists()
    assert f"Estimated cost: {Decimal(report['estimated_cost_usd']):.6f} USD." in said
    assert 0 < float(report["estimated_cost_usd"]) < 0.001
    assert "for about 0.000" in report["stages"][0]["planned"][0]


def test_a_dry_run_asks_about_the_stories_named_and_no_other(server: LLMServer) -> None:
    other = a_story(body="Rain.", original_title="Rain")

    report = classify_as_json("--dry-run", "--story", str(other.id))

    assert len(report["stages"][0]["planned"]) == 1


def exit_of(*arguments: str) -> tuple[int, str]:
    out, status = StringIO(), 0
    try:
        call_command("classify", *arguments, stdout=out)
    except SystemExit as end:
        status = int(end.code or 0)
    return status, out.getvalue()


def test_it_says_which_providers_dropped_out_though_keywords_file(server: LLMServer) -> None:
    server.fault(Fault.HTTP_401)

    status, said = exit_of()

    assert (status, "keyword fallback 1" in said) == (0, True)
    for name in ("openai", "gemini"):
        assert f"Language models: {name} dropped out (http_401" in said


def test_a_story_that_waits_for_the_models_makes_it_partial(server: LLMServer) -> None:
    a_story(body="Xyzzy plugh. Foo bar baz.", original_title="Plugh")
    server.fault(Fault.HTTP_500)

    status, said = exit_of()

    assert (status, "unanswered 1" in said) == (3, True)
