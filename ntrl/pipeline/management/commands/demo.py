"""`manage.py demo`: see NTRL work, without keys, services or the internet."""

from dataclasses import asdict
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from briefs.selectors import current_brief
from ntrl.newsroom import NewsroomError
from ntrl.pipeline import demo
from ntrl.pipeline.alerts import ALERTS
from ntrl.pipeline.services import summary_as_dict
from ntrl.stages.command import NtrlCommand, headline
from ntrl.stages.models import RunStatus
from ntrl.stages.runner import RunOptions


class Command(NtrlCommand):
    """Run the demo."""

    help = (
        "Run the whole pipeline on the sample newsroom: invented publishers, served over HTTP on loopback addresses. "
        "Needs no key, no service and no internet. Its data stand in var/demo and are made anew each time."
    )
    needs_migrated_database = False

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Run it on the demo's own data: in a process started with the demo's settings."""
        try:
            demo.enter_demo()
            self.say("Opening the sample newsroom and running the whole pipeline on it …")
            result, told = demo.run_demo(
                now=timezone.now(), run_options=RunOptions(stop=self.stop), progress=self.progress()
            )
        except (demo.DemoRefused, NewsroomError) as refusal:
            raise CommandError(str(refusal)) from refusal
        for report in result.reports:
            self.say(headline(report))
        self.say()
        brief = current_brief()
        self.print_json({"summary": summary_as_dict(result.summary), **asdict(told), "brief": brief})
        if brief and not self.as_json:
            call_command("show_brief", stdout=self.stdout)
        self.say(f"Run {result.summary.trace_id}: {result.summary.status}. {result.summary.reason}".rstrip())
        for code in result.summary.alerts:
            self.say(self.style.WARNING(f"  alert {code}: {ALERTS[code]}"))
        of = told.narratives
        self.say(f"Narratives: {of.narratives}; {of.merged} merged by an alias, {of.without_focus} without a focus.")
        self.say(f"Facts taken out of neutral texts, by rules: {told.facts}")
        self.say("Next: make serve   (the brief in your browser, and an editor's password for the admin)")
        # A demo without a story has shown nothing, whatever the run says.
        return RunStatus(result.summary.status) if result.summary.brief_story_count else RunStatus.FAILED
