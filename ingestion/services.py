"""What ingestion does: read the feeds, fetch the articles, and say what came of it."""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings

import ntrl
from ingestion.article_stage import ArticlesStage
from ingestion.feed_stage import FeedsStage
from ingestion.fetching import Fetcher, GuardedFetcher
from ingestion.politeness import PoliteFetcher
from ntrl.stages.progress import ProgressSink
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage

DEFAULT_MAX_ITEMS_PER_SOURCE = 25

# What publishers write into robots.txt to speak to us.
USER_AGENT_PRODUCT = "NTRL"


@dataclass(frozen=True, slots=True)
class SourceResult:
    """One source's share of an ingestion."""

    source_slug: str
    ingested: int
    skipped_duplicate: int
    body_downloaded: int
    body_failed: int
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IngestResult:
    """The specification's metrics of one ingestion; `reports` are those of its stages, feeds and articles."""

    total_ingested: int
    total_skipped_duplicate: int
    total_body_downloaded: int
    total_body_failed: int
    sources_processed: int
    duration_ms: int
    source_results: tuple[SourceResult, ...]
    reports: tuple[StageReport, ...]


def default_fetcher() -> PoliteFetcher:
    """Build the fetcher that settings describe, for one run: it remembers each site's robots.txt."""
    guarded = GuardedFetcher(
        allow_networks=settings.NTRL_FETCH_ALLOW_NETWORKS,
        user_agent=f"{USER_AGENT_PRODUCT}/{ntrl.__version__} (+{settings.NTRL_FETCH_CONTACT_URL})",
    )
    return PoliteFetcher(
        guarded,
        product=USER_AGENT_PRODUCT,
        per_host=settings.NTRL_FETCH_PER_HOST,
        pause_seconds=settings.NTRL_FETCH_PAUSE_SECONDS,
    )


def opened(fetcher: Fetcher | None) -> AbstractContextManager[Fetcher]:
    """Lend out the fetcher that is given; without one, a fetcher for this run, closed at its end."""
    if fetcher is not None:
        return nullcontext(fetcher)
    return closing(default_fetcher())


def ingest(
    *,
    trace_id: str,
    options: RunOptions,
    source_slugs: Sequence[str] = (),
    story_ids: Sequence[UUID] = (),
    max_items_per_source: int = DEFAULT_MAX_ITEMS_PER_SOURCE,
    progress: ProgressSink | None = None,
    fetcher: Fetcher | None = None,
) -> IngestResult:
    """Read the due feeds, then fetch the articles they announced. `options.limit` is of articles.

    With `story_ids`, no feed is read: only the bodies that those stories lack are asked for. With `options.force`,
    stories without a body are asked for again also when their next try is not due, or there would be none.
    """
    started = time.monotonic()
    reports = []
    with opened(fetcher) as open_fetcher:
        feeds = FeedsStage(open_fetcher, source_slugs=source_slugs)
        articles = ArticlesStage(
            open_fetcher,
            source_slugs=source_slugs,
            story_ids=story_ids,
            max_items_per_source=max_items_per_source,
            force=options.force,
        )
        if not story_ids:
            reports.append(run_stage(feeds, trace_id=trace_id, options=replace(options, limit=None), progress=progress))
        reports.append(run_stage(articles, trace_id=trace_id, options=options, progress=progress))
    counts = sum((report.counts for report in reports), Counter[str]())
    return IngestResult(
        total_ingested=counts["ingested"],
        total_skipped_duplicate=counts["skipped_duplicate"],
        total_body_downloaded=counts["body_downloaded"],
        total_body_failed=counts["body_failed"],
        sources_processed=sum(report.counts["total"] for report in reports if report.stage == feeds.name),
        duration_ms=round((time.monotonic() - started) * 1000),
        source_results=_source_results(feeds, articles),
        reports=tuple(reports),
    )


def _source_results(feeds: FeedsStage, articles: ArticlesStage) -> tuple[SourceResult, ...]:
    slugs = sorted({*feeds.by_source, *articles.by_source, *feeds.errors})
    results = []
    for slug in slugs:
        counts: Counter[str] = feeds.by_source[slug] + articles.by_source[slug]
        results.append(
            SourceResult(
                source_slug=slug,
                ingested=counts["ingested"],
                skipped_duplicate=counts["skipped_duplicate"],
                body_downloaded=counts["body_downloaded"],
                body_failed=counts["body_failed"],
                errors=tuple(filter(None, [feeds.errors.get(slug)])),
            )
        )
    return tuple(results)
