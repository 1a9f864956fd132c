"""What is over goes, in batches; the books stay."""

import io
import json
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone
from django_q.models import Task
from pytest_django.fixtures import Settings

from ntrl.llm.models import LLMCall
from ntrl.llm.spending import cost_table
from ntrl.pipeline import retention
from ntrl.pipeline.models import Alert, AlertMessage
from ntrl.pipeline.retention import purge_logs
from ntrl.rest.models import IdempotentRequest
from ntrl.stages.models import Claim, PipelineLog

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def kept(settings: Settings) -> None:
    settings.NTRL_LOG_DAYS, settings.NTRL_LLM_TEXT_DAYS = 90, 14


def a_log_row(days: float, now: datetime = NOW) -> None:
    at = now - timedelta(days=days)
    PipelineLog.objects.create(
        trace_id="a", stage="classify", status="completed", item_key="1", started_at=at, finished_at=at, duration_ms=1
    )


def a_call(days: float, text: str = "words") -> None:
    LLMCall.objects.create(
        created_at=NOW - timedelta(days=days),
        trace_id="a",
        operation="classify",
        provider="openai",
        model="m",
        attempt=1,
        outcome="success",
        cost_usd=Decimal("0.01"),
        prompt_text=text,
    )


def an_alert(days: float, status: str = "sent", *, is_open: bool = False) -> None:
    at = NOW - timedelta(days=days)
    alert = Alert.objects.create(code="ingestion_zero", raised_at=at, raised_by="a", cleared_at=None if is_open else at)
    AlertMessage.objects.create(
        alert=alert, event="raised", channel="mail", status=status, created_at=at, next_attempt_at=at
    )


def a_task(days: float) -> None:
    at = NOW - timedelta(days=days)
    Task.objects.create(id=f"{days}", name="x", func="x", started=at, stopped=at, success=False)


def test_old_records_go_and_young_ones_stay() -> None:
    for days in (89, 91, 400):
        a_log_row(days)
        a_task(days)
        an_alert(days)
    Claim.objects.create(stage="classify", item_key="1", failure_kind="quarantine", created_at=NOW - timedelta(900))

    would_go = purge_logs(now=NOW, dry_run=True)
    assert PipelineLog.objects.count() == 3
    went = purge_logs(now=NOW)

    assert {**would_go, "alerts": 2} == went
    none = {"call_texts": 0, "idempotent_requests": 0, "sessions": 0}
    assert went == {"log_rows": 2, "tasks": 2, "alert_messages": 2, "alerts": 2, **none}
    assert [model.objects.count() for model in (PipelineLog, Task, Alert, AlertMessage, Claim)] == [1, 1, 1, 1, 1]
    assert set(purge_logs(now=NOW).values()) == {0}


def test_what_is_open_or_waits_stays_however_old() -> None:
    an_alert(400, status="waiting")
    an_alert(400, is_open=True)

    purge_logs(now=NOW)

    assert Alert.objects.count() == 2
    assert AlertMessage.objects.get().status == "waiting"


def test_texts_of_calls_go_and_costs_by_day_stay_true() -> None:
    for days in (1, 15, 15, 4000):
        a_call(days)
    before = cost_table()

    assert purge_logs(now=NOW)["call_texts"] == 3

    assert cost_table() == before
    assert list(LLMCall.objects.exclude(prompt_text="").values_list("prompt_text", flat=True)) == ["words"]


def test_answers_under_an_idempotency_key_go_when_they_hold_no_longer() -> None:
    for hours in (-1, 1):
        IdempotentRequest.objects.create(key_hash=str(hours), owner="a", expires_at=NOW + timedelta(hours=hours))
    assert purge_logs(now=NOW)["idempotent_requests"] == 1
    assert IdempotentRequest.objects.get().key_hash == "1"


def test_sessions_that_have_ended_go() -> None:
    for hours in (-1, 1):
        Session.objects.create(session_key=str(hours), session_data="", expire_date=NOW + timedelta(hours=hours))
    assert purge_logs(now=NOW)["sessions"] == 1
    assert Session.objects.get().session_key == "1"


def test_it_goes_in_batches_and_stops_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH_ROWS", 2)
    for _ in range(5):
        a_log_row(100)
    stop = threading.Event()
    stop.set()

    assert set(purge_logs(now=NOW, stop=stop).values()) == {0}
    assert purge_logs(now=NOW)["log_rows"] == 5


def test_the_command_counts_and_removes() -> None:
    a_log_row(100, timezone.now())
    for arguments, left in ((["--dry-run"], 1), ([], 0)):
        out = io.StringIO()
        call_command("purge_logs", "--json", *arguments, stdout=out)
        assert json.loads(out.getvalue())["log_rows"] == 1
        assert PipelineLog.objects.count() == left
