"""`manage.py run_enrichment`: take facts from what is new in stories and conversations, every eleven minutes."""

import logging
import time
from typing import Any

from django.core.management.base import CommandParser
from django.db import connections

from narratives.facts import services
from narratives.facts.services import EnrichResult
from ntrl.stages.command import NtrlCommand, worker_count
from ntrl.stages.models import RunStatus
from ntrl.stages.records import new_trace_id
from ntrl.stages.runner import DEFAULT_WORKERS, RunOptions

log = logging.getLogger(__name__)


class Command(NtrlCommand):
    """Run the enrichment worker."""

    help = (
        "Read the messages that are new in each stream (the stories of each narrative, the conversations of each bot), "
        "and store the facts that they state: by a language model when a provider is set up, else by rules. Each "
        "stream is read on from its mark, which never passes a message that was not processed."
    )
    epilog = (
        "Exit status: 0 completed, 3 partial (stopped early, or an item hit a bug), 1 failed (a store or a bot could "
        "not be read; what could be was done)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the choice of bots and how often."""
        super().add_arguments(parser)
        parser.add_argument("--once", action="store_true", help="one cycle; without it one every eleven minutes")
        parser.add_argument("--bot", default="", metavar="NAME", help="only this bot's streams (stories: ntrl-stories)")
        parser.add_argument(
            "--workers",
            type=worker_count,
            default=DEFAULT_WORKERS,
            help="streams read by models side by side (default %(default)s)",
        )

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Run cycles until there are enough, or a signal comes."""
        while True:
            began = time.monotonic()
            status = self.cycle(options)
            if options["once"]:
                return status
            if self.stop.wait(max(0.0, services.CYCLE_SECONDS - (time.monotonic() - began))):
                return RunStatus.COMPLETED

    def cycle(self, options: dict[str, Any]) -> RunStatus:
        """Run one; the worker outlives one that breaks, and a database that was away meanwhile."""
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
        run = RunOptions(workers=options["workers"], stop=self.stop)
        try:
            result = services.enrich_once(
                trace_id=new_trace_id(), bot=options["bot"], options=run, progress=self.progress()
            )
        except Exception:
            if options["once"]:
                raise
            log.exception("This cycle broke; the next one begins in its time")
            return RunStatus.FAILED
        self.print_json(as_dict(result))
        self.tell(result)
        return result.status

    def tell(self, result: EnrichResult) -> None:
        """Print what a cycle did."""
        counts = result.counts
        self.say(f"By {result.by}.")
        self.say(
            f"{counts['success']} streams read on: {counts['messages']} messages, {counts['facts']} facts. "
            f"{result.idle} without news, {result.waiting} wait for more, {counts['total'] - counts['success']} failed."
        )
        for report in result.reports:
            for line in report.failures + [report.error or report.stopped] * bool(report.error or report.stopped):
                self.say(f"  failed: {line}")
        for what, why in result.troubles.items():
            self.say(self.style.ERROR(f"  {what}: {why}"))


def as_dict(result: EnrichResult) -> dict[str, Any]:
    """A cycle for machines."""
    return {
        "status": str(result.status),
        "by": result.by,
        "idle": result.idle,
        "waiting": result.waiting,
        "counts": dict(sorted(result.counts.items())),
        "troubles": result.troubles,
        "stages": [report.as_dict() for report in result.reports],
    }
