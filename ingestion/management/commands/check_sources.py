"""`manage.py check_sources`: ask each source's feed once and say what it answers."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ingestion.source_check import SourceCheck, UnknownSource, check_sources
from ntrl.stages.command import NtrlCommand, worker_count
from ntrl.stages.models import RunStatus
from ntrl.stages.runner import DEFAULT_WORKERS

_ROW = "{:<32} {:<7} {:>7} {:<7} {}"


class Command(NtrlCommand):
    """Check sources."""

    help = (
        "Fetch the feed of each active source once and print what it answers: entries, the newest one's time (UTC), "
        "format, what is odd, and where it has moved. Publishers move and close feeds. Nothing is stored or changed."
    )
    epilog = "Exit status: 0 every feed can be read, 3 one cannot (or stopped early), 1 failed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the choice of sources."""
        super().add_arguments(parser)
        parser.add_argument(
            "--source",
            action="append",
            default=[],
            metavar="SLUG",
            help="only this source, even if it is switched off; repeatable",
        )
        parser.add_argument(
            "--workers", type=worker_count, default=DEFAULT_WORKERS, help="feeds at once (default %(default)s)"
        )

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Ask, and print each answer as it comes."""
        checks = check_sources(source_slugs=options["source"], workers=options["workers"], stop=self.stop)
        self.say(_ROW.format("source", "status", "entries", "format", "newest entry"))
        try:
            seen = list(self._shown(checks))
        except UnknownSource as error:
            raise CommandError(str(error)) from error
        failed = sum(bool(check.problem) for check in seen)
        document = [{"status": _status(check), **asdict(check)} for check in seen]
        self.print_json({"checked": len(seen), "failed": failed, "sources": document})
        self.say(f"{len(seen)} sources checked, {failed} cannot be read.")
        self.say(f"Next: python manage.py {'run_pipeline' if seen else 'load_sources --starter'}")
        return RunStatus.PARTIAL if failed or self.stop.is_set() else RunStatus.COMPLETED

    def _shown(self, checks: Iterator[SourceCheck]) -> Iterator[SourceCheck]:
        for check in checks:
            newest = f"{check.newest_entry_at:%Y-%m-%d %H:%M}" if check.newest_entry_at else "-"
            self.say(_ROW.format(check.source_slug, _status(check), check.entries, check.format or "-", newest))
            if check.problem:
                self.say(self.style.ERROR(f"    {check.problem} ({check.url})"))
            if check.moved_to:
                self.say(f"    moved for good to {check.moved_to}")
            for warning in check.warnings:
                self.say(f"    {warning}")
            yield check


def _status(check: SourceCheck) -> str:
    return "failed" if check.problem else "ok"
