"""`manage.py run_pipeline`: the whole pipeline once."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from ingestion.management.choices import require_sources
from ntrl.pipeline import services
from ntrl.pipeline.alerts import ALERTS
from ntrl.pipeline.lock import AlreadyRunning
from ntrl.pipeline.models import PipelineRunSummary, Trigger
from ntrl.stages.command import NtrlCommand, headline, positive, worker_count
from ntrl.stages.models import RunStatus
from ntrl.stages.runner import RunOptions

_PARAMETERS = {
    "max_items_per_source": "new articles fetched from one source at most",
    "classify_limit": "stories classified at most",
    "neutralize_limit": "stories neutralized at most",
    "max_workers": "items worked on at once",
    "cutoff_hours": "the brief gathers stories published within so many hours",
}


class Command(NtrlCommand):
    """Run all four stages."""

    help = (
        "Run the whole pipeline once: ingest, classify, neutralize, assemble the brief; then print the run's summary "
        "and alerts. One run at a time: a second is refused. With --json: the summary as a JSON document."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the run's parameters."""
        super().add_arguments(parser)
        defaults = services.PipelineOptions()
        for name, meaning in _PARAMETERS.items():
            parser.add_argument(
                f"--{name.replace('_', '-')}",
                type=worker_count if name == "max_workers" else positive,
                default=getattr(defaults, name),
                help=f"{meaning} (default %(default)s)",
            )
        parser.add_argument(
            "--trigger",
            choices=Trigger.values,
            default=Trigger.MANUAL.value,
            help="who starts the run, for its summary: cron should say scheduled (default %(default)s)",
        )
        parser.add_argument("--allow-empty", action="store_true", help="let an empty brief replace a full one")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Run it and show the summary."""
        require_sources([])
        wanted = services.PipelineOptions(
            **{name: options[name] for name in _PARAMETERS}, allow_empty=options["allow_empty"]
        )
        try:
            result = services.run_pipeline(
                trigger=Trigger(options["trigger"]),
                options=wanted,
                run_options=RunOptions(stop=self.stop),
                progress=self.progress(),
            )
        except AlreadyRunning as refusal:
            raise CommandError(f"{refusal}. Wait for it, or stop its process.") from refusal
        self.print_json(services.summary_as_dict(result.summary))
        for report in result.reports:
            self.say(headline(report))
            for failure in report.failures:
                self.say(f"  {failure}")
        self._say_summary(result.summary)
        return RunStatus(result.summary.status)

    def _say_summary(self, summary: PipelineRunSummary) -> None:
        seconds = summary.duration_ms / 1000
        self.say(f"Run {summary.trace_id}: {summary.status} in {seconds:.1f} s. {summary.reason}".rstrip())
        for code in summary.alerts:
            self.say(self.style.WARNING(f"  alert {code}: {ALERTS[code]}"))
        if summary.notice:
            self.say(f"  language models: {summary.notice}")
        self.say("Next: python manage.py show_brief")
