"""A process that queues a run and looks at what became of it; for tests of clusters.

Usage: python -m tests.support.jobs_child prepare NUMBER | queue WORKERS LIMIT | look | lose
Works in the database and data folder that the environment names. Says a line of JSON.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ntrl.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_q.models import OrmQ, Task  # noqa: E402

from classification.models import StoryClassification  # noqa: E402
from ingestion.models import Source  # noqa: E402
from neutralization.models import StoryNeutralized  # noqa: E402
from ntrl.llm.models import LLMCall  # noqa: E402
from ntrl.pipeline.background import start_in_background  # noqa: E402
from ntrl.pipeline.models import Cluster, PipelineRunSummary, Trigger  # noqa: E402
from ntrl.pipeline.services import PipelineOptions, summary_as_dict  # noqa: E402
from ntrl.stages.models import Claim, LogStatus, PipelineLog, StageRun  # noqa: E402
from tests.support.llm_run import articles  # noqa: E402


def prepare(number: str) -> object:
    """Make the tables and stories."""
    call_command("migrate", verbosity=0)
    now = timezone.now()
    made = len(articles(int(number), published_at=now, ingested_at=now))
    Source.objects.update(is_active=False)  # nothing is to be fetched
    return made


def queue(workers: str, limit: str) -> object:
    """Queue a run."""
    options = PipelineOptions(max_workers=int(workers), classify_limit=int(limit), neutralize_limit=int(limit))
    return start_in_background(trigger=Trigger.API, options=options)


def lose() -> object:
    """Lose every row."""
    call_command("flush", verbosity=0, interactive=False)
    return True


def look() -> object:
    """Say what stands in the tables."""
    twice = (
        PipelineLog.objects.filter(status=LogStatus.COMPLETED, story_raw_id__isnull=False)
        .values("stage", "story_raw_id")
        .annotate(times=Count("pk"))
        .filter(times__gt=1)
    )
    return {
        "runs": [summary_as_dict(run) for run in PipelineRunSummary.objects.order_by("started_at")],
        "stages": list(
            StageRun.objects.order_by("pk").values_list("stage", "status", "reason", "owner", "counts", "taken")
        ),
        "clusters": Cluster.objects.count(),
        "filed": StoryClassification.objects.filter(status="classified").count(),
        "neutralized": StoryNeutralized.objects.filter(is_current=True).count(),
        "versions": StoryNeutralized.objects.count(),
        "calls": LLMCall.objects.count(),
        "in_hand": Claim.objects.exclude(owner="").count(),
        "done_twice": len(twice),
        "queued": OrmQ.objects.count(),
        "tasks": list(Task.objects.order_by("started").values_list("func", "success")),
    }


ROLES = {"prepare": prepare, "queue": queue, "look": look, "lose": lose}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(ROLES[sys.argv[1]](*sys.argv[2:]), default=str) + "\n")
