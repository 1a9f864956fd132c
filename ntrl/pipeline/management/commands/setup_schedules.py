"""`manage.py setup_schedules`: what runs by itself."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from ntrl.pipeline.schedules import remove_schedules, set_up_schedules
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus


class Command(NtrlCommand):
    """Set up the schedules."""

    help = (
        "Set up what runs by itself: the pipeline every 4 hours, consolidation every hour, the watch over dead runs "
        "and unsent alerts every 5 minutes, purges every day; prints when each runs next (UTC). Run it again after "
        "each upgrade: what is unchanged stays. manage.py qcluster does the work."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the removal."""
        super().add_arguments(parser)
        parser.add_argument("--remove", action="store_true", help="let nothing run by itself any more")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Write the table, and print it."""
        if options["remove"]:
            removed = remove_schedules()
            self.print_json({"removed": removed})
            self.say(f"Removed {removed} schedules.")
            return RunStatus.COMPLETED
        jobs = set_up_schedules()
        self.print_json({"schedules": [asdict(job) for job in jobs]})
        for job in jobs:
            self.say(f"{job.next_run:%Y-%m-%d %H:%M} UTC  {job.cron:<12}  {job.name}")
        self.say("Next: keep python manage.py qcluster running")
        return RunStatus.COMPLETED
