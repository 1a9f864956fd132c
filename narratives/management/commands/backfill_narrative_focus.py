"""`manage.py backfill_narrative_focus`: fill the foci that narratives lack, here or in a MongoDB."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from narratives.backfill import service
from narratives.backfill.by_model import ByModel
from narratives.backfill.presentation import as_dict, dry_lines, end_lines
from narratives.backfill.service import BackfillOptions
from narratives.backfill.sources import ByRules, FocusSource
from narratives.loaded import LoadedWords
from narratives.rules_in_force import IdentityRules, load_identity
from narratives.stores import mongo
from narratives.stores.base import FocusStore, StoreError
from narratives.stores.connection import connect, host_of
from narratives.stores.own import OwnStore
from ntrl.llm.checks import FOR_NARRATIVES
from ntrl.llm.gateway import open_gateway
from ntrl.llm.types import Operation
from ntrl.stages.command import NtrlCommand, positive, worker_count
from ntrl.stages.models import RunStatus
from ntrl.stages.records import new_trace_id

OWN, MONGO = "django", "mongo"
MODEL, RULES = "model", "rules"
# More in one batch only make a kill dearer; a longer pause is a slip.
MOST_IN_BATCH = 1000
LONGEST_PAUSE_SECONDS = 60.0
# The exit status of a command that is not to be run like this.
REFUSED = 2


class Command(NtrlCommand):
    """Fill missing foci."""

    help = (
        "Give the narratives that have no focus (absent, null, empty or blank) one, out of their summaries: those of "
        "this project's tables, or of a MongoDB collection. A focus that is there is never overwritten, also when it "
        "comes in while the command runs. Killed or stopped, it is run again and goes on."
    )
    epilog = (
        "Exit status: 0 no focus is missing any more (or a dry run), 1 some are still missing, or it failed, "
        "2 no language model is set up and --by model or a foreign store needs one, 3 stopped early (a spent budget)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the store, the selection and the pace."""
        super().add_arguments(parser)
        parser.add_argument(
            "--dry-run", action="store_true", help="show how many, the first five and the cost; write nothing"
        )
        parser.add_argument(
            "--store",
            choices=[MONGO, OWN],
            help=f"where narratives are (default: {MONGO} when MONGODB_URI is set, else {OWN}, this project's tables)",
        )
        parser.add_argument(
            "--by",
            choices=[MODEL, RULES],
            help="who finds the foci (default: a language model when one is set up, else rules; a foreign store takes "
            "those of rules only when asked)",
        )
        parser.add_argument(
            "--since",
            type=moment,
            default=service.SINCE,
            metavar="DATE",
            help="only narratives first detected then or later (default 2025-12-01; UTC unless it says otherwise)",
        )
        parser.add_argument("--limit", type=positive, help="narratives at most")
        parser.add_argument(
            "--batch-size",
            type=batch_size,
            default=service.BATCH_SIZE,
            help=f"narratives read and written together, at most {MOST_IN_BATCH} (default %(default)s)",
        )
        parser.add_argument(
            "--workers",
            type=worker_count,
            default=service.WORKERS,
            help="calls to a model side by side, of one batch (default %(default)s)",
        )
        parser.add_argument(
            "--pause",
            type=pause,
            default=service.PAUSE_SECONDS,
            metavar="SECONDS",
            help="between two batches (default %(default)s)",
        )
        parser.add_argument("--database", help=f"of the MongoDB (default {mongo.DATABASE})")
        parser.add_argument("--collection", help=f"of that database (default {mongo.COLLECTION})")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Fill, and print what came of it."""
        is_mongo = options["store"] == MONGO or (options["store"] is None and bool(settings.MONGODB_URI))
        trace_id, rules = new_trace_id(), load_identity()
        source = focus_source(options["by"], rules, trace_id, is_mongo=is_mongo)
        if source is None and not options["dry_run"]:
            advice = "Set one up, or let the offline extractor do it: --by rules."
            raise CommandError(
                f"No language model is set up, and foci made by rules are not written to a MongoDB unasked. {advice}",
                returncode=REFUSED,
            )
        try:
            store = mongo_store(options) if is_mongo else own_store(options, rules)
            self.say(f"Store: {store.name}, from {options['since']:%Y-%m-%d %H:%M} UTC on")
            result = service.backfill_focus(
                store=store,
                source=source,
                options=self.backfill_options(options),
                trace_id=trace_id,
                say=self.say,
            )
        except StoreError as error:
            raise CommandError(error.detail) from None
        by = source and source.name
        self.print_json({"store": store.name, "by": by, "since": options["since"], **as_dict(result)})
        for line in dry_lines(result, source) if options["dry_run"] else end_lines(result, store):
            self.say(line)
        if result.report.stopped:
            return RunStatus.PARTIAL
        return RunStatus.FAILED if result.missing and not options["dry_run"] else RunStatus.COMPLETED

    def backfill_options(self, options: dict[str, Any]) -> BackfillOptions:
        """Turn the command line into the service's options."""
        return BackfillOptions(
            limit=options["limit"],
            batch_size=options["batch_size"],
            workers=options["workers"],
            pause_seconds=options["pause"],
            dry_run=options["dry_run"],
            stop=self.stop,
        )


def focus_source(by: str | None, rules: IdentityRules, trace_id: str, *, is_mongo: bool) -> FocusSource | None:
    """Choose who finds the foci; None when a foreign store would need a model and none is set up."""
    gateway = open_gateway(trace_id)
    has_model = bool(gateway.chain(Operation.NARRATIVE_FOCUS_BACKFILL))
    if by == MODEL and not has_model:
        raise CommandError(f"No language model is set up. Set {FOR_NARRATIVES}.", returncode=REFUSED)
    if has_model and by != RULES:
        # Nobody reads a MongoDB here; of our own narratives readers see the focus.
        loaded = None if is_mongo else LoadedWords.in_force(rules.identity.focus)
        return ByModel(gateway, rules.identity.aliases, loaded)
    if by == RULES:
        return ByRules(rules.identity)
    return None if is_mongo else ByRules(rules.identity, is_default=True)


def mongo_store(options: dict[str, Any]) -> FocusStore:
    """The collection that the options and MONGODB_URI name."""
    uri = settings.MONGODB_URI
    if not uri:
        raise CommandError("MONGODB_URI is not set: it says where the MongoDB is, and who you are there.")
    return mongo.MongoStore(
        connect(uri),
        host=host_of(uri),
        since=options["since"],
        database=options["database"] or mongo.DATABASE,
        collection=options["collection"] or mongo.COLLECTION,
    )


def own_store(options: dict[str, Any], rules: IdentityRules) -> FocusStore:
    """This project's tables."""
    if options["database"] or options["collection"]:
        raise CommandError(f"--database and --collection are for --store {MONGO}.")
    return OwnStore(rules=rules, since=options["since"])


def moment(text: str) -> datetime:
    """Read a date or a time from the command line; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date like 2025-12-01") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def batch_size(text: str) -> int:
    """Read how many narratives make a batch from the command line."""
    number = positive(text)
    if number > MOST_IN_BATCH:
        raise ArgumentTypeError(f"{number} is more than {MOST_IN_BATCH}")
    return number


def pause(text: str) -> float:
    """Read a pause in seconds from the command line."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_PAUSE_SECONDS:  # also false of "nan"
        raise ArgumentTypeError(f"{text!r} is not a number from 0 to {LONGEST_PAUSE_SECONDS:g}")
    return seconds
