"""Filing again what is filed: a failure, of models, keywords or the storage, never takes the place of a filing."""

import json
from pathlib import Path
from typing import Any

import pytest

from classification.models import Method, StoryClassification
from classification.services import ClassifyResult, classify_pending
from ingestion.models import StoryRaw
from ntrl.bodies import BodyUnavailable, delete_body
from ntrl.llm.types import ProviderName
from ntrl.stages.models import Claim, FailureKind, PipelineLog
from ntrl.stages.runner import RunOptions
from tests.support.factories import a_story
from tests.support.llm import FakeTime, a_gateway
from tests.support.llm_faults import Fault
from tests.support.llm_server import LLMServer

pytestmark = pytest.mark.django_db
MATCH = "The striker scored a hat-trick as the home team won the football match and went top of the league."
NOTHING = "Xyzzy plugh. Foo bar baz."
REPLY = json.dumps({"domain": "science_research", "confidence": 0.9, "tags": {"geography": "international"}})


@pytest.fixture
def server() -> Any:
    with LLMServer() as server:
        for operation in ("classify", "classify_simple"):
            server.reply(operation, REPLY)
        yield server


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


def classify(server: LLMServer, trace_id: str = "f" * 32) -> ClassifyResult:
    gateway = a_gateway(server, ProviderName.OPENAI, time=FakeTime(), trace_id=trace_id)
    return classify_pending(trace_id=trace_id, options=RunOptions(force=True), gateway=gateway)


def a_filed_story(server: LLMServer, body: str) -> tuple[StoryRaw, dict[str, Any]]:
    story = a_story(body=body, original_title="Plugh")
    classify(server, "1" * 32)
    return story, filing()


def filing() -> dict[str, Any]:
    return StoryClassification.objects.values().get()


@pytest.mark.parametrize("body", [MATCH, NOTHING])
@pytest.mark.parametrize(
    ("fault", "kind"), [(Fault.HTTP_500, FailureKind.RETRY), (Fault.REFUSAL, FailureKind.QUARANTINE)]
)
def test_a_filing_by_a_model_stays_when_models_fail(
    server: LLMServer, body: str, fault: Fault, kind: FailureKind
) -> None:
    _, before = a_filed_story(server, body)
    assert (before["method"], before["feed_category"]) == (Method.LLM, "science")
    server.fault(fault)

    result = classify(server)

    assert filing() == before
    assert (result.total, result.success, result.failed, result.keyword_fallback) == (1, 0, 1, 0)
    claim = Claim.objects.get()
    assert claim.failure_kind == kind
    assert claim.reason.startswith("llm_")
    assert PipelineLog.objects.filter(status="failed").get().failure_reason.startswith("llm_")

    server.heal()
    assert classify(server, "2" * 32).llm == 1
    assert not Claim.objects.exists()


def test_a_filing_stays_when_the_storage_fails(server: LLMServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*arguments: Any) -> str:
        raise BodyUnavailable("key", "the storage is away")

    _, before = a_filed_story(server, MATCH)
    monkeypatch.setattr("ingestion.story_stage.get_body", away)

    assert classify(server).failed == 1
    assert filing() == before
    assert Claim.objects.get().reason.startswith("body_unavailable")


def test_a_filing_stays_when_its_body_is_gone(server: LLMServer) -> None:
    story, before = a_filed_story(server, MATCH)
    delete_body(story.raw_content_uri)

    assert classify(server).failed == 1
    assert filing() == before


def test_a_filing_stays_where_no_keyword_stands(server: LLMServer) -> None:
    _, before = a_filed_story(server, NOTHING)

    result = classify_pending(trace_id="k" * 32, options=RunOptions(force=True))

    assert (result.success, result.failed) == (0, 1)
    assert filing() == before


def test_keywords_take_the_place_of_keywords_and_a_model_of_these(server: LLMServer) -> None:
    a_story(body=MATCH, original_title="Home team wins football match")
    classify_pending(trace_id="k" * 32, options=RunOptions())
    server.fault(Fault.HTTP_500)

    assert classify(server).keyword_fallback == 1
    assert filing()["method"] == Method.KEYWORD_FALLBACK

    server.heal()
    assert classify(server, "2" * 32).llm == 1
    assert filing()["method"] == Method.LLM
