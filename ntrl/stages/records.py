"""The rows a run leaves: its StageRun, kept alive by heartbeats, and a PipelineLog row per item."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ntrl.stages import claims
from ntrl.stages.compiled import Parameter, Statement, insert, update
from ntrl.stages.locks import hold_until_commit
from ntrl.stages.models import LogStatus, PipelineLog, RunStatus, StageRun
from ntrl.stages.owner import this_process
from ntrl.stages.report import StageReport

DIED = "its process died before the run ended"

_COUNT = Statement(
    lambda: update(
        StageRun.objects.filter(pk=Parameter("pk", StageRun, "id")), counts=Parameter("counts", StageRun, "counts")
    )
)


def new_trace_id() -> str:
    """Name a run: 32 hex digits."""
    return uuid4().hex


class RunRecord:
    """The StageRun row of this process."""

    def __init__(self, row: StageRun) -> None:
        self._row = row
        self.owner = row.owner

    @classmethod
    def begin(cls, stage: str, trace_id: str) -> "RunRecord":
        """Write that the stage runs here."""
        now = timezone.now()
        return cls(
            StageRun.objects.create(
                trace_id=trace_id, stage=stage, owner=str(this_process()), started_at=now, heartbeat_at=now
            )
        )

    def count(self, counts: Counter[str]) -> None:
        """Write the counts so far; called inside each item's transaction, so that a kill leaves true figures."""
        _COUNT.run(pk=self._row.pk, counts=dict(counts))

    @transaction.atomic
    def take_share(self, limit: int) -> bool:
        """Take one item's part of a limit that all workers of the run share; False when nothing is left of it.

        What a worker has taken counts as long as it runs; of one that has ended, or died, only what it has done.
        """
        hold_until_commit(f"limit {self._row.trace_id} {self._row.stage}")
        workers = StageRun.objects.filter(trace_id=self._row.trace_id, stage=self._row.stage)
        used = sum(
            taken if status == RunStatus.RUNNING else counts.get("total", 0)
            for status, taken, counts in workers.values_list("status", "taken", "counts")
        )
        if used >= limit:
            return False
        StageRun.objects.filter(pk=self._row.pk).update(taken=F("taken") + 1)
        return True

    def beat(self, now: datetime) -> None:
        """Say that this process lives, on its run and its claims."""
        StageRun.objects.filter(pk=self._row.pk).update(heartbeat_at=now)
        claims.beat(self.owner, now)

    def end(self, report: StageReport) -> None:
        """Write how the run ended."""
        now = timezone.now()
        StageRun.objects.filter(pk=self._row.pk, status=RunStatus.RUNNING).update(
            status=report.status,
            reason=report.error or report.stopped,
            counts=dict(report.counts),
            finished_at=now,
            heartbeat_at=now,
            duration_ms=report.duration_ms,
        )


def close_dead_runs(now: datetime) -> int:
    """Close the runs whose process died, so that nobody waits for them; returns how many."""
    closed = 0
    for run in StageRun.objects.filter(status=RunStatus.RUNNING):
        if claims.owner_is_gone(run.owner, run.heartbeat_at, now):
            closed += StageRun.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(
                status=RunStatus.FAILED,
                reason=DIED,
                finished_at=now,
                duration_ms=milliseconds(run.started_at, now),
            )
    return closed


def milliseconds(start: datetime, end: datetime) -> int:
    """How long something took; 0 when the clock was set back meanwhile."""
    return max(0, round((end - start).total_seconds() * 1000))


def counts_of_run(trace_id: str) -> dict[str, Mapping[str, int]]:
    """Sum the counts of all workers of a run, by stage."""
    sums: dict[str, Counter[str]] = {}
    for run in StageRun.objects.filter(trace_id=trace_id).order_by("pk"):
        sums.setdefault(run.stage, Counter()).update(run.counts)
    return dict(sums)


def log_item(
    *,
    stage: str,
    trace_id: str,
    item_key: str,
    status: LogStatus,
    reason: str,
    detail: str,
    story_id: UUID | None,
    entry: tuple[str, str],
    started_at: datetime,
    retry_count: int,
) -> None:
    """Write the audit trail's row of one item."""
    now = timezone.now()
    row = PipelineLog(
        stage=stage,
        trace_id=trace_id,
        item_key=item_key,
        status=status,
        failure_reason=reason[:80],
        error_message=detail,
        story_raw_id=story_id,
        entry_url=entry[0],
        entry_url_hash=entry[1],
        started_at=started_at,
        finished_at=now,
        duration_ms=milliseconds(started_at, now),
        retry_count=retry_count,
    )
    insert([row])
