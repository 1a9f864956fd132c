"""A process that runs the pipeline on stories of its own; for tests of what processes leave behind.

Usage: python -m tests.support.llm_run_child prepare NUMBER | run WORKERS | look
Works in the database and data folder that the environment names; models are those of the settings. Says a line of JSON.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ntrl.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from classification.models import StoryClassification  # noqa: E402
from neutralization.models import StoryNeutralized  # noqa: E402
from ntrl.llm.models import LLMCall, Reservation  # noqa: E402
from ntrl.llm.spending import cost_table, set_aside  # noqa: E402
from ntrl.pipeline.models import PipelineRunSummary, Trigger  # noqa: E402
from ntrl.pipeline.services import PipelineOptions, run_pipeline, summary_as_dict  # noqa: E402
from ntrl.stages.models import Claim  # noqa: E402
from ntrl.stages.runner import RunOptions  # noqa: E402
from ntrl.stages.signals import stop_on_signals  # noqa: E402
from tests.support.fetching import FakeFetcher  # noqa: E402
from tests.support.llm_run import articles  # noqa: E402


def prepare(number: str) -> object:
    """Make the tables and stories."""
    call_command("migrate", verbosity=0)
    now = timezone.now()
    return len(articles(int(number), published_at=now, ingested_at=now))


def run(workers: str) -> object:
    """Run the whole pipeline, and stop politely when asked."""
    with stop_on_signals() as stop:
        result = run_pipeline(
            trigger=Trigger.MANUAL,
            options=PipelineOptions(max_workers=int(workers)),
            run_options=RunOptions(stop=stop),
            fetcher=FakeFetcher(),
        )
    return summary_as_dict(result.summary)


def look() -> object:
    """Say what stands in the tables."""
    return {
        "recorded": sum(row.cost_usd for row in cost_table()) + set_aside(),
        "calls": LLMCall.objects.count(),
        "reservations": Reservation.objects.count(),
        "filed": StoryClassification.objects.filter(status="classified", method="llm").count(),
        "neutralized": StoryNeutralized.objects.filter(is_current=True, method="llm").count(),
        "versions": StoryNeutralized.objects.count(),
        "in_hand": Claim.objects.exclude(owner="").count(),
        "runs": list(PipelineRunSummary.objects.order_by("started_at").values_list("status", flat=True)),
    }


ROLES = {"prepare": prepare, "run": run, "look": look}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(ROLES[sys.argv[1]](*sys.argv[2:]), default=str) + "\n")
