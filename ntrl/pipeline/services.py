"""The scheduled run: four stages in order, one summary row, alerts; then narratives. Every door comes here."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from threading import Event
from typing import Any

from django.forms.models import model_to_dict
from django.utils import timezone

from briefs.services import assemble_brief
from ingestion import services as ingestion
from ingestion.fetching import Fetcher
from narratives.services.detection import detect_narratives
from ntrl.llm.gateway import Gateway, open_gateway
from ntrl.llm.notices import waiting_line
from ntrl.logs import tracing
from ntrl.pipeline.alerting import note_alerts
from ntrl.pipeline.figures import fill_figures
from ntrl.pipeline.lock import beat_run, begin_queued, begin_run, close_broken_run
from ntrl.pipeline.models import PipelineRunSummary, Trigger
from ntrl.pipeline.notices import without_models
from ntrl.pipeline.outbox import send_waiting
from ntrl.pipeline.steps import SHARED
from ntrl.pipeline.steps import PipelineOptions as PipelineOptions
from ntrl.pipeline.team import lead
from ntrl.stages.models import RunStatus, StageRun
from ntrl.stages.owner import this_process
from ntrl.stages.progress import ProgressSink
from ntrl.stages.records import DIED, close_dead_runs, milliseconds, new_trace_id
from ntrl.stages.report import StageReport
from ntrl.stages.runner import ASKED_TO_STOP, RunOptions

log = logging.getLogger(__name__)

# How a helper may end early without harm.
MADE_UP_FOR = (DIED, ASKED_TO_STOP)


@dataclass(frozen=True, slots=True)
class PipelineResult:
    """What a run did: its summary row, and the reports of the stages it got to."""

    summary: PipelineRunSummary
    reports: tuple[StageReport, ...]


@dataclass(slots=True)
class _Run:
    """One run while it goes on: reports so far, and stages that broke."""

    gateway: Gateway
    options: PipelineOptions
    run_options: RunOptions
    progress: ProgressSink | None
    fetcher: Fetcher | None
    reports: list[StageReport] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    brief_stored: bool = False

    @property
    def trace_id(self) -> str:
        return self.gateway.ledger.trace_id

    def ingest(self) -> None:
        self.reports += ingestion.ingest(
            trace_id=self.trace_id,
            options=self.run_options,
            max_items_per_source=self.options.max_items_per_source,
            progress=self.progress,
            fetcher=self.fetcher,
        ).reports

    def classify(self) -> None:
        self._together("classify")

    def neutralize(self) -> None:
        self._together("neutralize")

    def brief(self) -> None:
        result = assemble_brief(
            trace_id=self.trace_id,
            options=replace(self.run_options, stop=None),
            cutoff_hours=self.options.cutoff_hours,
            allow_empty=self.options.allow_empty,
            progress=self.progress,
        )
        self.reports.append(result.report)
        self.brief_stored = result.brief is not None

    def _together(self, stage: str) -> None:
        self.reports += lead(
            trace_id=self.trace_id,
            stage=stage,
            options=self.run_options,
            work=lambda how: SHARED[stage](self.options, how, self.gateway, self.progress),
        )

    def narratives(self) -> None:
        result = detect_narratives(
            trace_id=self.trace_id, options=self.run_options, progress=self.progress, gateway=self.gateway
        )
        self.reports += result.reports
        self.broken += [f"{each.stage}: {each.status}" for each in result.reports if each.status != RunStatus.COMPLETED]


def run_pipeline(
    *,
    trigger: Trigger,
    options: PipelineOptions | None = None,
    run_options: RunOptions | None = None,
    progress: ProgressSink | None = None,
    fetcher: Fetcher | None = None,
    trace_id: str = "",
) -> PipelineResult:
    """Ingest, classify, neutralize, assemble; write the summary; then detect narratives.

    A stage that breaks does not stop the later ones. All stages share one gateway: a provider that is out for one is
    out for the next, and the budget of a run holds over all of them. Narratives come after the run has been judged:
    when they fail, an alert says so and the status stays. Of `run_options` only `stop` is used. Without a `trace_id`
    the run gets one.

    Raises:
        AlreadyRunning: another run is under way.
    """
    options = options or PipelineOptions()
    trace_id = trace_id or new_trace_id()
    gateway = open_gateway(trace_id)
    summary = begin_run(trace_id=trace_id, trigger=trigger, parameters=asdict(options), notice=without_models(gateway))
    stop = run_options.stop if run_options else None
    return _perform(summary, gateway, options, stop, progress, fetcher)


def run_queued_pipeline(*, trace_id: str, stop: Event) -> PipelineResult | None:
    """Do the run that waits in the queue under this trace id; None when it waits no more."""
    gateway = open_gateway(trace_id)
    summary = begin_queued(trace_id, notice=without_models(gateway))
    if summary is None:
        return None
    try:
        options = PipelineOptions(**summary.parameters)
    except TypeError as error:  # another release has queued it
        close_broken_run(trace_id, error)
        raise
    return _perform(summary, gateway, options, stop)


def _perform(
    summary: PipelineRunSummary,
    gateway: Gateway,
    options: PipelineOptions,
    stop: Event | None,
    progress: ProgressSink | None = None,
    fetcher: Fetcher | None = None,
) -> PipelineResult:
    try:
        return _go_through(summary, gateway, options, stop, progress, fetcher)
    except BaseException as error:
        close_broken_run(summary.trace_id, error)
        raise


def _go_through(
    summary: PipelineRunSummary,
    gateway: Gateway,
    options: PipelineOptions,
    stop: Event | None,
    progress: ProgressSink | None,
    fetcher: Fetcher | None,
) -> PipelineResult:
    trace_id = summary.trace_id
    inner = RunOptions(workers=options.max_workers, stop=stop, on_beat=lambda: beat_run(trace_id))
    run = _Run(gateway, options, inner, progress, fetcher)
    with tracing(trace_id):
        for stage in (run.ingest, run.classify, run.neutralize):
            if stop is not None and stop.is_set():
                run.broken.append(ASKED_TO_STOP)
                break
            _try(stage, run)
        else:  # also when it was asked to stop in the last: what is neutralized reaches its readers, in a second
            _try(run.brief, run)
        _finish(summary, run)
        if stop is None or not stop.is_set():
            _detect(summary, run)
        note_alerts(summary, timezone.now())
        send_waiting(timezone.now())
    return PipelineResult(summary, tuple(run.reports))


def summary_as_dict(summary: PipelineRunSummary) -> dict[str, Any]:
    """The summary's fields, as the specification names them: fresh from a run the same as read again later.

    Times are ISO 8601 in UTC with milliseconds and Z; `cost_usd` is a Decimal with six places.
    """
    hidden = {"id", "owner", "heartbeat_at", "parameters", "open_stage", "alerts_noted"}
    return {name: _plain(value) for name, value in model_to_dict(summary).items() if name not in hidden}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return value.quantize(Decimal("0.000001"))
    return str(value) if isinstance(value, str) else value


def _try(stage: Callable[[], None], run: _Run) -> None:
    try:
        stage()
    except Exception as error:
        name = stage.__name__
        log.exception("stage %s broke", name)
        run.broken.append(f"{name}: {type(error).__name__}: {error}")
    beat_run(run.trace_id)


def _finish(summary: PipelineRunSummary, run: _Run) -> None:
    """Judge the run by what all its workers did, and close its row."""
    run.gateway.ledger.write()  # what calls have sent that came in after their stage had ended
    close_dead_runs(timezone.now())
    stopped = [f"{report.stage}: {report.stopped}" for report in run.reports if report.stopped]
    reasons = list(dict.fromkeys([*run.broken, *stopped, *_reasons_of_workers(run.trace_id)]))
    if not run.brief_stored:
        summary.status = RunStatus.FAILED
        reasons.append("no brief was assembled")
    else:
        summary.status = RunStatus.PARTIAL if reasons else RunStatus.COMPLETED
    summary.reason = "; ".join(reasons)
    summary.notice = "; ".join(filter(None, [summary.notice, waiting_line("neutralize")]))
    summary.finished_at = summary.heartbeat_at = timezone.now()
    summary.duration_ms = milliseconds(summary.started_at, summary.finished_at)
    fill_figures(summary)
    summary.save()


def _detect(summary: PipelineRunSummary, run: _Run) -> None:
    before = len(run.broken)
    _try(run.narratives, run)
    run.gateway.ledger.write()
    fill_figures(summary, narratives_failed=len(run.broken) > before)
    summary.save(update_fields=["alerts", "notice", "tokens_input", "tokens_output", "cost_usd"])


def _reasons_of_workers(trace_id: str) -> Iterator[str]:
    """Say what kept the stages of this run from their end, in this process and in those that helped it.

    A helper that died or was stopped kept nothing from its end: the leader has done the rest.
    """
    rows = list(StageRun.objects.filter(trace_id=trace_id).order_by("pk"))
    for row in rows:
        # A stage that broke here stands in `broken` already.
        is_here = row.owner == str(this_process())
        is_known = (row.status == RunStatus.FAILED) if is_here else (row.reason in MADE_UP_FOR)
        if row.reason and not is_known:
            yield f"{row.stage}: {row.reason}"
    bugs = sum(row.counts.get("bug", 0) for row in rows)
    if bugs:
        yield f"{bugs} items ended in a bug"
    unanswered = sum(row.counts.get("unanswered", 0) for row in rows)
    if unanswered:
        yield f"{unanswered} items got no usable answer from any language model"
