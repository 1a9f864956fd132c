"""The scheduled run: its summary sums what all workers did, and a stage that breaks does not stop the later ones."""

import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from briefs.models import DailyBrief
from ingestion.models import StoryRaw
from neutralization.models import StoryNeutralized
from ntrl.pipeline.lock import AlreadyRunning, begin_run
from ntrl.pipeline.models import PipelineRunSummary, Trigger
from ntrl.pipeline.services import PipelineOptions, PipelineResult, run_pipeline, summary_as_dict
from ntrl.rules.models import Rule
from ntrl.stages.models import Claim, StageRun
from ntrl.stages.owner import this_process
from ntrl.stages.runner import RunOptions
from tests.support.factories import a_source, publishable
from tests.support.fetching import PARAGRAPHS, FakeFetcher, a_feed, a_page, failure

pytestmark = pytest.mark.django_db
FEED = "https://herald.example/feed.xml"
STAGES = ["feeds", "articles", "classify", "neutralize", "brief_assemble"]
# What comes after the run has been judged.
AFTERWARDS = ["fingerprint", "assign"]
MATCH = (
    "The home team won the football match on Saturday and went to the top of the league, its coach said afterwards.",
    "The striker scored twice in the first half. The goalkeeper was injured and left the field after an hour of play.",
    "Some 30,000 fans saw the game in the new stadium. The next match is played away, in two weeks, against Rovers.",
    "The club plans to buy a midfielder before the season ends. The league allows transfers until the end of March.",
    "A minute of silence was held before the kick-off for a former captain of the club, who had died on Wednesday.",
)


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


def news() -> FakeFetcher:
    """A feed of four: two that make the brief, a dead link, and one without evidence for any section."""
    a_source()
    now = timezone.now()
    pages: dict[str, Any] = {
        "https://herald.example/match": a_page("Home team wins football match", paragraphs=MATCH),
        "https://herald.example/vote": a_page("Senate passes election law", paragraphs=_politics()),
        "https://herald.example/gone": failure(404),
        "https://herald.example/odd": a_page("Xyzzy", paragraphs=["Xyzzy plugh foo bar baz quux. " * 25]),
    }
    items = [(url, url.rpartition("/")[2].title(), now - timedelta(hours=n + 1)) for n, url in enumerate(pages)]
    return FakeFetcher({FEED: a_feed(*items), **pages})


def _politics() -> Iterator[str]:
    for paragraph in PARAGRAPHS:
        yield paragraph.replace("city council", "Senate in Washington").replace("council", "Senate")


def run(fetcher: FakeFetcher, **options: Any) -> PipelineResult:
    stop = options.pop("stop", None)
    return run_pipeline(
        trigger=Trigger.MANUAL,
        options=PipelineOptions(**options),
        run_options=RunOptions(stop=stop),
        fetcher=fetcher,
    )


def test_a_run_goes_through_all_stages_and_writes_its_summary() -> None:
    result = run(news())

    summary = PipelineRunSummary.objects.get()
    assert result.summary == summary
    assert [report.stage for report in result.reports] == [*STAGES, *AFTERWARDS]
    assert (summary.status, summary.reason, summary.trigger) == ("completed", "", "manual")
    assert (summary.ingest_total, summary.ingest_success) == (4, 4)
    assert (summary.ingest_body_downloaded, summary.ingest_body_failed) == (3, 1)
    assert (summary.classify_total, summary.classify_success, summary.classify_failed) == (3, 2, 1)
    assert (summary.classify_llm, summary.classify_keyword_fallback) == (0, 0)
    assert (summary.neutralize_total, summary.neutralize_skipped_no_body) == (4, 1)
    assert (summary.neutralize_success, summary.neutralize_failed) == (2, 1)
    assert summary.brief_story_count == DailyBrief.objects.get().total_stories == 2
    assert summary.brief_section_count == 2
    assert summary.finished_at is not None
    assert summary.finished_at >= summary.started_at
    assert "brief_story_count_low" in summary.alerts
    assert "ingestion_zero" not in summary.alerts
    assert set(StageRun.objects.values_list("trace_id", flat=True)) == {summary.trace_id}
    assert DailyBrief.objects.get().trace_id == summary.trace_id


def test_with_nothing_new_another_run_changes_nothing_but_the_briefs_id_and_time() -> None:
    fetcher = news()
    run(fetcher)
    before = _content()
    asked = len(fetcher.pages_asked())

    result = run(fetcher)

    assert _content() == before
    assert len(fetcher.pages_asked()) == asked
    summary = result.summary
    assert (summary.status, summary.ingest_success, summary.classify_total, summary.neutralize_total) == (
        "completed",
        0,
        0,
        0,
    )
    assert summary.alerts == ["brief_story_count_low", "ingestion_zero"]


def _content() -> tuple[Any, ...]:
    brief = dict(DailyBrief.objects.get(is_current=True).rendered)
    for varying in ("id", "assembled_at", "cutoff_time"):
        del brief[varying]
    stories = list(StoryRaw.objects.order_by("pk").values())
    return brief, stories, list(StoryNeutralized.objects.order_by("pk").values())


class HelpFromElsewhere:
    """A progress sink at whose word another machine does a share of the same run's classifying."""

    def __init__(self, **fields: Any) -> None:
        self.fields = {"status": "completed", **fields}

    def start(self, stage: str, total: int | None) -> None:
        if stage == "classify":
            now = timezone.now()
            StageRun.objects.create(
                trace_id=PipelineRunSummary.objects.get(status="running").trace_id,
                stage="classify",
                owner="elsewhere|1|1.00",
                finished_at=now,
                counts={"total": 100, "success": 90, "keyword_fallback": 9, "bug": 2},
                started_at=now,
                heartbeat_at=now,
                **self.fields,
            )

    def advance(self, item: str) -> None: ...

    def finish(self) -> None: ...


def test_the_summary_sums_the_rows_of_all_workers_of_the_run() -> None:
    summary = run_pipeline(trigger=Trigger.API, fetcher=news(), progress=HelpFromElsewhere()).summary

    assert (summary.classify_total, summary.classify_success, summary.classify_failed) == (103, 92, 11)
    assert summary.classify_keyword_fallback == 9
    assert "classify_fallback_rate_high" in summary.alerts
    assert (summary.status, summary.reason) == ("partial", "2 items ended in a bug")


def test_what_stopped_another_worker_of_the_run_makes_it_partial() -> None:
    helper = HelpFromElsewhere(status="failed", reason="OperationalError: no room")

    summary = run_pipeline(trigger=Trigger.API, fetcher=news(), progress=helper).summary

    assert summary.status == "partial"
    assert summary.reason == "classify: OperationalError: no room; 2 items ended in a bug"


@pytest.mark.parametrize(("args", "trigger"), [((), "manual"), (("--trigger", "scheduled"), "scheduled")])
def test_the_command_says_who_started_the_run(
    args: tuple[str, ...], trigger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetcher = news()
    monkeypatch.setattr("ingestion.services.default_fetcher", lambda: fetcher)

    call_command("run_pipeline", "--json", *args, stdout=io.StringIO())

    assert PipelineRunSummary.objects.get().trigger == trigger


@pytest.mark.parametrize(("rule_set", "stage"), [("keywords", "classify"), ("lexicon", "neutralize")])
def test_a_stage_that_breaks_does_not_stop_the_later_ones(rule_set: str, stage: str) -> None:
    fetcher = news()
    publishable(published_at=timezone.now(), ingested_at=timezone.now())
    Rule.objects.create(rule_set=rule_set, key="broken/rule", payload={"no such field": 1})

    result = run(fetcher)

    summary = result.summary
    assert summary.status == "partial"
    assert summary.reason.startswith(f"{stage}: ")
    assert "broken/rule" in summary.reason
    ran = [report.stage for report in result.reports if report.stage not in AFTERWARDS]
    assert ran == [name for name in STAGES if name != stage]
    assert summary.brief_story_count >= 1
    assert "pipeline_failed" not in summary.alerts


def test_an_item_with_a_bug_makes_the_run_partial() -> None:
    fetcher = news()
    fetcher.set("https://herald.example/gone", KeyError("odd"))

    summary = run(fetcher).summary

    assert (summary.status, summary.reason) == ("partial", "1 items ended in a bug")


def test_a_run_that_stores_no_brief_has_failed_and_the_brief_before_stays() -> None:
    story = publishable(published_at=timezone.now(), ingested_at=timezone.now())
    run(FakeFetcher())
    full = DailyBrief.objects.get(is_current=True)
    story.neutralizations.all().delete()
    StoryRaw.objects.update(is_duplicate=True)

    summary = run(FakeFetcher()).summary

    assert (summary.status, summary.reason) == ("failed", "no brief was assembled")
    assert "pipeline_failed" in summary.alerts
    assert DailyBrief.objects.get(is_current=True) == full
    assert run(FakeFetcher(), allow_empty=True).summary.status == "completed"


def test_asked_to_stop_beforehand_it_runs_no_stage() -> None:
    stop = threading.Event()
    stop.set()
    fetcher = news()

    result = run(fetcher, stop=stop)

    assert (result.reports, fetcher.asked) == ((), [])
    assert (result.summary.status, result.summary.reason) == ("failed", "asked to stop; no brief was assembled")


def test_asked_to_stop_midway_it_ends_politely() -> None:
    stop = threading.Event()

    class Stopping(FakeFetcher):
        def fetch(self, url: str, **named: Any) -> Any:
            if named["kind"] == "page":
                stop.set()
            return super().fetch(url, **named)

    fetcher = Stopping()
    fetcher.replies = news().replies

    result = run(fetcher, stop=stop, max_workers=1)

    assert [report.stage for report in result.reports] == ["feeds", "articles"]
    assert result.summary.status == "failed"
    assert "articles: asked to stop" in result.summary.reason
    assert not Claim.objects.exclude(owner="").exists()
    assert not PipelineRunSummary.objects.filter(status="running").exists()


def test_a_second_run_is_refused_while_one_is_under_way() -> None:
    begin_run(trace_id="first", trigger=Trigger.SCHEDULED)
    fetcher = news()

    with pytest.raises(AlreadyRunning, match="first"):
        run(fetcher)

    assert fetcher.asked == []


def test_limits_of_the_run_reach_its_stages() -> None:
    run(news(), max_items_per_source=3, classify_limit=1, neutralize_limit=2)

    summary = PipelineRunSummary.objects.get()
    assert (summary.ingest_total, summary.classify_total, summary.neutralize_total) == (3, 1, 2)


def test_the_summary_as_json_has_every_figure_and_no_inner_field() -> None:
    document = summary_as_dict(run(news()).summary)

    assert {"trace_id", "status", "alerts", "cost_usd", "tokens_input", "duration_ms", "started_at"} <= set(document)
    assert not {"id", "owner", "heartbeat_at"} & set(document)
    assert document == summary_as_dict(PipelineRunSummary.objects.get()), "fresh as read again"
    assert {name: type(value) for name, value in document.items() if name in ("cost_usd", "status", "trigger")} == {
        "cost_usd": Decimal,
        "status": str,
        "trigger": str,
    }
    assert datetime.fromisoformat(document["started_at"]).tzinfo == UTC
    assert document["finished_at"].endswith("Z")


def test_a_brief_that_another_process_holds_is_the_runs_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("briefs.services.SECONDS_BETWEEN_TRIES", 0.01)
    held = {"owner": str(this_process()), "until": timezone.now() + timedelta(minutes=5)}
    Claim.objects.create(stage="brief_assemble", item_key="daily", attempts=1, **held)

    summary = run(news()).summary

    assert summary.status == "failed"
    assert "another process is assembling the brief" in summary.reason


def test_when_narratives_break_an_alert_says_so_and_the_status_stays() -> None:
    Rule.objects.create(rule_set="focus", key="broken", payload={"words": 1})

    summary = run(news()).summary

    summary.refresh_from_db()
    assert (summary.status, summary.reason) == ("completed", "")
    assert "narratives_failed" in summary.alerts
    assert summary.brief_story_count == 2
