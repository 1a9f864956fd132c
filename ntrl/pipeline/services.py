"""The scheduled run: four stages in order, one summary row, alerts. Every door to it calls `run_pipeline`."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.forms.models import model_to_dict
from django.utils import timezone
from ingestion.fetching import Fetcher

from briefs.services import DEFAULT_CUTOFF_HOURS, assemble_brief
from classification import services as classification
from ingestion import services as ingestion
from neutralization import services as neutralization
from ntrl.logs import tracing
from ntrl.pipeline.alerts import RunFigures, check_alerts
from ntrl.pipeline.lock import beat_run, begin_run
from ntrl.pipeline.models import PipelineRunSummary, Trigger
from ntrl.stages.models import RunStatus
from ntrl.stages.progress import ProgressSink
from ntrl.stages.records import counts_of_run, new_trace_id
from ntrl.stages.report import StageReport
from ntrl.stages.runner import DEFAULT_WORKERS, RunOptions

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """The parameters of a run, with the specification's defaults."""

    max_items_per_source: int = ingestion.DEFAULT_MAX_ITEMS_PER_SOURCE
    classify_limit: int = classification.DEFAULT_LIMIT
    neutralize_limit: int = neutralization.DEFAULT_LIMIT
    max_workers: int = DEFAULT_WORKERS
    cutoff_hours: int = DEFAULT_CUTOFF_HOURS
    allow_empty: bool = False


@dataclass(frozen=True, slots=True)
class PipelineResult:
    """What a run did: its summary row, and the reports of the stages it got to."""

    summary: PipelineRunSummary
    reports: tuple[StageReport, ...]


@dataclass(slots=True)
class _Run:
    """One run while it goes on: reports so far, and stages that broke."""

    trace_id: str
    options: PipelineOptions
    run_options: RunOptions
    progress: ProgressSink | None
    fetcher: Fetcher | None
    reports: list[StageReport] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    brief_stored: bool = False

    def ingest(self) -> None:
        self.reports += ingestion.ingest(
            trace_id=self.trace_id,
            options=self.run_options,
            max_items_per_source=self.options.max_items_per_source,
            progress=self.progress,
            fetcher=self.fetcher,
        ).reports

    def classify(self) -> None:
        options = replace(self.run_options, limit=self.options.classify_limit)
        result = classification.classify_pending(trace_id=self.trace_id, options=options, progress=self.progress)
        self.reports.append(result.report)

    def neutralize(self) -> None:
        options = replace(self.run_options, limit=self.options.neutralize_limit)
        result = neutralization.neutralize_pending(trace_id=self.trace_id, options=options, progress=self.progress)
        self.reports.append(result.report)

    def brief(self) -> None:
        result = assemble_brief(
            trace_id=self.trace_id,
            options=self.run_options,
            cutoff_hours=self.options.cutoff_hours,
            allow_empty=self.options.allow_empty,
            progress=self.progress,
        )
        self.reports.append(result.report)
        self.brief_stored = result.brief is not None


def run_pipeline(
    *,
    trigger: Trigger,
    options: PipelineOptions | None = None,
    run_options: RunOptions | None = None,
    progress: ProgressSink | None = None,
    fetcher: Fetcher | None = None,
) -> PipelineResult:
    """Ingest, classify, neutralize, assemble; write the summary.

    A stage that breaks does not stop the later ones. Of `run_options` only `stop` is used.

    Raises:
        AlreadyRunning: another run is under way.
    """
    options = options or PipelineOptions()
    trace_id = new_trace_id()
    summary = begin_run(trace_id=trace_id, trigger=trigger)
    stop = run_options.stop if run_options else None
    inner = RunOptions(workers=options.max_workers, stop=stop, on_beat=lambda: beat_run(trace_id))
    run = _Run(trace_id, options, inner, progress, fetcher)
    with tracing(trace_id):
        for stage in (run.ingest, run.classify, run.neutralize, run.brief):
            if stop is not None and stop.is_set():
                run.broken.append("asked to stop")
                break
            _try(stage, run)
        _finish(summary, run)
    return PipelineResult(summary, tuple(run.reports))


def summary_as_dict(summary: PipelineRunSummary) -> dict[str, Any]:
    """The summary's fields, as the specification names them."""
    hidden = {"id", "owner", "heartbeat_at"}
    return {name: value for name, value in model_to_dict(summary).items() if name not in hidden}


def _try(stage: Callable[[], None], run: _Run) -> None:
    try:
        stage()
    except Exception as error:
        name = stage.__name__
        log.exception("stage %s broke", name)
        run.broken.append(f"{name}: {type(error).__name__}: {error}")
    beat_run(run.trace_id)


def _finish(summary: PipelineRunSummary, run: _Run) -> None:
    """Sum what all workers did under this trace id, judge the run, and close its row."""
    counts = counts_of_run(run.trace_id)
    for name, number in _columns(counts).items():
        setattr(summary, name, number)
    stopped = [f"{report.stage}: {report.stopped}" for report in run.reports if report.stopped]
    bugs = sum(report.counts["bug"] for report in run.reports)
    reasons = [*run.broken, *stopped, *([f"{bugs} items ended in a bug"] if bugs else [])]
    if not run.brief_stored:
        summary.status = RunStatus.FAILED
        reasons.append("no brief was assembled")
    else:
        summary.status = RunStatus.PARTIAL if reasons else RunStatus.COMPLETED
    summary.reason = "; ".join(reasons)
    summary.finished_at = summary.heartbeat_at = timezone.now()
    summary.duration_ms = round((summary.finished_at - summary.started_at).total_seconds() * 1000)
    summary.alerts = check_alerts(_figures(summary))
    summary.save()


def _columns(counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Map the stages' counts to the summary's columns."""
    feeds, articles = counts.get("feeds", {}), counts.get("articles", {})
    classify, neutralize = counts.get("classify", {}), counts.get("neutralize", {})
    brief = counts.get("brief_assemble", {})
    classify_total, neutralize_total = classify.get("total", 0), neutralize.get("total", 0)
    return {
        "ingest_total": articles.get("total", 0),
        "ingest_success": articles.get("ingested", 0),
        "ingest_body_downloaded": articles.get("body_downloaded", 0),
        "ingest_body_failed": articles.get("body_failed", 0),
        "ingest_skipped_duplicate": feeds.get("skipped_duplicate", 0) + articles.get("skipped_duplicate", 0),
        "classify_total": classify_total,
        "classify_success": classify.get("success", 0),
        "classify_llm": classify.get("llm", 0),
        "classify_keyword_fallback": classify.get("keyword_fallback", 0),
        "classify_failed": classify_total - classify.get("success", 0),
        "neutralize_total": neutralize_total,
        "neutralize_success": neutralize.get("success", 0),
        "neutralize_skipped_no_body": neutralize.get("skipped_no_body", 0),
        "neutralize_failed": neutralize_total - neutralize.get("success", 0) - neutralize.get("skipped", 0),
        "brief_story_count": brief.get("stories", 0),
        "brief_section_count": brief.get("sections", 0),
    }


def _figures(summary: PipelineRunSummary) -> RunFigures:
    return RunFigures(
        ingested=summary.ingest_success,
        body_downloaded=summary.ingest_body_downloaded,
        body_failed=summary.ingest_body_failed,
        classified=summary.classify_success,
        classify_fallback=summary.classify_keyword_fallback,
        neutralize_success=summary.neutralize_success,
        neutralize_failed=summary.neutralize_failed,
        brief_stories=summary.brief_story_count,
        failed=summary.status == RunStatus.FAILED,
    )
