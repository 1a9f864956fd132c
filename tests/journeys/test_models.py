"""The whole run by language models, at a loopback server: what is asked, paid, said, and done when providers fail."""

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from pytest_django.fixtures import Settings

from briefs.models import DailyBrief
from classification.models import StoryClassification
from ingestion.models import Source
from ingestion.sources import load_sources
from narratives.models import StoryFingerprint
from neutralization.models import Status, StoryNeutralized
from ntrl.llm.models import LLMAlert, LLMCall, Reservation
from ntrl.llm.types import ProviderConfig, ProviderName
from ntrl.newsroom import Newsroom
from ntrl.pipeline.models import PipelineRunSummary, Trigger
from ntrl.pipeline.services import PipelineOptions, run_pipeline
from ntrl.stages.models import Claim, PipelineLog
from tests.support.fetching import FakeFetcher
from tests.support.llm import KEY
from tests.support.llm_faults import Fault
from tests.support.llm_run import OPERATIONS_OF_A_STORY, a_good_server, articles, calls_of, set_up
from tests.support.llm_server import LLMServer
from tests.support.ports import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.journey, pytest.mark.any_database]
OPENAI, GEMINI, ANTHROPIC = ProviderName.OPENAI, ProviderName.GEMINI, ProviderName.ANTHROPIC
CENT = Decimal("0.01")
WORKERS = 5


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


@pytest.fixture
def server() -> Iterator[LLMServer]:
    with a_good_server() as server:
        yield server


def run(**options: Any) -> PipelineRunSummary:
    """Run the pipeline on the stories that are there."""
    fetcher = FakeFetcher()
    return run_pipeline(trigger=Trigger.MANUAL, options=PipelineOptions(**options), fetcher=fetcher).summary


def news(number: int) -> None:
    """Stories of just now, so that they may stand in the brief."""
    now = timezone.now()
    articles(number, published_at=now, ingested_at=now)


def command(name: str, *args: str) -> tuple[int, str]:
    """Run a command; returns its exit status and what it printed."""
    out = io.StringIO()
    try:
        call_command(name, *args, stdout=out, no_color=True)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def run_by_command() -> tuple[int, str]:
    """`run_pipeline`, with a source that is not asked: its address is in a network that is not public."""
    Source.objects.update(rss_url="http://127.0.0.1:9/feed.xml")
    return command("run_pipeline")


def rows() -> Counter[str]:
    return Counter(LLMCall.objects.values_list("operation", flat=True))


def providers_of_texts() -> Counter[str]:
    return Counter(StoryNeutralized.objects.filter(is_current=True).values_list("model_name", flat=True))


# --- with models, and without ------------------------------------------------------------------------------------


def test_with_keys_a_run_does_everything_by_model(server: LLMServer, settings: Settings) -> None:
    set_up(settings, server)
    settings.NTRL_FETCH_ALLOW_NETWORKS = [ip_network("127.0.0.0/8")]
    settings.LLM_BUDGET_USD_PER_RUN = settings.LLM_BUDGET_USD_PER_DAY = Decimal(1)
    with Newsroom(datetime.now(UTC), port=free_port()) as newsroom:
        load_sources([row for row in newsroom.sources() if row["slug"] == "danube-courier"])
        summary = run_pipeline(trigger=Trigger.SCHEDULED).summary

    assert summary.status == "completed", summary.reason
    assert summary.ingest_success >= 4
    assert summary.classify_llm == summary.classify_success == summary.classify_total > 0
    assert set(StoryClassification.objects.values_list("method", flat=True)) == {"llm"}
    made = StoryNeutralized.objects.exclude(status=Status.SKIPPED)
    assert set(made.values_list("method", flat=True)) == {"llm"}
    assert set(StoryFingerprint.objects.values_list("method", flat=True)) == {"llm"}
    # Some of its stories are older than a day, and in no brief.
    assert summary.neutralize_success >= summary.brief_story_count > 0
    # What came to the server, what stands in the rows, and what stands in the summary are one.
    assert calls_of(server) == rows()
    assert set(rows()) == set(OPERATIONS_OF_A_STORY)
    assert rows()["classify"] == summary.classify_total
    assert rows()["synthesize_brief"] >= made.count()
    assert set(LLMCall.objects.values_list("trace_id", flat=True)) == {summary.trace_id}
    assert sum(LLMCall.objects.values_list("cost_usd", flat=True)) == server.billed  # type: ignore[arg-type]
    assert 0 <= summary.cost_usd - server.billed < Decimal("0.000001")
    assert summary.tokens_input == sum(LLMCall.objects.values_list("tokens_input", flat=True)) > 0
    assert summary.tokens_output == sum(LLMCall.objects.values_list("tokens_output", flat=True)) > 0
    assert not Reservation.objects.exists()
    assert (summary.notice, {"provider_down", "llm_budget_exhausted"} & set(summary.alerts)) == ("", set())


def test_a_second_run_pays_nothing(server: LLMServer, settings: Settings) -> None:
    set_up(settings, server)
    news(3)
    assert run().neutralize_success == 3
    assert calls_of(server) == Counter(dict.fromkeys(OPERATIONS_OF_A_STORY, 3))

    summary = run()

    assert (summary.status, summary.cost_usd, summary.tokens_input) == ("completed", 0, 0)
    assert sum(calls_of(server).values()) == 3 * len(OPERATIONS_OF_A_STORY)


def test_without_keys_a_run_does_everything_by_itself_and_says_so(server: LLMServer) -> None:
    news(2)

    status, printed = run_by_command()

    summary = PipelineRunSummary.objects.get()
    assert (status, summary.status) == (0, "completed")
    assert set(StoryClassification.objects.values_list("method", flat=True)) == {"keyword"}
    assert set(StoryNeutralized.objects.values_list("method", flat=True)) == {"lexicon"}
    assert summary.notice.startswith(
        "none is set up, so keywords classify, the lexicon neutralizes and rules read for narratives; to use models"
    )
    assert set(StoryFingerprint.objects.values_list("method", flat=True)) == {"rules"}
    assert f"language models: {summary.notice}" in printed
    assert server.asked == []
    assert "classify_fallback_rate_high" not in summary.alerts
    assert (summary.classify_keyword_fallback, summary.cost_usd) == (0, 0)


def test_a_key_that_is_asked_about_narratives_alone_is_named(server: LLMServer, settings: Settings) -> None:
    set_up(settings, server, ANTHROPIC)
    news(1)

    notice = run().notice
    assert notice.startswith("none is set up (anthropic is, but is asked about narratives alone), so keywords")
    assert calls_of(server) == {"extract_narrative": 1}


# --- providers that fail -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["key", "model"])
def test_a_dead_primary_costs_the_calls_in_flight_and_one_alert_and_the_second_carries_the_run(
    server: LLMServer, settings: Settings, what: str
) -> None:
    set_up(settings, server)
    if what == "key":
        server.fault(Fault.HTTP_401, provider=OPENAI)
    else:
        server.models.remove("gpt-6-luna")
    server.latency_seconds = 0.05
    news(8)

    summary = run(max_workers=WORKERS)

    assert 1 <= sum(calls_of(server, OPENAI).values()) <= WORKERS
    assert calls_of(server, GEMINI) == Counter(dict.fromkeys(OPERATIONS_OF_A_STORY, 8))
    assert (summary.status, summary.reason) == ("completed", "")
    assert (summary.classify_llm, summary.classify_keyword_fallback, summary.neutralize_success) == (8, 0, 8)
    assert providers_of_texts() == {"gemini-3.5-flash-lite": 8}
    alert = LLMAlert.objects.get()
    assert summary.alerts.count("provider_down") == 1
    assert "classify_fallback_rate_high" not in summary.alerts
    assert summary.notice == f"{alert.subject} dropped out ({alert.detail}): see manage.py llm_doctor"
    assert alert.subject == ("openai" if what == "key" else "openai gpt-6-luna")


def test_when_nobody_answers_nothing_is_shown_as_neutralized_and_the_run_says_so(
    server: LLMServer, settings: Settings
) -> None:
    set_up(settings, server)
    server.fault(Fault.HTTP_401)
    news(3)

    status, printed = run_by_command()

    summary = PipelineRunSummary.objects.get()
    assert (status, summary.status) == (3, "partial")
    assert summary.reason == "3 items got no usable answer from any language model"
    assert summary.brief_story_count == 0
    assert {"provider_down", "classify_fallback_rate_high", "neutralization_rate_low"} <= set(summary.alerts)
    assert "narratives_failed" in summary.alerts
    assert set(StoryFingerprint.objects.values_list("status", "method")) == {("failed", "llm")}
    assert summary.classify_keyword_fallback == 3
    assert not StoryNeutralized.objects.filter(is_current=True).exists()
    assert "openai dropped out (http_401" in printed
    assert "gemini dropped out (http_401" in printed
    assert "llm_doctor" in printed

    server.heal()
    Claim.objects.update(next_attempt_at=timezone.now())
    later = run()

    assert (later.status, later.neutralize_success) == ("completed", 3)
    assert DailyBrief.objects.get(is_current=True).total_stories == 3


def test_an_address_where_nobody_is(server: LLMServer, settings: Settings) -> None:
    set_up(settings, server)
    nowhere = f"http://127.0.0.1:{free_port()}/v1"
    settings.LLM_PROVIDERS |= {OPENAI: ProviderConfig(OPENAI, nowhere, "gpt-6-luna", KEY)}
    news(2)

    summary = run()

    assert (summary.status, summary.classify_llm, summary.neutralize_success) == ("completed", 2, 2)
    assert providers_of_texts() == {"gemini-3.5-flash-lite": 2}
    assert set(LLMCall.objects.filter(provider=OPENAI).values_list("error_class", "cost_usd")) == {("no_connection", 0)}
    status, printed = command("llm_doctor")
    assert status == 3
    assert "nobody answers at that address: look at the base URL" in printed


def test_a_bad_key_is_explained_by_run_and_doctor(server: LLMServer, settings: Settings) -> None:
    set_up(settings, server, OPENAI)
    server.keys = {"another"}
    news(1)

    status, printed = command("llm_doctor")
    assert status == 1
    assert "the key is refused: copy it again" in printed
    _, printed = run_by_command()
    assert "alert provider_down" in printed
    assert "see manage.py llm_doctor" in printed
    assert KEY not in printed


# --- money -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["LLM_BUDGET_USD_PER_RUN", "LLM_BUDGET_USD_PER_DAY"])
def test_a_cent_ends_the_run_below_it_and_the_next_day_goes_on(
    server: LLMServer, settings: Settings, limit: str
) -> None:
    set_up(settings, server)
    setattr(settings, limit, CENT)
    news(16)

    first = run()

    per = limit.rpartition("_")[2].lower()
    assert first.status == "partial"
    assert f"neutralize: the budget for language models is spent (0.01 USD per {per})" in first.reason
    assert "llm_budget_exhausted" in first.alerts
    assert first.notice == f"the budget of 0.01 USD per {per} is spent"
    assert CENT / 2 < server.billed <= first.cost_usd <= CENT
    assert not Claim.objects.exclude(owner="").exists()
    assert first.classify_llm == 16
    assert 0 < first.neutralize_success < 16
    if limit == "LLM_BUDGET_USD_PER_DAY":
        assert run().neutralize_total == 0, "the same day has no more"
        assert server.billed <= CENT
    billed = server.billed

    a_day_passes()
    second = run()

    assert (second.status, second.neutralize_success) == ("completed", 16 - first.neutralize_success)
    assert billed < server.billed <= billed + CENT


def a_day_passes() -> None:
    """Make all that was spent yesterday's."""
    for rows in (LLMCall.objects, Reservation.objects):
        rows.update(created_at=F("created_at") - timedelta(days=1))


# --- what nobody may read ----------------------------------------------------------------------------------------


def test_neither_key_nor_article_is_in_a_log_a_row_or_what_the_doctor_says(
    server: LLMServer, settings: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    set_up(settings, server)
    faults = (
        Fault.EMPTY,
        Fault.GARBLED,
        Fault.WRONG_SCHEMA,
        Fault.REFUSAL,
        Fault.TRUNCATED,
        Fault.PROSE,
        Fault.HTTP_400,
    )
    server.fault(*faults, rate=0.5)
    server.fault(Fault.HTTP_401, provider=GEMINI, times=3)
    news(4)

    run_by_command()
    _, diagnosis = command("llm_doctor", "--json")

    columns = [field.name for field in LLMCall._meta.fields]
    assert {"prompt_text", "reply_text"} <= set(columns)
    written = [caplog.text, diagnosis, *capfd.readouterr(), *map(str, LLMCall.objects.values_list())]
    written += [str(row) for row in LLMAlert.objects.values_list()]
    written += [summary.reason + summary.notice for summary in PipelineRunSummary.objects.all()]
    assert LLMCall.objects.exclude(outcome="success").count() > 3
    assert "[SPAN_DETECTION]" in caplog.text
    for text in written:
        assert KEY not in text
        assert not re.search(r"Bearer|sk-", text)
        for words in ("council slammed", "Engineers had found cracks", "Residents had asked"):
            assert words not in text


def test_what_models_failed_at_is_in_the_log_of_items(server: LLMServer, settings: Settings) -> None:
    set_up(settings, server, OPENAI)
    server.fault(Fault.REFUSAL, operation="synthesize_brief")
    news(2)

    summary = run()

    reasons = PipelineLog.objects.filter(stage="neutralize").values_list("failure_reason", flat=True)
    assert set(reasons) == {"llm_refused"}
    assert "2 items got no usable answer from any language model" in summary.reason
