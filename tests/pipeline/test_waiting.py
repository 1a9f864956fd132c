"""Stories that wait for another try at the language models are named by the run that leaves them alone."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from ntrl.pipeline.models import PipelineRunSummary, Trigger
from ntrl.pipeline.services import run_pipeline
from ntrl.stages.models import Claim, FailureKind
from tests.support.fetching import FakeFetcher

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=4)


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


def a_claim(key: str, reason: str, kind: str = FailureKind.RETRY, stage: str = "neutralize") -> None:
    waits = timezone.now() + MINUTES if kind == FailureKind.RETRY else None
    Claim.objects.create(stage=stage, item_key=key, failure_kind=kind, reason=reason, next_attempt_at=waits)


def run() -> PipelineRunSummary:
    return run_pipeline(trigger=Trigger.MANUAL, fetcher=FakeFetcher()).summary


def test_a_run_names_the_stories_that_wait() -> None:
    for number in range(3):
        a_claim(f"{number}", "llm_http_401: openai gpt-6-luna: http_401")
    a_claim("out", "llm_provider_out: openai gpt-6-luna: provider_out")
    a_claim("storage", "body_unavailable: away")
    a_claim("refused", "llm_refused: openai gpt-6-luna: refused", FailureKind.QUARANTINE)
    a_claim("page", "llm_http_500", stage="articles")

    summary = run()

    assert summary.notice.endswith("; stories that wait for another try: 4 (llm_http_401, llm_provider_out)")
    assert summary.notice.count("wait for another try") == 1
    summary.refresh_from_db()
    assert "stories that wait" in summary.notice


def test_a_run_without_such_stories_says_nothing_of_them() -> None:
    a_claim("due", "llm_http_401: openai gpt-6-luna: http_401")
    Claim.objects.update(next_attempt_at=timezone.now() - MINUTES)
    assert "wait for another try" not in run().notice
