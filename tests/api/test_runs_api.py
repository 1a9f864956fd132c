"""The endpoints that start runs, the runs themselves, sources and the status."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ingestion.models import Source
from neutralization.models import StoryNeutralized
from ntrl.pipeline.health import LATE_AFTER, MISSED_AFTER, EndedRun, Health, judge
from ntrl.pipeline.lock import begin_run
from ntrl.pipeline.models import PipelineRunSummary, Trigger
from tests.support.factories import BODY, a_source, a_story, publishable

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def post(client: Client, path: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(path, body or {}, "application/json")


def types(document: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in document.items()}


RUN = {"status": str, "trace_id": str, "started_at": str, "finished_at": str, "duration_ms": int, "errors": list}


def test_ingesting(keyed: Client) -> None:
    body = post(keyed, "/v1/ingest/run", {"source_slugs": [], "max_items_per_source": 3}).json()
    totals = ["total_ingested", "total_skipped_duplicate", "total_body_downloaded", "total_body_failed"]
    assert types(body) == RUN | dict.fromkeys([*totals, "sources_processed"], int) | {"source_results": list}
    assert body["status"] == "completed"


def test_ingesting_names_what_could_not_be_read(keyed: Client) -> None:
    # The fetcher refuses this address before it asks anybody.
    a_source(rss_url="http://127.0.0.1:9/feed.xml")
    body = post(keyed, "/v1/ingest/run", {"source_slugs": ["herald"]}).json()
    [result] = body["source_results"]
    assert types(result) == {
        "source_slug": str,
        "ingested": int,
        "skipped_duplicate": int,
        "body_downloaded": int,
        "body_failed": int,
        "errors": list,
    }
    assert body["errors"][0].startswith("herald: ")


def test_classifying(keyed: Client, bodies: Path) -> None:
    story = a_story(a_source(), body=BODY)
    body = post(keyed, "/v1/classify/run", {"limit": 5, "story_ids": [str(story.id)], "force": False}).json()
    counts = dict.fromkeys(["total", "success", "llm", "keyword", "keyword_fallback", "failed"], int)
    assert {name: kind for name, kind in types(body).items() if name != "fallback_rate"} == RUN | counts | {"by": str}
    assert body["total"] == 1


def test_neutralizing(keyed: Client, bodies: Path) -> None:
    wanted, other = a_story(a_source(), body=BODY), a_story(body=BODY + " It rained.")
    body = post(keyed, "/v1/neutralize/run", {"story_ids": [str(wanted.id)], "max_workers": 1}).json()
    names = ["total_processed", "total_success", "total_skipped", "total_skipped_no_body", "total_failed"]
    assert types(body) == RUN | dict.fromkeys(names, int) | {"by": str}
    assert body["total_processed"] == 1
    assert not StoryNeutralized.objects.filter(story=other).exists()


SUMMARY = {
    "trace_id": str,
    "status": str,
    "trigger": str,
    "reason": str,
    "notice": str,
    "started_at": str,
    "finished_at": str,
    "duration_ms": int,
    **dict.fromkeys(["ingest_total", "ingest_success", "ingest_body_downloaded", "ingest_body_failed"], int),
    **dict.fromkeys(["ingest_skipped_duplicate", "classify_total", "classify_success", "classify_llm"], int),
    **dict.fromkeys(["classify_keyword_fallback", "classify_failed", "neutralize_total", "neutralize_success"], int),
    **dict.fromkeys(["neutralize_skipped_no_body", "neutralize_failed", "brief_story_count"], int),
    **dict.fromkeys(["brief_section_count", "tokens_input", "tokens_output"], int),
    "cost_usd": str,
    "alerts": list,
}


def test_a_whole_run(keyed: Client) -> None:
    publishable(a_source(is_active=False), published_at=NOW, ingested_at=NOW)
    response = post(keyed, "/v1/pipeline/scheduled-run", {"cutoff_hours": 24})
    body = response.json()
    assert types(body) == SUMMARY
    assert (body["status"], body["trigger"], body["brief_story_count"]) == ("completed", "api", 1)
    assert "ingestion_zero" in body["alerts"]
    # One form of time everywhere: some clients read only that.
    assert all(re.fullmatch(r"[0-9-]{10}T[0-9:]{8}Z", body[name]) for name in ("started_at", "finished_at"))
    assert keyed.get(response["Location"]).json() == body
    assert keyed.get("/v1/pipeline/runs").json() == {"next": None, "previous": None, "results": [body]}


def test_a_run_that_is_not_waited_for(keyed: Client) -> None:
    response = post(keyed, "/v1/pipeline/scheduled-run-async")
    assert response.status_code == 202
    body = response.json()
    assert types(body) == {"trace_id": str, "status": str, "location": str}
    assert response["Location"] == body["location"] == f"/v1/pipeline/runs/{body['trace_id']}"
    assert keyed.get(body["location"]).json()["trace_id"] == body["trace_id"]


@pytest.mark.parametrize("path", ["/v1/pipeline/scheduled-run", "/v1/pipeline/scheduled-run-async"])
def test_a_second_run_is_refused_with_the_first_one(keyed: Client, path: str) -> None:
    begin_run(trace_id="f" * 32, trigger=Trigger.MANUAL)
    response = post(keyed, path)
    assert response.status_code == 409
    assert response.json()["trace_id"] == "f" * 32
    assert "f" * 32 in response.json()["detail"]
    assert keyed.get(f"/v1/pipeline/runs/{'f' * 32}").json()["finished_at"] is None


@pytest.mark.parametrize(
    ("last", "health"),
    [
        (None, Health.UNKNOWN),
        (EndedRun("completed", NOW, []), Health.HEALTHY),
        (EndedRun("completed", NOW - LATE_AFTER, []), Health.HEALTHY),
        (EndedRun("completed", NOW - LATE_AFTER - timedelta(seconds=1), []), Health.DEGRADED),
        (EndedRun("completed", NOW, ["ingestion_zero"]), Health.DEGRADED),
        (EndedRun("partial", NOW, []), Health.DEGRADED),
        (EndedRun("failed", NOW, []), Health.UNHEALTHY),
        (EndedRun("completed", NOW - MISSED_AFTER - timedelta(seconds=1), []), Health.UNHEALTHY),
    ],
)
def test_health(last: EndedRun | None, health: Health) -> None:
    assert judge(last, NOW) is health


STATUS = {
    "status": str,
    "health": str,
    "code_version": str,
    "neutralizer": dict,
    "has_openai_api_key": bool,
    "has_google_api_key": bool,
    "has_anthropic_api_key": bool,
    "has_aws_credentials": bool,
    "s3_bucket": type(None),
    "total_articles_ingested": int,
    "total_articles_neutralized": int,
    "total_sources": int,
    "last_ingest": type(None),
    "last_classify": type(None),
    "last_neutralize": type(None),
    "last_brief": type(None),
    "latest_pipeline_run": type(None),
    "thresholds": dict,
    "llm_cost_today": str,
    "narratives": dict,
}


def test_the_status_before_any_run(reader: Client) -> None:
    body = reader.get("/v1/status").json()
    assert types(body) == STATUS
    assert body["health"] == "unknown"
    assert body["neutralizer"] == {"provider": "lexicon", "model": None, "error": None}


def test_the_status_after_a_run(keyed: Client) -> None:
    publishable(a_source(is_active=False), published_at=NOW, ingested_at=NOW)
    run = post(keyed, "/v1/pipeline/scheduled-run").json()
    body = keyed.get("/v1/status").json()
    last = {"stage": str, "status": str, "finished_at": str, "duration_ms": int}
    assert [types(body[f"last_{name}"]) for name in ("ingest", "classify", "neutralize", "brief")] == [last] * 4
    assert types(body["latest_pipeline_run"]) == {
        "trace_id": str,
        "finished_at": str,
        "status": str,
        "body_download_rate": type(None),
        "neutralization_rate": type(None),
        "brief_story_count": int,
        "alerts": list,
    }
    assert body["latest_pipeline_run"]["trace_id"] == run["trace_id"]
    assert body["health"] == "degraded"
    assert (body["total_articles_ingested"], body["total_articles_neutralized"], body["total_sources"]) == (1, 1, 1)


SOURCE = {
    "id": str,
    "name": str,
    "slug": str,
    "rss_url": str,
    "homepage_url": str,
    "home_country": str,
    "default_section": str,
    "priority": int,
    "is_active": bool,
    "created_at": str,
    "last_attempt_at": type(None),
    "last_success_at": type(None),
    "consecutive_failures": int,
    "next_attempt_at": type(None),
    "health_reason": str,
}
NEW = {"name": "The Herald", "slug": "the-herald", "rss_url": "https://herald.example/feed.xml"}


def test_sources(client: Client) -> None:
    a_source(), a_source("clarion")
    body = client.get("/v1/sources").json()
    assert types(body) == {"sources": list, "total": int}
    assert types(body["sources"][0]) == SOURCE
    assert [source["slug"] for source in body["sources"]] == ["clarion", "herald"]
    assert client.get("/v1/sources/herald").json() == body["sources"][1]


def test_adding_a_source(keyed: Client) -> None:
    response = post(keyed, "/v1/sources", NEW)
    assert response.status_code == 201
    assert types(response.json()) == SOURCE
    assert response["Location"].endswith("/v1/sources/the-herald")
    made = post(keyed, "/v1/sources", {"name": "The Herald", "rss_url": "https://herald.example/2"}).json()
    assert made["slug"] == "the-herald-2"


@pytest.mark.parametrize("change", [{"rss_url": "https://other.example/feed"}, {"slug": "other"}])
def test_a_slug_or_feed_that_is_taken(keyed: Client, change: dict[str, str]) -> None:
    post(keyed, "/v1/sources", NEW)
    response = post(keyed, "/v1/sources", NEW | change)
    assert response.status_code == 409
    assert Source.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rss_url": "http://127.0.0.1/feed"}, "rss_url"),
        ({"rss_url": "http://169.254.169.254/latest"}, "rss_url"),
        ({"rss_url": "file:///etc/passwd"}, "rss_url"),
        ({"rss_url": "javascript:alert(1)"}, "rss_url"),
        ({"name": ""}, "name"),
        ({"name": "x\x00"}, "name"),
        ({"slug": "../etc"}, "slug"),
        ({"home_country": "USA"}, "home_country"),
        ({"priority": 0}, "priority"),
        ({"feed": "x"}, "feed"),
    ],
)
def test_what_no_source_can_be(keyed: Client, change: dict[str, Any], field: str) -> None:
    for response in (
        post(keyed, "/v1/sources", NEW | change),
        keyed.patch(f"/v1/sources/{a_source().slug}", change, "application/json"),
    ):
        assert response.status_code == 422
        assert field in [error["field"] for error in response.json()["errors"]]


def test_changing_a_source(keyed: Client) -> None:
    source = a_source(etag="e", consecutive_failures=3, health_reason="down")
    renamed = keyed.patch("/v1/sources/herald", {"name": "New"}, "application/json").json()
    assert (renamed["name"], renamed["consecutive_failures"]) == ("New", 3)
    moved = keyed.patch("/v1/sources/herald", {"rss_url": "https://new.example/feed"}, "application/json").json()
    assert (moved["consecutive_failures"], moved["health_reason"]) == (0, "")
    source.refresh_from_db()
    assert source.etag == ""


def test_removing_a_source_switches_it_off(keyed: Client) -> None:
    publishable(a_source())
    response = keyed.delete("/v1/sources/herald")
    assert (response.status_code, response.content) == (204, b"")
    off = keyed.get("/v1/sources/herald").json()
    assert (off["is_active"], off["health_reason"]) == (False, "It was switched off over the API.")
    on = keyed.patch("/v1/sources/herald", {"is_active": True}, "application/json").json()
    assert (on["is_active"], on["health_reason"]) == (True, "")


def test_runs_cost_one_query(keyed: Client, django_assert_num_queries: Any) -> None:
    for number in range(5):
        PipelineRunSummary.objects.create(
            trace_id=f"{number}", trigger=Trigger.MANUAL, status="failed", owner="o", started_at=NOW, heartbeat_at=NOW
        )
    with django_assert_num_queries(1):
        assert len(keyed.get("/v1/pipeline/runs").json()["results"]) == 5
