"""`manage.py backfill_fact_message_timestamps`: mark facts that don't say how far messages had been read."""

from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import CommandError, CommandParser

from narratives.facts import backfill, presentation
from narratives.facts.backfill import BackfillOptions, BackfillResult
from narratives.facts.errors import StoreError
from narratives.facts.fact_store import DjangoFacts
from narratives.facts.ports import FactStore, MessageStore
from narratives.facts.sources import conversations
from narratives.facts.tables import facts_alias
from ntrl.stages.command import NtrlCommand, positive
from ntrl.stages.models import RunStatus
from ntrl.stages.records import new_trace_id

# More in one transaction hold up whoever else writes facts.
MOST_IN_BATCH = 1000


class Command(NtrlCommand):
    """Mark facts, or take the marks away again."""

    help = (
        "Facts that were made before October 20, 2025 don't say up to which message their bot's conversation had been "
        "read, so that an enrichment worker reads the same messages again, for ever. This finds out from the messages "
        "themselves and adds it to the facts' metadata; nothing else changes. Killed or stopped, it is run again."
    )
    epilog = (
        "Exit status: 0 all facts are marked but those without messages (or a dry run), 3 stopped early, "
        "1 a fact could not be marked, or a store could not be reached."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the ways to run and the selection."""
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="read and report, write nothing")
        parser.add_argument("--bot", default="", metavar="NAME", help="only this bot's facts")
        parser.add_argument(
            "--batch-size",
            type=batch_size,
            default=backfill.BATCH_SIZE,
            help=f"facts written in one transaction, at most {MOST_IN_BATCH} (default %(default)s)",
        )
        parser.add_argument("--rollback", action="store_true", help="remove exactly what backfills have added")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Mark, or undo, and print what came of it."""
        facts = DjangoFacts(facts_alias())
        chosen = BackfillOptions(options["bot"], options["batch_size"], options["dry_run"], self.stop)
        self.head(facts, options)
        try:
            result = self.roll_back(facts, chosen) if options["rollback"] else self.fill(facts, chosen)
        except StoreError as error:
            raise CommandError(error.detail) from None
        self.print_json({"database": facts.name, "rollback": options["rollback"], **presentation.as_dict(result)})
        if result.failed or result.report.status == RunStatus.FAILED:
            return RunStatus.FAILED
        return result.report.status

    def head(self, facts: FactStore, options: dict[str, Any]) -> None:
        """Print what is done, and where."""
        mode = presentation.BACK if options["rollback"] else presentation.LIVE
        self.say(presentation.TITLE)
        self.say(f"Mode: {presentation.DRY if options['dry_run'] else mode}")
        self.say()
        self.say(f"Database: {facts.name}")

    def fill(self, facts: FactStore, chosen: BackfillOptions) -> BackfillResult:
        """Mark facts."""

        def open_messages() -> MessageStore:
            messages = conversations(may_write=not chosen.dry_run).messages
            self.say(messages.name)
            return messages

        self.say()
        self.say("Step 1: Finding facts missing latest_message_timestamp...")
        result = backfill.backfill_timestamps(
            facts=facts,
            messages=open_messages,
            options=chosen,
            trace_id=new_trace_id(),
            progress=self.progress(),
            found=lambda counts: self.say(presentation.found_line(counts)),
        )
        for line in presentation.dry_lines(result) if chosen.dry_run else presentation.end_lines(result):
            self.say(line)
        return result

    def roll_back(self, facts: FactStore, chosen: BackfillOptions) -> BackfillResult:
        """Take marks away."""
        result = backfill.rollback_timestamps(
            facts=facts, options=chosen, trace_id=new_trace_id(), progress=self.progress()
        )
        for line in presentation.rollback_lines(result, is_dry=chosen.dry_run):
            self.say(line)
        return result


def batch_size(text: str) -> int:
    """Read how many facts make a batch from the command line."""
    number = positive(text)
    if number > MOST_IN_BATCH:
        raise ArgumentTypeError(f"{number} is more than {MOST_IN_BATCH}")
    return number
