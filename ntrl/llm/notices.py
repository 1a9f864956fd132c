"""What an operator should know of a run's language models, in plain words: who dropped out, and what waits for them."""

from collections import Counter

from django.utils import timezone

from ntrl.llm.errors import CHAIN_FAILED
from ntrl.llm.spending import alert_lines
from ntrl.stages.models import Claim, FailureKind
from ntrl.stages.report import StageReport

# Of the reasons why stories wait, the commonest say enough.
REASONS_NAMED = 3


def run_notices(report: StageReport) -> list[str]:
    """The alerts of a stage's run in words, and what waits in that stage."""
    return list(filter(None, [*alert_lines(report.trace_id), waiting_line(report.stage)]))


def waiting_line(stage: str) -> str:
    """Say how many of a stage's items wait for another try at the models, and why; "" when none does."""
    waiting = Claim.objects.filter(
        stage=stage,
        owner="",
        failure_kind=FailureKind.RETRY,
        next_attempt_at__gt=timezone.now(),
        reason__startswith=CHAIN_FAILED,
    )
    reasons = Counter(reason.partition(":")[0] for reason in waiting.values_list("reason", flat=True).iterator())
    if not reasons:
        return ""
    named = ", ".join(reason for reason, _ in reasons.most_common(REASONS_NAMED))
    return f"stories that wait for another try: {reasons.total()} ({named})"
