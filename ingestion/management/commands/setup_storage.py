"""`manage.py setup_storage`: make the place where article bodies are kept."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ntrl.bodies import BODY_LIFE_DAYS, BodyStorage, body_storage
from ntrl.bodies_on_disk import DiskBodies
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus


class Command(NtrlCommand):
    """Set up the storage of bodies."""

    help = (
        "Make the place where article bodies are kept. In S3: the bucket, if there is none, and its rule that bodies "
        "expire after 30 days, beside whatever rules it has. On disk: the folder. Done again, it changes nothing."
    )
    epilog = "Exit status: 0 completed, 1 failed."
    needs_migrated_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the dry run."""
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="show what would be made; nothing is")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Make it, and say what was made."""
        self.dry_run: bool = options["dry_run"]
        storage = body_storage()
        try:
            if isinstance(storage, DiskBodies):
                self._set_up_folder(Path(storage.location))
            else:
                self._set_up_bucket(storage)
        except (OSError, ValueError) as problem:
            raise CommandError(f"The storage of bodies could not be set up: {problem}") from problem
        return RunStatus.COMPLETED

    def _set_up_bucket(self, storage: BodyStorage) -> None:
        # Imported here because it takes boto3 along, half a second that those who store on disk need not wait for.
        from ntrl.bodies_in_s3 import S3Bodies
        from ntrl.bucket import RULE_ID, set_up_bucket

        assert isinstance(storage, S3Bodies)  # the checks of settings allow no third kind
        done = set_up_bucket(storage, dry_run=self.dry_run)
        self.print_json({"storage": "s3", "dry_run": self.dry_run, **asdict(done)})
        self.say(f"Bucket {done.bucket}: {self._made(done.made)}.")
        self.say(f"Rule {RULE_ID}: {self._made(done.rule_written)}. Other rules, kept: {len(done.other_rules)}.")
        self.say("Run purge_bodies daily, so that stories say when their text has expired.")

    def _set_up_folder(self, folder: Path) -> None:
        is_new = not folder.is_dir()
        if not self.dry_run:
            folder.mkdir(parents=True, exist_ok=True)
        self.print_json({"storage": "disk", "dry_run": self.dry_run, "folder": str(folder), "made": is_new})
        self.say(f"Folder {folder}: {self._made(is_new)}.")
        self.say(
            f"Nothing expires on disk by itself: run purge_bodies daily; it removes what is {BODY_LIFE_DAYS} days old."
        )

    def _made(self, is_new: bool) -> str:
        if not is_new:
            return "there already"
        return "would be made" if self.dry_run else "made"
