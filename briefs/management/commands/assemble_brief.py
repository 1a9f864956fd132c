"""`manage.py assemble_brief`: make the daily brief."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from briefs import services
from ntrl.stages.command import NtrlCommand, headline, positive
from ntrl.stages.models import RunStatus
from ntrl.stages.records import new_trace_id
from ntrl.stages.runner import RunOptions


class Command(NtrlCommand):
    """Assemble the brief."""

    help = (
        "Assemble the daily brief from the stories of the last hours that are filed and neutralized, and make it the "
        "current one. An empty brief never replaces a full one unless you ask for it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the brief's time and the permission to be empty."""
        super().add_arguments(parser)
        parser.add_argument(
            "--cutoff-hours",
            type=positive,
            default=services.DEFAULT_CUTOFF_HOURS,
            help="gather stories published within so many hours (default %(default)s)",
        )
        parser.add_argument("--allow-empty", action="store_true", help="let an empty brief replace a full one")
        parser.add_argument("--dry-run", action="store_true", help="show what would be done; nothing is written")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Assemble."""
        try:
            result = services.assemble_brief(
                trace_id=new_trace_id(),
                options=RunOptions(workers=1, dry_run=options["dry_run"], stop=self.stop),
                cutoff_hours=options["cutoff_hours"],
                allow_empty=options["allow_empty"],
            )
        except services.AnotherAssembles as error:
            raise CommandError(f"{error}; try again in a moment") from error
        brief, report = result.brief, result.report
        self.print_json(
            {
                "id": str(brief.id) if brief else None,
                "total_stories": brief.total_stories if brief else 0,
                "sections": brief.section_count if brief else 0,
                **report.as_dict(),
            }
        )
        self.say(headline(report))
        for line in [*report.planned, *report.failures]:
            self.say(f"  {line}")
        if brief:
            self.say(f"Next: python manage.py show_brief ({brief.total_stories} stories)")
        return report.status if brief or report.dry_run else RunStatus.FAILED
