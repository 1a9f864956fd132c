"""`manage.py load_sources`: add news sources."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ingestion.opml import OPML_MAX_BYTES, OpmlError
from ingestion.sources import LoadResult, load_opml, load_sources, starter_sources
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus


class Command(NtrlCommand):
    """Add sources."""

    help = (
        "Add news sources: those of an OPML file, as feed readers export it, or with --starter the list that ships "
        "with NTRL (AP, Reuters, BBC, NPR, PBS NewsHour, Al Jazeera, The Guardian). Sources that are there already "
        "stay as they are. A feed that can't be a source is named with the reason; the others are added."
    )
    epilog = "Exit status: 0 all are there now, 3 some were refused, 1 failed (nothing was added)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the choice of list."""
        super().add_arguments(parser)
        parser.add_argument("file", nargs="?", metavar="FILE.opml", help="add the feeds of this OPML file")
        parser.add_argument("--starter", action="store_true", help="add the starter list")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Add them."""
        if bool(options["file"]) == options["starter"]:
            raise CommandError("Say which sources: a file (FILE.opml), or --starter for the list that ships with NTRL.")
        result = load_sources(starter_sources()) if options["starter"] else _load(Path(options["file"]))
        self.print_json(asdict(result))
        for refusal in result.refused:
            self.say(self.style.ERROR(f"refused: {refusal.source}: {refusal.reason}"))
        self.say(
            f"{len(result.added)} sources added, {len(result.kept)} were there already, {len(result.refused)} refused."
        )
        self.say("Next: python manage.py check_sources")
        return RunStatus.PARTIAL if result.refused else RunStatus.COMPLETED


def _load(path: Path) -> LoadResult:
    try:
        with path.open("rb") as file:
            return load_opml(file.read(OPML_MAX_BYTES + 1))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error
    except OpmlError as error:
        raise CommandError(f"{path} is no list of feeds in OPML: {error}. Nothing was added.") from error
