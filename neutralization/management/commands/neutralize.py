"""`manage.py neutralize`: make stories' neutral texts."""

from typing import Any

from ingestion.management.choices import require_stories
from neutralization import services
from ntrl.llm.notices import run_notices
from ntrl.stages.command import StoryStageCommand
from ntrl.stages.models import RunStatus
from ntrl.stages.records import new_trace_id


class Command(StoryStageCommand):
    """Neutralize stories."""

    help = (
        "Find manipulative phrases in each pending story, edit just those places, write brief, titles and summary, "
        "and audit the result: by language models when a provider is set up, else by the lexicon. Only what passes is "
        "ever shown; everything else is kept with its reason. --dry-run estimates the cost."
    )
    default_limit = services.DEFAULT_LIMIT
    next_step = "python manage.py assemble_brief"

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Neutralize what is pending."""
        require_stories(options["story"])
        result = services.neutralize_pending(
            trace_id=new_trace_id(),
            options=self.run_options(options, self.stop),
            story_ids=options["story"],
            progress=self.progress(),
        )
        self.say(f"By {result.by}.")
        if options["dry_run"]:
            estimate = result.estimated_cost_usd
            self.say(f"Estimated cost: {'unknown' if estimate is None else f'{estimate:.6f} USD'}.")
        notices = run_notices(result.report)
        for notice in notices:
            self.say(self.style.WARNING(f"Language models: {notice}."))
        return self.present(
            [result.report],
            by=result.by,
            notices=notices,
            estimated_cost_usd=result.estimated_cost_usd,
            total_processed=result.total_processed,
            total_success=result.total_success,
            total_skipped=result.total_skipped,
            total_failed=result.total_failed,
        )
