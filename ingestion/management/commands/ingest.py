"""`manage.py ingest`: read the feeds and store what is new."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ingestion import services
from ingestion.models import Source
from ntrl.stages.command import StageCommand, positive
from ntrl.stages.models import RunStatus
from ntrl.stages.records import new_trace_id


class Command(StageCommand):
    """Read feeds, fetch articles."""

    help = (
        "Read the feeds of all active sources, fetch the articles they announce, and store their texts. "
        "Known articles are skipped; articles whose text can't be had are stored with the reason."
    )
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
        self._check_sources(options["source"])
        result = services.ingest(
            trace_id=new_trace_id(),
            options=self.run_options(options, self.stop),
            source_slugs=options["source"],
            max_items_per_source=options["max_items_per_source"],
            progress=self.progress(),
        )
        totals = {name: value for name, value in asdict(result).items() if name != "reports"}
        for source in result.source_results:
            self.say(
                f"  {source.source_slug}: {source.body_downloaded} stored, {source.body_failed} without a body, "
                f"{source.skipped_duplicate} duplicates{''.join(f'; {error}' for error in source.errors)}"
            )
        return self.present(result.reports, **totals)

    def _check_sources(self, slugs: list[str]) -> None:
        unknown = set(slugs) - set(Source.objects.filter(slug__in=slugs).values_list("slug", flat=True))
        if unknown:
            known = ", ".join(Source.objects.order_by("slug").values_list("slug", flat=True)[:50])
            raise CommandError(f"No source is called {', '.join(sorted(unknown))}. There are: {known or 'none'}")
        if not Source.objects.filter(is_active=True).exists():
            raise CommandError("There is no active source. Load some: python manage.py load_sources --starter")
