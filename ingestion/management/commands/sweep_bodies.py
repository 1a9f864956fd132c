"""`manage.py sweep_bodies`: remove stored texts that no story names."""

from typing import Any

from django.utils import timezone

from ingestion.management.storage_command import StorageCommand
from ingestion.storage import StorageOptions, StorageReport, sweep_bodies


class Command(StorageCommand):
    """Remove orphans."""

    help = (
        "Remove stored article bodies that no story names, and that are more than a day old: a run that was killed "
        "between storing a body and writing its story leaves one behind. Anything else in the storage is left alone."
    )

    def go_through(self, options: dict[str, Any], how: StorageOptions) -> StorageReport:
        """Sweep."""
        return sweep_bodies(now=timezone.now(), options=how)
