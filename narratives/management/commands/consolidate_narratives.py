"""`manage.py consolidate_narratives`: merge narratives that are one, and let time pass for their states."""

from typing import Any

from django.core.management.base import CommandParser

from narratives.services.consolidation import consolidate_narratives, pair_as_dict
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus


class Command(NtrlCommand):
    """Consolidate narratives."""

    help = (
        "Merge the pairs of narratives that have one nucleus and one focus (after a new alias, a filled focus or an "
        "editor's change), and bring every narrative's state up to date. Run it every hour; it should find little."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the dry run."""
        super().add_arguments(parser)
        parser.add_argument(
            "--dry-run", action="store_true", help="print the pairs with their components; write nothing"
        )

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Merge, and print the pairs."""
        result = consolidate_narratives(dry_run=options["dry_run"])
        pairs = [pair_as_dict(pair) for pair in result.pairs]
        figures = {"merged": result.merged, "state_changes": result.state_changes, "dry_run": result.is_dry_run}
        self.print_json({**figures, "pairs": pairs})
        for pair in pairs:
            foci, parts = pair["foci"], pair["components"]
            self.say(f"{pair['nucleus_entity']}: {foci} stories {pair['stories']} {parts}")
            self.say(f"  {pair['loser']} into {pair['survivor']}")
        verb = "would merge" if result.is_dry_run else "merged"
        self.say(f"consolidate: {verb} {len(pairs)} pairs, {result.state_changes} changes of state")
        return RunStatus.COMPLETED
