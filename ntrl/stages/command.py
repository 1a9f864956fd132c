"""What every command of NTRL shares: `--json`, progress, exit codes, polite stopping, and a word on what to do next."""

import json
import sys
import threading
from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

from ntrl.rules.loader import RuleFileError
from ntrl.stages.models import RunStatus
from ntrl.stages.progress import ProgressSink, Silent, progress_for
from ntrl.stages.report import StageReport
from ntrl.stages.runner import DEFAULT_WORKERS, RunOptions
from ntrl.stages.signals import stop_on_signals

EXIT_CODES = {RunStatus.COMPLETED: 0, RunStatus.PARTIAL: 3, RunStatus.FAILED: 1}
# More threads than this only wait for each other and for the publishers' servers.
MAX_WORKERS = 64
# A pause of more than 1000 seconds between two items is a slip, and so is a limit nobody could reach.
MIN_PER_SECOND, MAX_PER_SECOND = 0.001, 1000.0
_WORST_FIRST = (RunStatus.FAILED, RunStatus.PARTIAL, RunStatus.COMPLETED)


def positive(text: str) -> int:
    """Read a whole number of 1 or more from the command line."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def worker_count(text: str) -> int:
    """Read how many items may be worked on at once from the command line."""
    number = positive(text)
    if number > MAX_WORKERS:
        raise ArgumentTypeError(f"{number} is more than {MAX_WORKERS}")
    return number


def rate(text: str) -> float:
    """Read how often something may happen in a second from the command line."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not MIN_PER_SECOND <= number <= MAX_PER_SECOND:  # also false of "nan"
        raise ArgumentTypeError(f"{text!r} is not a number from {MIN_PER_SECOND:g} to {MAX_PER_SECOND:g}")
    return number


class NtrlCommand(BaseCommand):
    """A command that prints for people, or one JSON document for machines, and exits 0, 1 or 3.

    A subclass writes `work`, which does the job through one service and returns the status.
    """

    # A command that makes its own database says False.
    needs_migrated_database = True
    epilog = (
        "Exit status: 0 completed, 3 partial (stopped early, or an item hit a bug or got no answer of a language "
        "model), 1 failed."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Give every command the same last line of help."""
        kwargs.setdefault("epilog", self.epilog)
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options that every command has."""
        parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check that the database is ready, do the work, and exit with its status."""
        self.as_json: bool = options["json"]
        if self.needs_migrated_database:
            require_migrated()
        with stop_on_signals() as stop:
            self.stop = stop
            try:
                status = self.work(options)
            except RuleFileError as problem:
                raise CommandError(str(problem)) from problem
        if EXIT_CODES[status]:
            sys.exit(EXIT_CODES[status])

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Do the job and print what came of it."""
        raise NotImplementedError

    def say(self, text: str = "") -> None:
        """Print a line for people; nothing when a machine reads."""
        if not self.as_json:
            self.stdout.write(text)

    def print_json(self, document: Any) -> None:
        """Print the document for machines; nothing when a person reads."""
        if self.as_json:
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder))

    def progress(self) -> ProgressSink:
        """Where progress goes: standard error, or nowhere when a machine reads."""
        return Silent() if self.as_json else progress_for()


class StageCommand(NtrlCommand):
    """A command that runs stages: adds `--limit`, `--workers`, `--max-per-second`, `--dry-run`, and prints reports."""

    default_limit: int | None = None
    default_workers = DEFAULT_WORKERS
    next_step = ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what every stage understands."""
        super().add_arguments(parser)
        parser.add_argument("--limit", type=positive, default=self.default_limit, help="items at most")
        parser.add_argument(
            "--workers",
            type=worker_count,
            default=self.default_workers,
            help=f"items at once, at most {MAX_WORKERS} (default %(default)s)",
        )
        parser.add_argument(
            "--max-per-second",
            type=rate,
            metavar="NUMBER",
            help="items begun a second at most, 0.5 for one in two seconds (default: no limit)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would be done; nothing is fetched or written"
        )

    def run_options(self, options: dict[str, Any], stop: threading.Event) -> RunOptions:
        """Turn the command line into the runner's options."""
        return RunOptions(
            limit=options["limit"],
            workers=options["workers"],
            max_per_second=options["max_per_second"],
            dry_run=options["dry_run"],
            force=options.get("force", False),
            stop=stop,
        )

    def present(self, reports: Sequence[StageReport], **totals: Any) -> RunStatus:
        """Print the reports of the stages that ran (JSON: and the totals); returns the worst status among them."""
        self.print_json({**totals, "stages": [report.as_dict() for report in reports]})
        for report in reports:
            self.say(self.style.MIGRATE_HEADING(headline(report)))
            for line in report.planned + [f"  failed: {failure}" for failure in report.failures]:
                self.say(f"  {line}" if report.planned else line)
            if report.error or report.stopped:
                self.say(self.style.ERROR(f"  stopped: {report.error or report.stopped}"))
        if self.next_step and not any(report.dry_run for report in reports):
            self.say(f"Next: {self.next_step}")
        return next(status for status in _WORST_FIRST if any(r.status == status for r in reports))


class StoryStageCommand(StageCommand):
    """A command over stories: adds `--story` and `--force`."""

    force_help = "do it again for stories that are done"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the choice of stories."""
        super().add_arguments(parser)
        parser.add_argument(
            "--story", action="append", type=UUID, default=[], metavar="ID", help="only this story; repeatable"
        )
        parser.add_argument("--force", action="store_true", help=self.force_help)


def headline(report: StageReport) -> str:
    """One line on what a stage did."""
    if report.dry_run:
        return f"{report.stage}: would do {report.counts['planned']} (dry run, nothing written)"
    counts = ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in sorted(report.counts.items()))
    return f"{report.stage}: {report.status}, {counts or 'nothing to do'} ({report.duration_ms / 1000:.1f} s)"


def require_migrated() -> None:
    """Raise CommandError, with the cure, when the database is not there or its tables are missing or old."""
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise CommandError(f"The database does not answer ({error}). Check DATABASE_URL.") from error
    if behind:
        raise CommandError("The database has no tables yet, or old ones. Run: python manage.py migrate")
