"""The one runner: threads, claims, retries, progress, dry run, log rows and the report, for every stage alike.

Workers compute; the main thread saves, and it alone talks to the database.
"""

import contextvars
import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, NoReturn

from django.db import connection
from django.utils import timezone

import ntrl
from ntrl.logs import tracing
from ntrl.stages import claims
from ntrl.stages.endings import Endings
from ntrl.stages.errors import RetryLater
from ntrl.stages.ledger import Ledger, OutOfMoney
from ntrl.stages.models import Claim
from ntrl.stages.pool import DaemonPool
from ntrl.stages.progress import ProgressSink, Silent
from ntrl.stages.records import RunRecord, close_dead_runs
from ntrl.stages.report import StageReport
from ntrl.stages.stage import Item, Result, Stage
from ntrl.stages.work import Work

log = logging.getLogger(__name__)

DEFAULT_WORKERS = 5
# Twice the workers: a worker that ends finds its next item ready, and memory stays bounded.
IN_HAND_PER_WORKER = 2
SECONDS_BETWEEN_HEARTBEATS = 5.0
# How long the main thread may sleep before it looks for a signal or a deadline.
WAIT_SECONDS = 0.5
BUGS_IN_A_ROW_THAT_STOP = 10
ASKED_TO_STOP = "asked to stop"
LEASE_MARGIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run a stage.

    Attributes:
        limit: items at most; None for all.
        workers: items computed at once.
        max_per_second: items begun a second at most; None for no limit.
        dry_run: show what would be done, write nothing.
        force: also take items that failed and are not due.
        stop: set from outside (a signal): items in hand are finished, no other is begun.
        on_beat: called every few seconds while the stage runs.
        is_shared: other processes work on the same stage of the same run, and `limit` is of all together.
        may_begin: asked once the process stands among the stage's workers; if it says no, nothing is done.
    """

    limit: int | None = None
    workers: int = DEFAULT_WORKERS
    max_per_second: float | None = None
    dry_run: bool = False
    force: bool = False
    stop: threading.Event | None = None
    on_beat: Callable[[], None] | None = None
    is_shared: bool = False
    may_begin: Callable[[], bool] | None = None


def run_stage(
    stage: Stage[Item, Result],
    *,
    trace_id: str,
    options: RunOptions | None = None,
    progress: ProgressSink | None = None,
    ledger: Ledger | None = None,
) -> StageReport:
    """Run one stage to the end of its pending items, its limit, or a stop.

    Returns the report; it also stands in a StageRun row (not for a dry run). What one item raises becomes a claim
    row with its reason and never ends the run. What the items' calls to models cost is paid from `ledger`.
    """
    run = _Run(stage, trace_id, options or RunOptions(), progress or Silent(), ledger)
    with tracing(trace_id):
        return run.rehearse() if run.options.dry_run else run.perform()


@contextmanager
def _frozen_start() -> Iterator[None]:
    """Spare what is loaded by now the garbage collection: to walk through all of it holds every thread up for 0.2 s."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class _Run(Generic[Item, Result]):
    """One run of one stage in this process."""

    def __init__(
        self,
        stage: Stage[Item, Result],
        trace_id: str,
        options: RunOptions,
        progress: ProgressSink,
        ledger: Ledger | None,
    ) -> None:
        self.stage = stage
        self.options = options
        self.progress = progress
        self.ledger = ledger
        self.report = StageReport(stage.name, trace_id, dry_run=options.dry_run)
        self._lease = timedelta(seconds=2 * stage.deadline_seconds) + LEASE_MARGIN
        self._in_hand: dict[Future[Result], Work[Item]] = {}
        self._overdue: dict[Future[Result], Work[Item]] = {}
        self._is_short = False  # of money: nobody begins until somebody ends
        self._ahead: Item | None = None  # read already, its turn is to come
        self._taken = 0
        self._is_used_up = False  # the limit that is shared
        self._next_start = self._last_beat = time.monotonic()

    # --- the two ways to run -------------------------------------------------------------------------------------

    def rehearse(self) -> StageReport:
        """Go through what is pending and say what would be done; nothing is computed or written."""
        for item in self._wanted():
            if self.report.counts["planned"] == self.options.limit:
                break
            claim = Claim.objects.filter(stage=self.stage.name, item_key=self.stage.key(item)).first()
            if claim is None or self._may_claim(claim, item):
                self.report.counts["planned"] += 1
                self.report.planned.append(self.stage.plan(item))
        return self.report

    def perform(self) -> StageReport:
        """Do the work."""
        started = time.monotonic()
        close_dead_runs(timezone.now())
        self._record = RunRecord.begin(self.stage.name, self.report.trace_id)
        self._endings = Endings(self.stage, self.report, self._record, self.progress)
        try:
            expected = self._expected()
            self.progress.start(self.stage.name, expected)
            log.info("%s", self.stage.start_line(expected))
            if self.options.may_begin is None or self.options.may_begin():
                with _frozen_start(), closing(DaemonPool(self.options.workers, name=self.stage.name)) as pool:
                    self._loop(pool)
        except BaseException as error:
            self.report.error = f"{type(error).__name__}: {error}"
            claims.put_back([work.claim.token for work in self._in_hand.values()])
            raise
        finally:
            for future, work in self._in_hand.items():
                if future.cancel():
                    self._close_account(work)
            self._keep_books()
            self.report.duration_ms = round((time.monotonic() - started) * 1000)
            self._record.end(self.report)
            self._say_end()
            self.progress.finish()
        return self.report

    def _say_end(self) -> None:
        report = self.report
        why = f", reason={report.error or report.stopped}" if report.error or report.stopped else ""
        line = self.stage.end_line(report.counts)
        log.info("%s, duration_ms=%d, status=%s%s", line, report.duration_ms, report.status, why)

    def _expected(self) -> int | None:
        total = self.stage.total()
        return total if total is None or self.options.limit is None else min(total, self.options.limit)

    # --- the loop ------------------------------------------------------------------------------------------------

    def _loop(self, pool: DaemonPool) -> None:
        items = self._wanted()
        while True:
            self._fill(pool, items)
            if not self._in_hand and (self._ahead is None or self._stopping() or self._limit_reached()):
                return
            done = self._wait()
            self._beat_if_due()
            self._settle_accounts(done)
            for future in done:
                self._finish(future, self._in_hand[future])
                del self._in_hand[future]  # not before: what breaks in between is put back
            self._abandon_overdue()
            if self._stopping():
                self._give_back_unbegun()

    def _wait(self) -> set[Future[Result]]:
        """Wait for a result, or for the next item's turn; not for long, since signals and deadlines are to be seen."""
        seconds = min(WAIT_SECONDS, self._pause() or WAIT_SECONDS)
        if not self._in_hand:
            time.sleep(seconds)
            return set()
        news: list[Future[Any]] = [] if self.ledger is None else [self.ledger.news()]
        done = wait([*self._in_hand, *news], timeout=seconds, return_when=FIRST_COMPLETED).done
        return {future for future in self._in_hand if future in done}

    def _fill(self, pool: DaemonPool, items: Iterator[Item]) -> None:
        room = self.options.workers * IN_HAND_PER_WORKER
        self._is_short = self._is_short and bool(self._in_hand)
        while len(self._in_hand) < room and not (self._is_short or self._stopping() or self._limit_reached()):
            self._ahead = next(items, None) if self._ahead is None else self._ahead
            if self._ahead is None or self._pause():
                return
            item, self._ahead = self._ahead, None
            work = self._claimed(item)
            if work is None:
                continue
            if not self._is_paid_for(work):
                self._ahead = item
                return
            if not self._has_share(work):
                return
            self._taken += 1
            if self.options.max_per_second is not None:
                self._next_start = time.monotonic() + 1 / self.options.max_per_second
            context = contextvars.copy_context()
            self._in_hand[pool.submit(context.run, self._compute, work)] = work

    def _wanted(self) -> Iterator[Item]:
        for item in self.stage.pending():
            self._beat_if_due()
            self._keep_books()
            if self._stopping():
                return
            if self.stage.is_wanted(item):
                yield item

    def _claimed(self, item: Item) -> Work[Item] | None:
        key, input_hash, now = self.stage.key(item), self.stage.input_hash(item), timezone.now()
        claim = claims.take(
            stage=self.stage.name,
            item_key=key,
            input_hash=input_hash,
            code_version=ntrl.__version__,
            owner=self._record.owner,
            lease=self._lease,
            now=now,
            force=self.options.force,
        )
        if claim is None:
            return None
        if not self.stage.is_pending(item):
            claims.close(claim)
            return None
        return Work(item, key, input_hash, claim, now)

    def _compute(self, work: Work[Item]) -> Result:
        work.begun = time.monotonic()
        charging = nullcontext() if work.account is None else work.account.charging()
        try:
            with charging, connection.execute_wrapper(_refuse_database):
                return self.stage.compute(work.item)
        finally:
            connection.close()  # opened only by a stage that asked for what it must not

    def _may_claim(self, claim: Claim, item: Item) -> bool:
        return claims.may_claim(
            claim,
            now=timezone.now(),
            input_hash=self.stage.input_hash(item),
            code_version=ntrl.__version__,
            force=self.options.force,
        )

    # --- money ---------------------------------------------------------------------------------------------------

    def _is_paid_for(self, work: Work[Item]) -> bool:
        """Reserve what the item may cost; it goes back when that is more than there is."""
        if self.ledger is None:
            return True
        try:
            work.account = self.ledger.open(
                stage=self.stage.name,
                item_key=work.key,
                story_id=self.stage.story_id(work.item),
                worst_case_usd=self.stage.worst_case_usd(work.item),
            )
        except OutOfMoney as refusal:
            claims.put_back([work.claim.token])
            self._is_short = True
            if not self._in_hand and not refusal.may_come_back:  # nobody is left whose reservation would come back
                self.report.stopped = str(refusal)
            return False
        return True

    def _settle_accounts(self, done: set[Future[Result]]) -> None:
        """Write what workers have sent, and close the accounts of those that have ended, also of late ones."""
        self._keep_books()
        for work in [work for future, work in self._overdue.items() if future.done() and work.account is not None]:
            self._endings.keep_late(work)
            self._close_account(work)
        for future in done:
            self._close_account(self._in_hand[future])

    def _keep_books(self) -> None:
        if self.ledger is not None:
            self.ledger.write()

    def _close_account(self, work: Work[Item]) -> None:
        account, work.account = work.account, None
        if self.ledger is not None and account is not None:
            self.ledger.close(account)
            self._is_short = False

    # --- stopping, pace and heartbeat ----------------------------------------------------------------------------

    def _limit_reached(self) -> bool:
        return self._is_used_up or (self.options.limit is not None and self._taken >= self.options.limit)

    def _has_share(self, work: Work[Item]) -> bool:
        """Take the item's part of a limit that is shared; without one, the item goes back."""
        if not self.options.is_shared or self.options.limit is None:
            return True
        if self._record.take_share(self.options.limit):
            return True
        self._is_used_up = True
        claims.put_back([work.claim.token])
        self._close_account(work)
        return False

    def _stopping(self) -> bool:
        if self.options.stop is not None and self.options.stop.is_set():
            self.report.stopped = self.report.stopped or ASKED_TO_STOP
        elif not self.options.dry_run and self._endings.bugs_in_a_row >= BUGS_IN_A_ROW_THAT_STOP:
            self.report.stopped = f"{BUGS_IN_A_ROW_THAT_STOP} items in a row ended in a bug"
        elif sum(not future.done() for future in self._overdue) >= self.options.workers:
            self.report.stopped = "every worker hangs past its deadline"
        return bool(self.report.stopped)

    def _pause(self) -> float:
        """Seconds until another item may begin."""
        return max(0.0, self._next_start - time.monotonic())

    def _beat_if_due(self) -> None:
        if not self.options.dry_run and time.monotonic() - self._last_beat >= SECONDS_BETWEEN_HEARTBEATS:
            self._last_beat = time.monotonic()
            self._record.beat(timezone.now())
            if self.options.on_beat is not None:
                self.options.on_beat()

    def _give_back_unbegun(self) -> None:
        unbegun = [self._in_hand.pop(future) for future in list(self._in_hand) if future.cancel()]
        claims.put_back([work.claim.token for work in unbegun])
        for work in unbegun:
            self._close_account(work)

    def _abandon_overdue(self) -> None:
        limit = self.stage.deadline_seconds
        for future, work in list(self._in_hand.items()):
            if work.begun is not None and time.monotonic() - work.begun > limit and not future.done():
                del self._in_hand[future]
                self._overdue[future] = work
                self._endings.fail(work, RetryLater("deadline", f"no result within {limit} s"))

    def _finish(self, future: Future[Result], work: Work[Item]) -> None:
        error = future.exception()
        if isinstance(error, OutOfMoney):
            self._endings.put_back(work)
            self.report.stopped = self.report.stopped or str(error)
        elif error is not None:
            self._endings.fail(work, error)
        else:
            self._endings.save(work, future.result())


def _refuse_database(*_: Any) -> NoReturn:
    raise RuntimeError("compute must not use the database: worker threads hold no connection")
