"""`manage.py classify`: file stories under domain and feed category."""

from typing import Any

from classification import services
from ingestion.management.choices import require_stories
from ntrl.llm.spending import alert_lines
from ntrl.stages.command import StoryStageCommand
from ntrl.stages.models import RunStatus
from ntrl.stages.records import new_trace_id


class Command(StoryStageCommand):
    """File stories."""

    help = (
        "File each story that is not filed yet under one of 20 domains and one of ten categories: by a language model "
        "when a provider is set up, else by keywords. A story that neither can file stays out of the brief, with the "
        "reason."
    )
    default_limit = services.DEFAULT_LIMIT
    next_step = "python manage.py neutralize"

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Classify what is pending."""
        require_stories(options["story"])
        result = services.classify_pending(
            trace_id=new_trace_id(),
            options=self.run_options(options, self.stop),
            story_ids=options["story"],
            progress=self.progress(),
        )
        self.say(f"By {result.by}.")
        if options["dry_run"]:
            estimate = result.estimated_cost_usd
            self.say(f"Estimated cost: {'unknown' if estimate is None else f'{estimate:.6f} USD'}.")
        notices = alert_lines(result.report.trace_id)
        for notice in notices:
            self.say(self.style.WARNING(f"Language models: {notice}."))
        return self.present(
            [result.report],
            by=result.by,
            notices=notices,
            estimated_cost_usd=result.estimated_cost_usd,
            total=result.total,
            success=result.success,
            llm=result.llm,
            keyword=result.keyword,
            keyword_fallback=result.keyword_fallback,
            fallback_rate=result.fallback_rate,
            failed=result.failed,
        )
