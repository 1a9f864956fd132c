"""`manage.py show_brief`: print the current brief."""

import textwrap
from datetime import date
from typing import Any

from django.core.management.base import CommandError

from briefs.selectors import current_brief
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
        self.print_json(brief)
        day, time = date.fromisoformat(brief["brief_date"]), brief["assembled_at"][11:16]
        sections = sum(section["story_count"] > 0 for section in brief["sections"])
        self.say(self.style.MIGRATE_HEADING(f"The brief of {day:%A, %d %B %Y}"))
        self.say(f"{brief['total_stories']} stories in {sections} of ten categories, assembled {time} UTC\n")
        for section in brief["sections"]:
            self._say_section(section)
        return RunStatus.COMPLETED

    def _say_section(self, section: dict[str, Any]) -> None:
        self.say(self.style.MIGRATE_LABEL(section["display_name"].upper()))
        if not section["stories"]:
            self.say("  Nothing in these hours.")
        for story in section["stories"]:
            changes = story["change_count"]
            changed = f" · {changes} {'phrase' if changes == 1 else 'phrases'} changed" if changes else ""
            self.say(f"  {story['feed_title']}")
            self.say(textwrap.fill(story["feed_summary"], LINE_CHARS, initial_indent="    ", subsequent_indent="    "))
            self.say(f"    {story['source_name']}, {story['published_at'][:16].replace('T', ' ')} UTC{changed}")
        self.say()
