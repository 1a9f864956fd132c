"""`manage.py explain_match STORY`: why a story is in its narrative."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from ingestion.management.choices import require_stories
from narratives.selectors import Explanation, explain
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus


class Command(NtrlCommand):
    """Explain a match."""

    help = (
        "Say why a story is in its narrative: its fingerprint, the reason and the parts of the similarity kept when it "
        "was put in, and what the decision table says now of every narrative that comes into question."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the story."""
        super().add_arguments(parser)
        parser.add_argument("story", type=UUID, metavar="STORY", help="the story's id")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Print it."""
        require_stories([options["story"]])
        found = explain(options["story"])
        if found is None:
            raise CommandError("This story has no fingerprint yet. Make one: python manage.py detect_narratives")
        self.print_json(_as_dict(found))
        read, membership = found.fingerprint, found.membership
        self.say(f"fingerprint ({read.method}): {read}; actors {read.top_actors}; actions {read.key_actions}")
        if membership is None:
            self.say("in no narrative yet")
        else:
            self.say(f"in {membership.narrative} ({membership.narrative_id}): {membership.get_reason_display()}")
            self.say(f"  {membership.components}")
        for row in found.candidates:
            self.say(f"{row['nucleus_entity']}: {row['narrative_focus']} ({row['narrative']})")
            self.say(f"  {row['row']} {row['components']}")
        return RunStatus.COMPLETED


def _as_dict(found: Explanation) -> dict[str, Any]:
    read, membership = found.fingerprint, found.membership
    names = ("status", "failure_reason", "nucleus_entity", "narrative_focus", "top_actors", "key_actions", "method")
    placed = membership and {
        "narrative": str(membership.narrative_id),
        "title": membership.narrative.shown_title,
        "reason": membership.reason,
        "components": membership.components,
        "is_locked": membership.is_locked,
    }
    return {
        "story": str(read.pk),
        "fingerprint": {name: getattr(read, name) for name in names},
        "membership": placed,
        "candidates": found.candidates,
    }
