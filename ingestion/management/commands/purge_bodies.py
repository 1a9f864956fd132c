"""`manage.py purge_bodies`: remove the texts whose time is over."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ingestion.management.storage_command import StorageCommand
from ingestion.storage import StorageOptions, StorageReport, purge_bodies
from ntrl.bodies import BODY_LIFE_DAYS
from ntrl.stages.command import positive


class Command(StorageCommand):
    """Remove old bodies."""

    help = (
        "Remove article bodies older than 30 days and note in their stories that they have expired. Neutral texts, "
        "spans and the list of changes stay. Run it daily, in S3 too: the bucket's own rule removes, but notes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the age."""
        super().add_arguments(parser)
        parser.add_argument(
            "--older-than-days",
            type=positive,
            default=BODY_LIFE_DAYS,
            metavar="DAYS",
            help="remove bodies read more than so many days ago (default %(default)s)",
        )

    def go_through(self, options: dict[str, Any], how: StorageOptions) -> StorageReport:
        """Purge."""
        return purge_bodies(now=timezone.now(), older_than_days=options["older_than_days"], options=how)
