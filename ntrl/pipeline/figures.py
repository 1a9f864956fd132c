"""A run's figures: from the rows of all its workers into the columns of its summary, and on to the alerts."""

from collections.abc import Mapping
from decimal import ROUND_UP, Decimal

from ingestion.models import Source
from narratives.services.metrics import are_fragmented, awake_by_nucleus
from ntrl.llm.spending import alert_lines, run_alerts, run_totals
from ntrl.pipeline.alerts import UNHEALTHY_AFTER_FAILURES, RunFigures, check_alerts
from ntrl.pipeline.models import PipelineRunSummary
from ntrl.rules.loader import RuleFileError
from ntrl.stages.models import RunStatus
from ntrl.stages.records import counts_of_run

_COST_STEP = Decimal("0.000001")


def fill_figures(summary: PipelineRunSummary, *, narratives_failed: bool = False) -> None:
    """Set the summary's figures from what all workers did and spent under its trace id, and the alerts that they raise.

    Args:
        summary: the row; its status is to be set before, since a failed run raises an alert by itself.
        narratives_failed: what no figure tells, since narratives come after the run.

    Nothing is saved. Done again, it is as if done once.
    """
    for name, number in _columns(counts_of_run(summary.trace_id)).items():
        setattr(summary, name, number)
    totals = run_totals(summary.trace_id)
    summary.tokens_input, summary.tokens_output = totals.tokens_input, totals.tokens_output
    # What a column of six places can't hold is never made less.
    summary.cost_usd = totals.cost_usd.quantize(_COST_STEP, rounding=ROUND_UP)
    summary.alerts = check_alerts(_figures(summary, narratives_failed))
    new = [line for line in alert_lines(summary.trace_id) if line not in summary.notice]
    summary.notice = "; ".join(filter(None, [summary.notice, *new]))


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


def _figures(summary: PipelineRunSummary, narratives_failed: bool) -> RunFigures:
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
        model_alerts=frozenset(run_alerts(summary.trace_id)),
        narratives_failed=narratives_failed,
        narratives_fragmented=_are_fragmented(),
        unhealthy_sources=Source.objects.filter(
            is_active=True, consecutive_failures__gte=UNHEALTHY_AFTER_FAILURES
        ).count(),
    )


def _are_fragmented() -> bool:
    try:
        return are_fragmented(awake_by_nucleus())
    except RuleFileError:  # detection needs the same rules, and says what is wrong with them
        return False
