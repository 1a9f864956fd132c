"""The stage of the backfill: its item is a batch of narratives, so that what a claim costs is shared by all of them."""

import hashlib
import logging
import math
import time
from collections.abc import Iterator, Mapping
from contextvars import copy_context
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from narratives.backfill.sources import FocusSource
from narratives.backfill.tally import Tally
from narratives.stores.base import START, FocusStore, Found, StoreError, Unfocused, Written
from ntrl.stages.errors import ItemError
from ntrl.stages.ledger import OutOfMoney
from ntrl.stages.pool import DaemonPool
from ntrl.stages.stage import Failure, Saved, Stage

log = logging.getLogger(__name__)

FOCUS_BACKFILL_STAGE = "focus_backfill"
# Of a claim's key, which holds 200.
STORE_KEY_CHARS, ID_KEY_CHARS = 120, 70
# A failure quotes a model's reply; a line of it says enough.
REASON_CHARS = 200
# Who found a focus that stood beside.
KEPT = "kept"


@dataclass(slots=True)
class Batch:
    """Narratives that lack their focus, in the order of their ids, from behind `after` on."""

    after: Any
    narratives: list[Unfocused]


@dataclass(slots=True)
class Answers:
    """What came of a batch: foci, the reasons of those that have none, and what a foreign store took.

    `refusal` says that the money ended; who is in neither list was not asked for.
    """

    found: list[Found] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    written: Written | None = None
    refusal: OutOfMoney | None = None


class FocusBackfillStage(Stage[Batch, Answers]):
    """Fills the foci that a store lacks.

    Batches are read by id, each when its turn comes: no cursor stays open, and what is done is not found again. A
    batch's narratives are asked for side by side, and written together. A foreign store is written to by the worker:
    the runner's transaction must not wait for somebody else's server. A narrative that fails stays as it is.

    Args:
        store: where narratives are.
        source: who finds foci; None for a dry run that asks nobody.
        pool: for the calls of a batch.
        workers: how many threads it has.
        batch_size: narratives of a batch.
        limit: narratives at most; None for all.
        pause_seconds: between two batches.
    """

    name = FOCUS_BACKFILL_STAGE
    # Of a batch that waits for nobody but a store; one that waits for models has their time beside it.
    deadline_seconds = 900

    def __init__(
        self,
        *,
        store: FocusStore,
        source: FocusSource | None,
        pool: DaemonPool,
        workers: int,
        batch_size: int,
        limit: int | None,
        pause_seconds: float,
    ) -> None:
        self._store = store
        self._source = source
        self._pool = pool
        self._workers = workers
        self._batch_size = batch_size
        self._limit = limit
        self._pause_seconds = pause_seconds
        self._begun = False
        self.tally = Tally()
        # Of batches whose money ended on the way: what was found is paid for, and is to be saved all the same.
        self._unsaved: list[Answers] = []
        if source is not None:
            seconds = math.ceil(math.ceil(batch_size / workers) * source.longest_seconds)
            self.deadline_seconds += seconds  # type: ignore[misc]

    def pending(self) -> Iterator[Batch]:
        """Read batch after batch."""
        after, left = START, self._limit
        while left is None or left > 0:
            size = self._batch_size if left is None else min(self._batch_size, left)
            page = self._store.page(after, size)
            if not page:
                return
            before, after = after, page[-1].key
            left = None if left is None else left - len(page)
            yield Batch(before, page)

    def key(self, item: Batch) -> str:
        """The store and the batch's first narrative: two runs that read the same take turns."""
        return claim_key(self._store, item.narratives[0].label)

    def is_pending(self, item: Batch) -> bool:
        """Leave out what another process has filled since the batch was read."""
        try:
            missing = {narrative.key for narrative in self._store.page(item.after, len(item.narratives))}
        except StoreError:
            return True  # the worker will meet it too, and its failure is kept
        item.narratives = [narrative for narrative in item.narratives if narrative.key in missing]
        return bool(item.narratives)

    def plan(self, item: Batch) -> str:
        """Name the batch, and count it."""
        self.tally.plan(item.narratives)
        return f"would fill {len(item.narratives)} narratives from {item.narratives[0].label} on"

    def worst_case_usd(self, item: Batch) -> Decimal:
        """What the calls may cost that go out at once: later ones have what these leave, and ask for what they lack."""
        return (
            Decimal(0)
            if self._source is None
            else self._source.worst_case_usd(
                [narrative for narrative in item.narratives if not narrative.kept][: self._workers]
            )
        )

    def compute(self, item: Batch) -> Answers:
        """Find the foci side by side; write them when the store is not ours."""
        assert self._source is not None, "only a dry run does without"
        if self._begun:
            time.sleep(self._pause_seconds)
        self._begun = True
        answers = self._ask(self._source, item.narratives)
        if answers.refusal is not None:
            self._unsaved.append(answers)
            raise answers.refusal
        if self._store.is_foreign:
            answers.written = self._store.write(answers.found)
        return answers

    def save(self, item: Batch, result: Answers) -> Saved:
        """Write the foci when the store is ours, and count."""
        return Saved(counts=self._settle(result))

    def save_rest(self) -> None:
        """Save what batches had found before the money ended; the runner has put these back, and they are no item."""
        while self._unsaved:
            self._settle(self._unsaved.pop())

    def save_failure(self, item: Batch, failure: Failure) -> Mapping[str, int]:
        """The batch failed as a whole, and with it each of its narratives."""
        counts = {"narratives": len(item.narratives), "failed_narratives": len(item.narratives)}
        reason = failure.detail or failure.reason
        self.tally.add(counts, {narrative.label: reason for narrative in item.narratives})
        return counts

    def label(self, item: Batch) -> str:
        """Where the batch begins."""
        return f"the batch from {item.narratives[0].label} on"

    def _settle(self, result: Answers) -> Mapping[str, int]:
        done = len(result.found) + len(result.failed)
        written = self._store.write(result.found) if result.written is None else result.written
        refused = {str(key): reason for key, reason in written.refused.items()}
        result.failed.update(refused)
        counts = {
            "narratives": done,
            "filled": written.filled,
            "failed_narratives": len(result.failed),
            "filled_by_others": len(result.found) - written.filled - len(refused),
        }
        self.tally.add(counts, result.failed)
        return counts

    def _ask(self, source: FocusSource, narratives: list[Unfocused]) -> Answers:
        answers, asked = Answers(), []
        for narrative in narratives:
            if narrative.kept:
                answers.found.append(Found(narrative, narrative.kept, KEPT))
            elif narrative.summary:
                asked.append((narrative, self._pool.submit(copy_context().run, source.focus_of, narrative)))
            else:
                answers.failed[narrative.label] = "no_summary: there is nothing to find a focus in"
        for narrative, future in asked:
            error = future.exception()
            if error is None:
                answer = future.result()
                answers.found.append(Found(narrative, answer.focus, answer.method, answer.model))
            elif isinstance(error, OutOfMoney):
                answers.refusal = error
            else:
                answers.failed[narrative.label] = _reason(error, narrative)[:REASON_CHARS]
        return answers


def claim_key(store: FocusStore, label: str = "") -> str:
    """The key of the batch that begins with a narrative; without one the start of all keys of a store."""
    return f"{_short(store.name, STORE_KEY_CHARS)}/{_short(label, ID_KEY_CHARS)}"


def _reason(error: BaseException, narrative: Unfocused) -> str:
    """Why a call gave nothing. What would fail all calls alike is raised."""
    if isinstance(error, StoreError) or not isinstance(error, Exception):
        raise error
    if isinstance(error, ItemError):
        return str(error)
    log.error("%s %s: a bug", FOCUS_BACKFILL_STAGE, narrative.label, exc_info=error)
    return f"bug: {type(error).__name__}: {error}"


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else hashlib.sha256(text.encode(errors="replace")).hexdigest()[:most]
