"""The backfill of foci: one run of its stage over one store, and the true state of the store afterwards."""

import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event

from django.utils import timezone

from narratives.backfill.sources import Estimate, FocusSource
from narratives.backfill.stage import FOCUS_BACKFILL_STAGE, FocusBackfillStage, claim_key
from narratives.backfill.tally import Tally
from narratives.stores.base import START, FocusStore, Spent, StoreError
from ntrl.llm.spending import Used, used_in
from ntrl.llm.types import Operation
from ntrl.stages import claims
from ntrl.stages.models import Claim
from ntrl.stages.pool import DaemonPool
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage

log = logging.getLogger(__name__)

# Narratives before it are of little use to anybody now (the ticket of the backfill).
SINCE = datetime(2025, 12, 1, tzinfo=UTC)
BATCH_SIZE = 50
# Calls side by side: a batch of short ones is done in a few seconds, and no provider takes it for an attack.
WORKERS = 10
PAUSE_SECONDS = 0.1
# Progress is said when so many more are done.
SAID_EVERY = 50

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BackfillOptions:
    """How to run the backfill.

    Attributes:
        limit: narratives at most; None for all.
        batch_size: narratives read and written together.
        workers: calls side by side inside a batch, of a source that waits for somebody else.
        pause_seconds: between two batches.
        dry_run: show what would be done and what it would cost; write nothing.
        stop: set from outside (a signal): the batch in hand is finished, no other is begun.
    """

    limit: int | None = None
    batch_size: int = BATCH_SIZE
    workers: int = WORKERS
    pause_seconds: float = PAUSE_SECONDS
    dry_run: bool = False
    stop: Event | None = None


@dataclass(frozen=True, slots=True)
class BackfillResult:
    """What a run did.

    Attributes:
        found: narratives that lacked their focus before.
        missing: those that lack it now.
        tally: the run's figures.
        left_alone: lines on narratives that are not to be filled, and why.
        estimate: of a dry run; None when nobody is there to find foci.
        used: what calls to models took, also those that failed.
        report: the stage's own.
        duration_seconds: of all of it.
    """

    found: int
    missing: int
    tally: Tally
    left_alone: tuple[str, ...]
    estimate: Estimate | None
    used: Used
    report: StageReport
    duration_seconds: float


def backfill_focus(
    *, store: FocusStore, source: FocusSource | None, options: BackfillOptions, trace_id: str, say: Say
) -> BackfillResult:
    """Fill the foci that a store lacks; narratives that fail stay as they are, and are named.

    A run takes up what failed before at once: somebody asks for it.

    Args:
        store: where narratives are.
        source: who finds foci; may be None for a dry run only.
        options: how.
        trace_id: of the run.
        say: told of the progress, in lines.

    Raises:
        StoreError: the store holds no narratives at all, or can't be used.
    """
    started = time.monotonic()
    store.require_narratives()
    found = store.count()
    say(f"Found {found} narratives without a focus")
    if source is not None:
        say(f"Foci are found {source.name}")
    if not options.dry_run:
        _clear_claims(store)
    workers = options.workers if source is not None and source.waits else 1
    with closing(DaemonPool(workers, name=FOCUS_BACKFILL_STAGE)) as pool:
        stage = FocusBackfillStage(
            store=store,
            source=source,
            pool=pool,
            workers=workers,
            batch_size=options.batch_size,
            limit=options.limit,
            pause_seconds=options.pause_seconds,
        )
        total = found if options.limit is None else min(found, options.limit)
        report = run_stage(
            stage,
            trace_id=trace_id,
            # One batch at a time: its calls go side by side, and a kill loses no more than it.
            options=RunOptions(workers=1, dry_run=options.dry_run, force=True, stop=options.stop),
            progress=_Progress(stage.tally, total, say),
            ledger=None if source is None else source.ledger,
        )
        stage.save_rest()
    tally, used = stage.tally, used_in(trace_id)
    _note_cost(store, used)
    return BackfillResult(
        found=found,
        missing=store.count() if store.page(START, 1) else 0,
        tally=tally,
        left_alone=tuple(store.left_alone()),
        estimate=source.estimate(tally.planned, tally.planned_chars) if source and options.dry_run else None,
        used=used,
        report=report,
        duration_seconds=time.monotonic() - started,
    )


class _Progress:
    """Says how many narratives are done, where the runner counts batches."""

    def __init__(self, tally: Tally, total: int, say: Say) -> None:
        self._tally, self._total, self._say = tally, total, say
        self._said = 0

    def start(self, stage: str, total: int | None) -> None:
        """Said already."""

    def advance(self, item: str) -> None:
        """A batch is done."""
        if self._tally.processed // SAID_EVERY > self._said // SAID_EVERY:
            self._tell()

    def finish(self) -> None:
        """Say how far it came."""
        if self._said < self._tally.processed:
            self._tell()

    def _tell(self) -> None:
        self._said = self._tally.processed
        line = f"Processed {self._said}/{max(self._total, self._said)} narratives"
        self._say(line)
        log.info("%s: %s", FOCUS_BACKFILL_STAGE, line)


def _clear_claims(store: FocusStore) -> None:
    """Forget the batches of earlier runs that nobody has in hand: the next ones begin elsewhere."""
    now = timezone.now()
    for claim in Claim.objects.filter(stage=FOCUS_BACKFILL_STAGE, item_key__startswith=claim_key(store)):
        if not claims.is_held(claim, now):
            claims.close(claim)


def _note_cost(store: FocusStore, used: Used) -> None:
    """Tell the store what was spent. That it can't be told is no reason to call the run failed."""
    if not used.models:
        return
    spent = Spent(
        operation=Operation.NARRATIVE_FOCUS_BACKFILL.value,
        model=", ".join(used.models),
        tokens_input=used.tokens_input,
        tokens_output=used.tokens_output,
        cost_usd=used.cost_usd,
        at=timezone.now(),
    )
    try:
        store.note_cost(spent)
    except StoreError as error:
        log.warning("%s: what was spent could not be noted: %s", FOCUS_BACKFILL_STAGE, error.detail)
