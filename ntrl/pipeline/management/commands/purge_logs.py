"""`manage.py purge_logs`: remove records whose time is over."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ntrl.pipeline.retention import purge_logs
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus


class Command(NtrlCommand):
    """Remove old records."""

    help = (
        "Remove rows of the log, of finished tasks and of told alerts that are older than NTRL_LOG_DAYS, and the texts "
        "of calls to models older than NTRL_LLM_TEXT_DAYS. Costs, summaries of runs and what failed and waits stay. "
        "The schedule does it every day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the dry run."""
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="count what would go; remove nothing")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Purge, and print the counts."""
        counts = purge_logs(now=timezone.now(), dry_run=options["dry_run"], stop=self.stop)
        self.print_json({"dry_run": options["dry_run"], **counts})
        verb = "would go" if options["dry_run"] else "removed"
        self.say(", ".join(f"{name.replace('_', ' ')} {number}" for name, number in counts.items()) + f" {verb}")
        return RunStatus.PARTIAL if self.stop.is_set() else RunStatus.COMPLETED
