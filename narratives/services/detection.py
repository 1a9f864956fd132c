"""Detection: read the stories that have no fingerprint, then put all that wait into narratives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from threading import Event
from uuid import UUID

from django.utils import timezone

from narratives.rules_in_force import load_identity
from narratives.services.assigning import unassigned
from narratives.services.derived import refresh_active
from narratives.services.foci import fill_missing_foci
from narratives.services.keys import rekey_outdated
from narratives.stage import ASSIGN_STAGE, FINGERPRINT_STAGE, AssignStage, FingerprintStage
from ntrl.llm.gateway import Gateway, open_gateway
from ntrl.stages.claims import owner_is_gone
from ntrl.stages.models import RunStatus, StageRun
from ntrl.stages.owner import this_process
from ntrl.stages.progress import ProgressSink
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage

DEFAULT_LIMIT = 500
EMBEDDED = "rules (embedded default: no provider of its chain is set up)"
# Another process that reads or assigns is waited for: so long, looking so often.
WAIT_SECONDS = 120.0
SECONDS_BETWEEN_LOOKS = 0.25
WAITED_IN_VAIN = "another process is still at work on narratives; its run, or the next, goes on"


@dataclass(frozen=True, slots=True)
class DetectResult:
    """What a detection did: stories read and put in, narratives made, reactivated and changed in state.

    Attributes:
        by: who reads, for people: the chain of models, or the embedded default.
        estimated_cost_usd: of what a dry run would do; None when no price is known.
    """

    by: str
    estimated_cost_usd: Decimal | None
    fingerprinted: int
    failed: int
    assigned: int
    created: int
    reactivated: int
    state_changes: int
    reports: tuple[StageReport, ...]


def detect_narratives(
    *,
    trace_id: str,
    options: RunOptions,
    story_ids: Sequence[UUID] = (),
    progress: ProgressSink | None = None,
    gateway: Gateway | None = None,
) -> DetectResult:
    """Read what is not read yet, then assign what waits, then let time pass for the narratives' states.

    `gateway` is that of the run, opened here when it is not given; without any provider in its chain, rules read.
    """
    gateway = gateway or open_gateway(trace_id)
    stage = FingerprintStage(story_ids=story_ids, force=options.force, gateway=gateway)
    ledger = gateway.ledger if stage.model else None
    reading = run_stage(stage, trace_id=trace_id, options=options, progress=progress, ledger=ledger)
    reports, changes = [reading], 0
    if not options.dry_run:
        reports += assign_pending(trace_id=trace_id, options=options, progress=progress)
        changes = refresh_active(timezone.now())
    assigned = reports[1:]
    return DetectResult(
        by=stage.model.names if stage.model else EMBEDDED,
        estimated_cost_usd=stage.planned_usd,
        fingerprinted=reading.counts["success"],
        failed=reading.counts["failed"],
        assigned=sum(report.counts["stories"] for report in assigned),
        created=sum(report.counts["created"] for report in assigned),
        reactivated=sum(report.counts["reactivated"] for report in assigned),
        state_changes=changes,
        reports=tuple(reports),
    )


def assign_pending(
    *, trace_id: str, options: RunOptions, progress: ProgressSink | None = None
) -> Iterator[StageReport]:
    """Assign what waits, batch by batch, once nobody reads stories any more; yields each batch's report."""
    stop = options.stop or Event()
    rules = load_identity()
    rekey_outdated(rules)
    fill_missing_foci(rules)
    alone = replace(options, workers=1, limit=None, force=False)
    waited = 0.0
    while unassigned().exists() and not stop.is_set():
        report = None if _others_read() else run_stage(AssignStage(rules), trace_id=trace_id, options=alone)
        if report is not None and report.counts:
            yield report
            if not report.counts["success"]:
                return
        elif waited >= WAIT_SECONDS:
            yield StageReport(ASSIGN_STAGE, trace_id, stopped=WAITED_IN_VAIN)
            return
        else:
            waited += SECONDS_BETWEEN_LOOKS
            stop.wait(SECONDS_BETWEEN_LOOKS)


def _others_read() -> bool:
    """Whether another living process is reading stories."""
    now = timezone.now()
    running = StageRun.objects.filter(stage=FINGERPRINT_STAGE, status=RunStatus.RUNNING)
    others = running.exclude(owner=str(this_process()))
    return any(not owner_is_gone(run.owner, run.heartbeat_at, now) for run in others)
