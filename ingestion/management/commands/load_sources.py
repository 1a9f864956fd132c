"""`manage.py load_sources`: add news sources."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from ingestion.sources import load_sources, starter_sources
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus


class Command(NtrlCommand):
    """Add sources."""

    help = (
        "Add news sources. With --starter: the list that ships with NTRL (AP, Reuters, BBC, NPR, PBS NewsHour, "
        "Al Jazeera, The Guardian). Sources that are there already stay as they are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the choice of list."""
        super().add_arguments(parser)
        parser.add_argument("--starter", action="store_true", help="add the starter list")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Add them."""
        if not options["starter"]:
            raise CommandError("Say which sources: --starter adds the list that ships with NTRL.")
        result = load_sources(starter_sources())
        self.print_json({"added": result.added, "kept": result.kept})
        self.say(f"{len(result.added)} sources added, {len(result.kept)} were there already.")
        self.say("Next: python manage.py run_pipeline")
        return RunStatus.COMPLETED
