"""`manage.py ingest`: read the feeds and store what is new."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from ingestion import services
from ingestion.feed_stage import FeedsStage
from ingestion.management.choices import require_sources, require_stories
from ingestion.models import Source
from ingestion.services import SourceResult
from ntrl.stages.command import StoryStageCommand, positive
from ntrl.stages.models import RunStatus
from ntrl.stages.records import new_trace_id
from ntrl.stages.report import StageReport

# Feeds named when none could be read; each source's line has its own error anyway.
ERRORS_SHOWN = 3


class Command(StoryStageCommand):
    """Read feeds, fetch articles."""

    help = (
        "Read the feeds of all active sources, fetch the articles they announce, and store their texts. "
        "Known articles are skipped; articles whose text can't be had are stored with the reason. "
        "With --force the texts that stories lack are asked for again; with --story only theirs, and no feed is read."
    )
    force_help = "also ask again for texts that could not be had, whether or not a try is due"
    next_step = "python manage.py classify"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the choice of sources."""
        super().add_arguments(parser)
        parser.add_argument(
            "--source", action="append", default=[], metavar="SLUG", help="only this source; repeatable"
        )
        parser.add_argument(
            "--max-items-per-source",
            type=positive,
            default=services.DEFAULT_MAX_ITEMS_PER_SOURCE,
            help="new articles fetched from one source at most (default %(default)s)",
        )

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Ingest, then show totals and each source's share."""
        require_stories(options["story"])
        if not options["story"]:
            require_sources(options["source"])
        result = services.ingest(
            trace_id=new_trace_id(),
            options=self.run_options(options, self.stop),
            source_slugs=options["source"],
            story_ids=options["story"],
            max_items_per_source=options["max_items_per_source"],
            progress=self.progress(),
        )
        totals = {name: value for name, value in asdict(result).items() if name != "reports"}
        for source in result.source_results:
            self.say(
                f"  {source.source_slug}: {source.body_downloaded} stored, {source.body_failed} without a body, "
                f"{source.skipped_duplicate} duplicates{''.join(f'; {error}' for error in source.errors)}"
            )
        if not options["story"] and not options["source"]:
            self._name_waiting({source.source_slug for source in result.source_results})
        status = self.present(result.reports, **totals)
        self._refuse_silence(result.reports, result.source_results)
        return status

    def _name_waiting(self, shown: set[str]) -> None:
        """Say which sources were not asked, their last failures being too near: else there would seem to be no news."""
        due_later = Source.objects.filter(is_active=True, next_attempt_at__gt=timezone.now()).exclude(slug__in=shown)
        waiting = due_later.order_by("next_attempt_at")
        for source in waiting[:ERRORS_SHOWN]:
            self.say(f"  {source.slug} waits: {source.health_reason}")
        if (more := waiting.count() - ERRORS_SHOWN) > 0:
            self.say(f"  {more} more sources wait; the admin says why")

    def _refuse_silence(self, reports: Sequence[StageReport], sources: Sequence[SourceResult]) -> None:
        """End as failed when not one feed could be read: then it is our network, or all of them."""
        for report in reports:
            unread = sum(report.counts[kind] for kind in ("failed", "retry", "quarantine", "bug"))
            if report.stage == FeedsStage.name and unread and unread == report.counts["total"]:
                errors = [f"{source.source_slug}: {error}" for source in sources for error in source.errors]
                raise CommandError(f"No feed could be read. {'; '.join(errors[:ERRORS_SHOWN])}")
