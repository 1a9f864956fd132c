"""`manage.py detect_narratives`: read stories, and put them into narratives."""

from typing import Any

from ingestion.management.choices import require_stories
from narratives.services import detection
from ntrl.stages.command import StoryStageCommand
from ntrl.stages.models import RunStatus
from ntrl.stages.records import new_trace_id


class Command(StoryStageCommand):
    """Detect narratives."""

    help = (
        "Read each story that has no fingerprint yet, by a language model when a provider is set up, else by rules, "
        "and put it into the narrative that tells the same story, or found one. Several processes may do so at once; "
        "a story is never put in twice."
    )
    default_limit = detection.DEFAULT_LIMIT
    force_help = "read again the stories whose reading failed"
    next_step = "python manage.py narrative_metrics"

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Detect what is pending."""
        require_stories(options["story"])
        result = detection.detect_narratives(
            trace_id=new_trace_id(),
            options=self.run_options(options, self.stop),
            story_ids=options["story"],
            progress=self.progress(),
        )
        self.say(f"By {result.by}.")
        if options["dry_run"]:
            estimate = result.estimated_cost_usd
            self.say(f"Estimated cost: {'unknown' if estimate is None else f'{estimate:.6f} USD'}.")
        return self.present(
            result.reports,
            by=result.by,
            estimated_cost_usd=result.estimated_cost_usd,
            fingerprinted=result.fingerprinted,
            failed=result.failed,
            assigned=result.assigned,
            created=result.created,
            reactivated=result.reactivated,
            state_changes=result.state_changes,
        )
