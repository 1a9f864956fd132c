"""`manage.py show_brief`: print the current brief."""

import textwrap
from typing import Any

from django.core.management.base import CommandError

from briefs.services import current_brief
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus

LINE_CHARS = 96


class Command(NtrlCommand):
    """Print the brief."""

    help = "Print the current daily brief. With --json: the document that GET /v1/brief answers."

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Print it."""
        brief = current_brief()
        if brief is None:
            raise CommandError("There is no brief yet. Make one: python manage.py run_pipeline")
        self.print_json(brief.rendered)
        self.say(self.style.MIGRATE_HEADING(f"The brief of {brief.brief_date:%A, %d %B %Y}"))
        self.say(
            f"{brief.total_stories} stories in {brief.section_count} of ten categories, "
            f"assembled {brief.assembled_at:%H:%M} UTC\n"
        )
        for section in brief.rendered["sections"]:
            self._say_section(section)
        return RunStatus.COMPLETED

    def _say_section(self, section: dict[str, Any]) -> None:
        self.say(self.style.MIGRATE_LABEL(section["display_name"].upper()))
        if not section["stories"]:
            self.say("  Nothing in these hours.")
        for story in section["stories"]:
            changed = "  · language changed" if story["has_manipulative_content"] else ""
            self.say(f"  {story['feed_title']}")
            self.say(textwrap.fill(story["feed_summary"], LINE_CHARS, initial_indent="    ", subsequent_indent="    "))
            self.say(f"    {story['source_name']}, {story['published_at'][:16].replace('T', ' ')} UTC{changed}")
        self.say()
