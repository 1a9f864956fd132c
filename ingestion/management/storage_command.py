"""What the commands about stored bodies share: how to go through the storage, and how to say what was found."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.core.management.base import CommandError, CommandParser

from ingestion.storage import DEFAULT_WORKERS, StorageDown, StorageOptions, StorageReport
from ntrl.stages.command import NtrlCommand, worker_count
from ntrl.stages.models import RunStatus


class StorageCommand(NtrlCommand):
    """A command that goes through stored bodies; a subclass writes `go_through`, which calls one service."""

    epilog = "Exit status: 0 completed, 3 partial (stopped early, or a body is not as it should be), 1 failed."
    has_dry_run: ClassVar[bool] = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what all of them understand."""
        super().add_arguments(parser)
        parser.add_argument(
            "--workers",
            type=worker_count,
            default=DEFAULT_WORKERS,
            help="objects asked for at once (default %(default)s)",
        )
        if self.has_dry_run:
            parser.add_argument("--dry-run", action="store_true", help="show what would be removed; nothing is")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Go through the storage and print what was found."""
        how = StorageOptions(
            dry_run=options.get("dry_run", False),
            workers=options["workers"],
            stop=self.stop,
            progress=self.progress(),
        )
        try:
            report = self.go_through(options, how)
        except StorageDown as problem:
            raise CommandError(f"The storage of bodies can't be used. {problem}") from problem
        return self._present(report)

    def go_through(self, options: dict[str, Any], how: StorageOptions) -> StorageReport:
        """Call the service."""
        raise NotImplementedError

    def _present(self, report: StorageReport) -> RunStatus:
        self.print_json(asdict(report))
        for key in report.keys if report.is_dry_run else ():
            self.say(f"  would remove {key}")
        for problem in report.problems:
            self.say(self.style.ERROR(f"  {problem.state}: story {problem.story_id or 'unknown'}, {problem.detail}"))
        counts = ", ".join(f"{what} {number}" for what, number in sorted(report.counts.items()))
        self.say(f"{counts or 'nothing to do'}{' (dry run, nothing removed)' if report.is_dry_run else ''}")
        return RunStatus.PARTIAL if report.problems or report.is_stopped else RunStatus.COMPLETED
