"""What machines ask: alive without a database, ready with every part named, figures only for who has the key."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.utils import OperationalError
from django.test import Client
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from ntrl import bodies_on_disk
from ntrl.llm.models import LLMCall
from ntrl.pipeline import readiness
from ntrl.pipeline.models import Alert, Cluster, PipelineRunSummary, Trigger
from ntrl.stages.models import Claim, StageRun
from tests.support.factories import a_source, a_story

KEY = "a-key-long-enough-for-nobody-to-guess"


def test_alive_needs_no_database(client: Client) -> None:
    reply = client.get("/livez")
    assert (reply.status_code, reply.json()) == (200, {"status": "ok"})


def test_probes_are_not_sent_to_https(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/livez").status_code == 200
    assert client.get("/").status_code == 301


@pytest.mark.django_db
def test_ready_when_every_part_is(client: Client, bodies: Path) -> None:
    reply = client.get("/readyz")
    parts = dict.fromkeys(("database", "migrations", "queue", "storage"), "ok")
    assert (reply.status_code, reply.json()) == (200, {"status": "ok", "checks": parts})
    assert "no-store" in reply.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (16, 503)])
def test_a_task_that_waits_too_long_is_told(client: Client, bodies: Path, minutes: int, status: int) -> None:
    OrmQ.objects.create(key=Conf.CLUSTER_NAME, payload="x", lock=timezone.now() - timedelta(minutes=minutes))

    reply = client.get("/readyz")

    assert reply.status_code == status
    assert (f"waited for {minutes} minutes" in reply.json()["checks"]["queue"]) == (status == 503)


@pytest.mark.django_db
def test_a_storage_that_cant_be_used_is_told_without_its_address(client: Client, settings: Settings) -> None:
    options = {"bucket_name": "ours", "endpoint_url": "http://127.0.0.1:1", "region_name": "us-east-1"}
    bucket = {"BACKEND": "ntrl.bodies_in_s3.S3Bodies", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "bodies": bucket}

    reply = client.get("/readyz")

    assert reply.status_code == 503
    assert reply.json()["checks"] == {"database": "ok", "migrations": "ok", "queue": "ok", "storage": "can't be used"}


def storage_of(client: Client) -> tuple[int, str]:
    reply = client.get("/readyz")
    return reply.status_code, reply.json()["checks"]["storage"]


@pytest.mark.django_db
def test_a_folder_of_bodies_that_is_gone_is_told_once_there_were_some(client: Client, bodies: Path) -> None:
    assert storage_of(client) == (200, "ok"), "the first body makes it"
    a_story(body="Some text.")
    assert storage_of(client) == (200, "ok")
    bodies.rename(bodies.with_name("elsewhere"))
    assert storage_of(client) == (503, "is gone")
    bodies.mkdir()
    assert storage_of(client) == (200, "ok")


@pytest.mark.django_db
@pytest.mark.parametrize("place", [".", "raw", ".."])
def test_a_folder_of_bodies_that_is_a_file_is_told(
    client: Client, bodies: Path, settings: Settings, place: str
) -> None:
    options = {"location": bodies / "below", "allow_overwrite": True}
    backend = {"BACKEND": "ntrl.bodies_on_disk.DiskBodies", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "bodies": backend}
    file = (bodies / "below" / place).resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("a file")

    assert storage_of(client) == (503, "can't be used")


@pytest.mark.django_db
@pytest.mark.parametrize("error", [PermissionError("read-only"), OSError(28, "no space left on device")])
def test_a_folder_of_bodies_that_cant_be_written_to_is_told(
    client: Client, bodies: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    bodies.mkdir()

    def refuse(dir: Path) -> None:
        raise error

    monkeypatch.setattr(bodies_on_disk, "TemporaryFile", refuse)

    assert storage_of(client) == (503, "can't be used")


def test_a_database_that_is_away_is_told_and_nothing_more_asked_of_it(
    client: Client, bodies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away:
        def cursor(self) -> None:
            raise OperationalError("password s3cret refused")

    monkeypatch.setattr(readiness, "connection", Away())

    reply = client.get("/readyz")

    assert reply.status_code == 503
    assert reply.json()["checks"] == {
        "database": "does not answer",
        "migrations": "not asked",
        "queue": "not asked",
        "storage": "ok",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("given", [None, "", "wrong", KEY + "x", KEY[:-1], "ключ"])
@pytest.mark.parametrize("wanted", [KEY, ""])
def test_figures_are_refused_without_the_key(
    client: Client, settings: Settings, given: str | None, wanted: str
) -> None:
    settings.ADMIN_API_KEY = wanted
    headers = {} if given is None else {"X-API-Key": given}

    reply = client.get("/metrics", headers=headers)

    assert (reply.status_code, reply.headers["Content-Type"]) == (401, "application/problem+json")


@pytest.mark.parametrize(("path", "status"), [("/livez", 405), ("/readyz", 405), ("/metrics", 401)])
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_is_changed_there(client: Client, path: str, status: int, method: str) -> None:
    assert getattr(client, method)(path).status_code == status


def figures(client: Client) -> dict[tuple[str, ...], float]:
    reply = client.get("/metrics", headers={"X-API-Key": KEY})
    assert reply.status_code == 200
    families = text_string_to_metric_families(reply.content.decode())
    return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}


@pytest.mark.django_db
def test_figures_are_the_databases(client: Client, settings: Settings) -> None:
    settings.ADMIN_API_KEY = KEY
    now = timezone.now()
    run = {"trigger": Trigger.API, "owner": "x", "started_at": now, "heartbeat_at": now}
    PipelineRunSummary.objects.create(
        trace_id="a", status="partial", finished_at=now, duration_ms=1500, brief_story_count=40, **run
    )
    PipelineRunSummary.objects.create(trace_id="b", status="queued", **run)
    PipelineRunSummary.objects.create(trace_id="c", status="failed", **{**run, "started_at": now - timedelta(hours=25)})
    for counts in ({"success": 3, "failed": 1}, {"success": 2, "bug": 1}):
        StageRun.objects.create(
            trace_id="a", stage="classify", owner="x", counts=counts, started_at=now, heartbeat_at=now
        )
    Claim.objects.create(stage="classify", item_key="1", failure_kind="bug")
    for outcome, cost in (("success", "0.01"), ("failed", "0.02"), ("success", None)):
        LLMCall.objects.create(
            created_at=now,
            trace_id="a",
            operation="classify",
            provider="openai",
            model="m",
            attempt=1,
            outcome=outcome,
            cost_usd=cost and Decimal(cost),
        )
    a_source(consecutive_failures=3)
    a_source("tribune")
    a_source("gone", is_active=False, consecutive_failures=9)
    Alert.objects.create(code="ingestion_zero", raised_at=now, raised_by="a")
    Cluster.objects.create(key="c", owner="elsewhere|1|1.00", started_at=now, heartbeat_at=now)

    found = figures(client)

    expected = {
        ("ntrl_pipeline_runs", "partial"): 1,
        ("ntrl_pipeline_runs", "failed"): 0,
        ("ntrl_pipeline_under_way",): 1,
        ("ntrl_pipeline_last_duration_seconds",): 1.5,
        ("ntrl_brief_stories",): 40,
        ("ntrl_stage_items", "classify", "success"): 5,
        ("ntrl_stage_items", "bug", "classify"): 1,
        ("ntrl_claims", "bug", "classify"): 1,
        ("ntrl_llm_calls", "classify", "openai"): 3,
        ("ntrl_llm_calls_failed", "classify", "openai"): 1,
        ("ntrl_llm_cost_usd", "classify", "openai"): 0.03,
        ("ntrl_sources", "active"): 2,
        ("ntrl_sources", "unhealthy"): 1,
        ("ntrl_alert", "ingestion_zero"): 1,
        ("ntrl_alert", "pipeline_failed"): 0,
        ("ntrl_clusters",): 1,
        ("ntrl_queue_tasks", "waiting"): 0,
        ("ntrl_queue_age_seconds",): 0,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


@pytest.mark.django_db
def test_an_empty_database_has_figures_too(client: Client, settings: Settings) -> None:
    settings.ADMIN_API_KEY = KEY
    assert figures(client)["ntrl_pipeline_under_way",] == 0
