"""`manage.py import_narratives`: take over the narratives of a MongoDB collection."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from narratives.services.importing import import_documents
from narratives.stores import mongo
from narratives.stores.base import StoreError
from narratives.stores.connection import connect, host_of
from narratives.stores.reading import documents
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus

# All of them, of whatever date.
EVER = datetime(1, 1, 1, tzinfo=UTC)


class Command(NtrlCommand):
    """Import narratives."""

    help = (
        "Copy the narratives of a MongoDB collection (MONGODB_URI) into this project's tables, where editors see them. "
        "Their counts and timelines stay apart, as another system's. Run again, it brings them up to date by their "
        "ids; what an editor has changed, and a focus that is here, stays. Nothing is written to the MongoDB."
    )
    epilog = "Exit status: 0 completed, 3 some documents are no narratives (listed by id), 1 failed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add where to read and the dry run."""
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="say what would be done; write nothing")
        parser.add_argument("--database", default=mongo.DATABASE, help="of the MongoDB (default %(default)s)")
        parser.add_argument("--collection", default=mongo.COLLECTION, help="of that database (default %(default)s)")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Import, and print what came of it."""
        uri = settings.MONGODB_URI
        if not uri:
            raise CommandError("MONGODB_URI is not set: it says where the MongoDB is, and who you are there.")
        where = {"host": host_of(uri), "database": options["database"], "collection": options["collection"]}
        try:
            client = connect(uri)
            store = mongo.MongoStore(client, since=EVER, **where)
            self.say(f"From {store.name}")
            store.require_narratives()
            result = import_documents(documents(client, **where), dry_run=options["dry_run"])
        except StoreError as error:
            raise CommandError(error.detail) from None
        self.print_json({**result.counts, "refused": result.refused, "dry_run": options["dry_run"]})
        for key, reason in result.refused.items():
            self.say(f"  {key}: {reason}")
        done = ", ".join(f"{number} {outcome.replace('_', ' ')}" for outcome, number in sorted(result.counts.items()))
        verb = "would import" if options["dry_run"] else "imported"
        self.say(f"{verb}: {done or 'nothing'}; {len(result.refused)} refused")
        self.say("Next: python manage.py backfill_narrative_focus --store django, then consolidate_narratives")
        return RunStatus.PARTIAL if result.refused else RunStatus.COMPLETED
