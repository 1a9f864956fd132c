"""`manage.py sweep_bodies`: remove stored texts that no story names."""

from dataclasses import replace
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ingestion.management.storage_command import StorageCommand
from ingestion.storage import StorageOptions, StorageReport, sweep_bodies


class Command(StorageCommand):
    """Remove orphans."""

    help = (
        "Remove stored article bodies that no story names, and that are more than a day old: a run that was killed "
        "between storing a body and writing its story leaves one behind. Anything else in the storage is left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the way past the question whether it is the right database."""
        super().add_arguments(parser)
        parser.add_argument(
            "--force", action="store_true", help="remove them also when most of what is stored would go"
        )

    def go_through(self, options: dict[str, Any], how: StorageOptions) -> StorageReport:
        """Sweep."""
        return sweep_bodies(now=timezone.now(), options=replace(how, force=options["force"]))
