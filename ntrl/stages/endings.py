"""How an item ends: its result or its failure is saved with its claim, its log row and the run's counts, as one."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Generic

from django.db import transaction
from django.utils import timezone

import ntrl
from ntrl.stages import claims
from ntrl.stages.failures import judge
from ntrl.stages.models import FailureKind, LogStatus
from ntrl.stages.progress import ProgressSink
from ntrl.stages.records import RunRecord, log_item
from ntrl.stages.report import StageReport
from ntrl.stages.stage import Failure, Item, Outcome, Result, Saved, Stage
from ntrl.stages.work import Work

log = logging.getLogger(__name__)


class Endings(Generic[Item, Result]):
    """Ends the items of one run of a stage, in the main thread.

    Attributes:
        bugs_in_a_row: how many items have ended in a bug since the last one that did not.
    """

    def __init__(
        self, stage: Stage[Item, Result], report: StageReport, record: RunRecord, progress: ProgressSink
    ) -> None:
        self._stage = stage
        self._report = report
        self._record = record
        self._progress = progress
        self.bugs_in_a_row = 0

    def save(self, work: Work[Item], result: Result) -> None:
        """Write an item's result; what saving raises is the item's failure, not the run's."""
        try:
            self._save(work, result)
        except Exception as failed:  # noqa: BLE001 - whatever it is
            self.fail(work, failed)

    def fail(self, work: Work[Item], error: BaseException) -> None:
        """Write why an item was not done."""
        try:
            self._save_failure(work, error, self._stage.save_failure)
        except Exception as failed:  # the failure's own row failed: keep at least the claim's
            log.exception("%s %s: its failure could not be saved", self._stage.name, work.key)
            self._save_failure(work, failed, lambda item, failure: {})

    def put_back(self, work: Work[Item]) -> None:
        """Undo the taking of an item whose money has run out; what was paid for it so far is kept."""
        self._keep_paid(work)
        claims.put_back([work.claim.token])

    def keep_late(self, work: Work[Item]) -> None:
        """Keep what an item has paid for that failed by its deadline, and has ended only now."""
        if claims.is_last_holder(work.claim):
            self._keep_paid(work)

    def _keep_paid(self, work: Work[Item]) -> None:
        """What can't be kept is paid for again; the item itself goes its way."""
        try:
            with transaction.atomic():
                self._stage.keep_paid(work.item)
        except Exception:
            log.exception("%s %s: what it has paid for could not be kept", self._stage.name, work.key)

    def _save(self, work: Work[Item], result: Result) -> None:
        with transaction.atomic():
            if not claims.close(work.claim):
                self._report.counts["lost"] += 1
                return
            saved = self._stage.save(work.item, result)
            counts = self._report.counts + _counts_of(saved)
            status = _LOG_STATUS[saved.outcome]
            self._log(work, status, saved.reason, saved.detail)
            self._record.count(counts)
        self.bugs_in_a_row = 0
        self._settle(work, counts, "" if saved.outcome == Outcome.SUCCESS else _why(saved))

    def _save_failure(
        self,
        work: Work[Item],
        error: BaseException,
        save_failure: Callable[[Item, Failure], Mapping[str, int]],
    ) -> None:
        failure = judge(error, attempt=work.claim.attempts, max_attempts=self._stage.max_attempts, now=timezone.now())
        with transaction.atomic():
            if not claims.release(work.claim, failure, input_hash=work.input_hash, code_version=ntrl.__version__):
                self._report.counts["lost"] += 1
                return
            counts = self._report.counts + Counter({"total": 1, str(failure.kind): 1})
            counts += Counter(unanswered=int(failure.is_unanswered))  # adding drops a zero
            counts += Counter(save_failure(work.item, failure))
            self._log(work, LogStatus.FAILED, failure.reason, failure.detail)
            self._record.count(counts)
        if failure.kind == FailureKind.BUG:
            self.bugs_in_a_row += 1
            log.error("%s %s: a bug", self._stage.name, work.key, exc_info=error)
        else:
            self.bugs_in_a_row = 0
        self._settle(work, counts, _why(failure))

    def _settle(self, work: Work[Item], counts: Counter[str], failed: str) -> None:
        self._report.counts = counts
        if failed:
            self._report.note_failure(self._stage.label(work.item), failed)
        self._progress.advance(work.key)

    def _log(self, work: Work[Item], status: LogStatus, reason: str, detail: str) -> None:
        log_item(
            stage=self._stage.log_name or self._stage.name,
            trace_id=self._report.trace_id,
            item_key=work.key,
            status=status,
            reason=reason,
            detail=detail,
            story_id=self._stage.story_id(work.item),
            entry=self._stage.entry(work.item),
            started_at=work.taken_at,
            retry_count=work.claim.attempts - 1,
        )


_LOG_STATUS = {
    Outcome.SUCCESS: LogStatus.COMPLETED,
    Outcome.SKIPPED: LogStatus.SKIPPED,
    Outcome.FAILED: LogStatus.FAILED,
}


def _counts_of(saved: Saved) -> Counter[str]:
    return Counter({"total": 1, str(saved.outcome): 1}) + Counter(saved.counts)


def _why(end: Saved | Failure) -> str:
    return f"{end.reason}: {end.detail}" if end.detail else end.reason
