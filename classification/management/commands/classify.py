"""`manage.py classify`: file stories under domain and feed category."""

from typing import Any

from classification import services
from ingestion.management.choices import require_stories
from ntrl.stages.command import StoryStageCommand
from ntrl.stages.models import RunStatus
from ntrl.stages.records import new_trace_id


class Command(StoryStageCommand):
    """File stories."""

    help = (
        "File each story that is not filed yet under one of 20 domains and one of ten categories, by keywords. "
        "A story without any evidence stays unfiled, with the reason, and out of the brief."
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
        return self.present(
            [result.report],
            total=result.total,
            success=result.success,
            llm=result.llm,
            keyword=result.keyword,
            keyword_fallback=result.keyword_fallback,
            failed=result.failed,
        )
