"""The timestamp backfill as a whole: which facts of which bots, one run of its stage, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from django.utils import timezone

from narratives.facts.backfill_stage import (
    TIMESTAMP_BACKFILL_STAGE,
    TIMESTAMP_ROLLBACK_STAGE,
    BotTally,
    TimestampBackfillStage,
    TimestampRollbackStage,
    total,
)
from narratives.facts.errors import UnknownBot
from narratives.facts.ports import FactStore, MessageStore
from ntrl.stages import claims
from ntrl.stages.models import Claim
from ntrl.stages.progress import ProgressSink
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage

BATCH_SIZE = 100


@dataclass(frozen=True, slots=True)
class BackfillOptions:
    """How to run the backfill.

    Attributes:
        bot: only this one's facts; all when empty.
        batch_size: facts written in one transaction.
        dry_run: show what would be done, write nothing.
        stop: set from outside (a signal): the batch in hand is finished, no other is begun.
    """

    bot: str = ""
    batch_size: int = BATCH_SIZE
    dry_run: bool = False
    stop: Event | None = None


@dataclass(frozen=True, slots=True)
class BackfillResult:
    """What a run did. `found` is how many facts there were, by bot, before it."""

    found: Mapping[str, int]
    by_bot: Mapping[str, BotTally]
    report: StageReport

    @property
    def failed(self) -> int:
        """How many facts failed."""
        return total(self.by_bot)["failed"]


def backfill_timestamps(
    *,
    facts: FactStore,
    messages: Callable[[], MessageStore],
    options: BackfillOptions,
    trace_id: str,
    progress: ProgressSink | None = None,
    found: Callable[[Mapping[str, int]], None] = lambda counts: None,
    now: datetime | None = None,
) -> BackfillResult:
    """Mark the facts that lack their mark. Run again, it changes nothing more.

    Args:
        facts: where facts are.
        messages: opens where messages are; not asked when no fact lacks its mark.
        options: how.
        trace_id: of the run.
        progress: told of each batch.
        found: told how many facts there are, by bot, before anything is read.
        now: what the facts are dated with; by default the clock's time.

    Raises:
        StoreError: the facts can't be read, or may not be changed without their triggers (told before any message is
            read, in a dry run too), or messages can't be had at all, or nobody knows the bot that is named.
    """
    counts = facts.count_unmarked(options.bot)
    found(counts)
    if counts:
        facts.require_right()
    store = messages() if counts or options.bot else None
    if store is not None and options.bot and not counts and options.bot not in store.bots():
        raise UnknownBot(f"Nobody knows a bot {options.bot!r}. Messages are there of: {', '.join(store.bots())}.")
    if store is None or not counts:
        return BackfillResult(counts, {}, StageReport(TIMESTAMP_BACKFILL_STAGE, trace_id, dry_run=options.dry_run))
    stage = TimestampBackfillStage(
        facts=facts,
        messages=store,
        bots=sorted(counts),
        batch_size=options.batch_size,
        now=now or timezone.now(),
    )
    return BackfillResult(counts, stage.by_bot, _run(stage, options, trace_id, progress))


def rollback_timestamps(
    *, facts: FactStore, options: BackfillOptions, trace_id: str, progress: ProgressSink | None = None
) -> BackfillResult:
    """Remove what the backfill has added, also that of runs long ago. Raises StoreError, as the backfill does."""
    counts = facts.count_backfilled(options.bot)
    if counts:
        facts.require_right()
    stage = TimestampRollbackStage(facts=facts, bots=sorted(counts), batch_size=options.batch_size, now=timezone.now())
    return BackfillResult(counts, stage.by_bot, _run(stage, options, trace_id, progress))


def _run(
    stage: TimestampBackfillStage | TimestampRollbackStage,
    options: BackfillOptions,
    trace_id: str,
    progress: ProgressSink | None,
) -> StageReport:
    """Run a stage, one batch at a time; what failed before is taken up at once, since somebody asks for it."""
    if not options.dry_run:
        _clear_claims(stage.name)
    chosen = RunOptions(workers=1, dry_run=options.dry_run, force=True, stop=options.stop)
    return run_stage(stage, trace_id=trace_id, options=chosen, progress=progress)


def _clear_claims(stage: str) -> None:
    """Forget the batches of earlier runs that nobody has in hand: the next ones begin elsewhere."""
    assert stage in {TIMESTAMP_BACKFILL_STAGE, TIMESTAMP_ROLLBACK_STAGE}
    now = timezone.now()
    for claim in Claim.objects.filter(stage=stage):
        if not claims.is_held(claim, now):
            claims.close(claim)
