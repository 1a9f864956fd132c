"""`manage.py check_bodies`: are the stored texts there, and whole?"""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ingestion.management.storage_command import StorageCommand
from ingestion.storage import StorageOptions, StorageReport, check_bodies
from ntrl.stages.command import positive


class Command(StorageCommand):
    """Check integrity."""

    help = (
        "Read the stored article bodies, newest first, and compare each with the hash kept with its story. Names the "
        "stories whose body is missing or damaged; changes nothing."
    )
    has_dry_run = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the number."""
        super().add_arguments(parser)
        parser.add_argument("--limit", type=positive, help="only so many bodies, the newest")

    def go_through(self, options: dict[str, Any], how: StorageOptions) -> StorageReport:
        """Check."""
        return check_bodies(now=timezone.now(), limit=options["limit"], options=how)
