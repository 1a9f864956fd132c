"""`manage.py narrative_metrics`: the figures by which narratives are judged."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from narratives.models import Narrative
from narratives.services.metrics import ALARM_PER_NUCLEUS, WINDOW, narrative_metrics, sample_narratives
from ntrl.stages.command import NtrlCommand, positive
from ntrl.stages.models import RunStatus


class Command(NtrlCommand):
    """Print the figures."""

    help = (
        "Print how many narratives there are by state and by nucleus (one to three are the target, five an alarm), and "
        "of the last seven days merges, reactivations, readings that failed and stories without a fingerprint."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the sample for review by hand."""
        super().add_arguments(parser)
        parser.add_argument(
            "--sample", type=positive, metavar="N", help="also print so many random narratives, to be reviewed by hand"
        )

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Print them."""
        metrics = narrative_metrics()
        sample = [_as_dict(each) for each in sample_narratives(options["sample"] or 0)]
        self.print_json({**asdict(metrics), **({"sample": sample} if options["sample"] else {})})
        self.say("narratives: " + ", ".join(f"{state} {number}" for state, number in metrics.narratives.items()))
        self.say(f"awake narratives of a nucleus, mean: {_figure(metrics.per_nucleus)}")
        for nucleus, number in metrics.most_per_nucleus:
            alarm = self.style.WARNING("  alarm") if number >= ALARM_PER_NUCLEUS else ""
            self.say(f"  {nucleus}: {number}{alarm}")
        self.say(f"of the last {WINDOW.days} days: merges by runs {metrics.merges}")
        for name in ("reactivation_rate", "focus_failure_rate", "without_fingerprint_rate"):
            self.say(f"  {name.replace('_', ' ')}: {_figure(getattr(metrics, name))}")
        for row in sample:
            self.say(f"{row['title']} ({row['state']}, {row['article_count']} stories, {row['id']})")
        return RunStatus.COMPLETED


def _as_dict(narrative: Narrative) -> dict[str, Any]:
    return {
        "id": str(narrative.pk),
        "title": narrative.shown_title,
        "state": str(narrative.state),
        "article_count": narrative.article_count,
        "entities": narrative.entities,
    }


def _figure(value: float | None) -> str:
    return "none yet" if value is None else f"{value:.2f}"
