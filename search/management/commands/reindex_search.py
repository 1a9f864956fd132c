"""`manage.py reindex_search`: compares the search's index with what is shown, and makes it good."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus
from search.index import bring_up_to_date, drift


class Command(NtrlCommand):
    """Make the index good."""

    help = (
        "Compare the search's index with the stories that are shown, and add, renew and remove what differs. Triggers "
        "keep it true by themselves: a difference means that something was written past them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the two ways."""
        super().add_arguments(parser)
        ways = parser.add_mutually_exclusive_group()
        ways.add_argument("--dry-run", action="store_true", help="only compare; exit status 3 when something differs")
        ways.add_argument("--all", action="store_true", help="index every story anew; meanwhile searches find less")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Compare, or make good."""
        found = drift() if options["dry_run"] else bring_up_to_date(rebuild=options["all"])
        self.print_json(asdict(found))
        if not found.has_triggers:
            self.say(
                "The triggers that keep the index were away" + ("." if options["dry_run"] else ", and are made again.")
            )
        self.say(f"documents that were missing: {found.missing}; wrong: {found.wrong}")
        return RunStatus.PARTIAL if options["dry_run"] and not found.is_none else RunStatus.COMPLETED
