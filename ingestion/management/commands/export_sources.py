"""`manage.py export_sources`: write the sources as a list that feed readers, and `load_sources`, understand."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ingestion.sources import export_opml
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus


class Command(NtrlCommand):
    """Write the sources."""

    help = (
        "Write all sources as OPML 2.0, to a file or to standard output. Feed readers can import it; load_sources "
        "makes the same sources of it again, with their slugs, ranks and home countries."
    )
    epilog = "Exit status: 0 written, 1 failed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add where to write."""
        super().add_arguments(parser)
        parser.add_argument("file", nargs="?", metavar="FILE", help="written anew; without it, standard output")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Write them."""
        exported = export_opml()
        if not options["file"]:
            self.print_json({"opml": exported.document, "sources": exported.sources})
            self.say(exported.document.rstrip("\n"))
            return RunStatus.COMPLETED
        path = Path(options["file"])
        try:
            path.write_text(exported.document, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error
        self.print_json({"file": str(path), "sources": exported.sources})
        self.say(f"{exported.sources} sources written to {path}.")
        return RunStatus.COMPLETED
