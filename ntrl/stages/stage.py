"""What a job is: `Stage`. The runner (`ntrl.stages.runner`) owns everything else."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from ntrl.stages.models import FailureKind

Item = TypeVar("Item")
Result = TypeVar("Result")


class Outcome(StrEnum):
    """What became of an item that was saved."""

    SUCCESS = "success"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Saved:
    """What `save` did. `counts` adds the stage's own figures to the report (articles stored, duplicates, …)."""

    outcome: Outcome = Outcome.SUCCESS
    reason: str = ""
    detail: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an item was not done.

    Attributes:
        attempt: how many tries it has had, this one included if it counts.
        retry_at: None when nobody will try again by themselves.
        was_tried: False when the other side was not even asked, so that this try does not count.
        is_unanswered: whether a provider outside gave nothing of use.
    """

    kind: FailureKind
    reason: str
    detail: str
    attempt: int
    retry_at: datetime | None
    was_tried: bool = True
    is_unanswered: bool = False


class Stage(ABC, Generic[Item, Result]):
    """One job of the pipeline, or a backfill.

    `compute` runs in worker threads, side by side, and must not use the database; all else runs in the main thread
    and may. One instance serves one run.
    """

    name: ClassVar[str]
    # The stage's word in PipelineLog, where it differs (the specification's `ingest` is our `articles`).
    log_name: ClassVar[str] = ""
    # The longest one item may compute; the lease is longer.
    deadline_seconds: ClassVar[int] = 120
    max_attempts: ClassVar[int] = 4

    @abstractmethod
    def pending(self) -> Iterator[Item]:
        """Yield what is to be done, newest first, without holding more than a page in memory."""

    @abstractmethod
    def key(self, item: Item) -> str:
        """Name the item, the same in every run (at most 200 characters)."""

    @abstractmethod
    def plan(self, item: Item) -> str:
        """Say in one line what would be done, for a dry run: no network, no model, no write."""

    @abstractmethod
    def compute(self, item: Item) -> Result:
        """Do the slow part. Raises RetryLater or Quarantined; any other exception is a bug of ours."""

    @abstractmethod
    def save(self, item: Item, result: Result) -> Saved:
        """Write one item's result. The runner has opened the transaction and checked the claim."""

    def save_failure(self, item: Item, failure: Failure) -> Mapping[str, int]:
        """Write the row that says why the item failed; returns counts to add. The claim itself keeps the reason."""
        return {}

    def keep_paid(self, item: Item) -> None:
        """Keep what was paid for an item that goes back for want of money, or whose worker ended after its deadline.

        What a failure has paid for is for `save_failure` to keep. The runner has opened the transaction.
        """

    def is_pending(self, item: Item) -> bool:
        """Say whether an item is still to be done. Asked once it is claimed, since what `pending` read may be old.

        Another process may have finished the item, and let go of its claim, in between.
        """
        return True

    def is_wanted(self, item: Item) -> bool:
        """Say, from what `pending` read and without a query, whether the item is to be done at all.

        The runner asks, rather than `pending` leaving items out, so that it lives and stops in a long row of them.
        """
        return True

    def total(self) -> int | None:
        """How many items are pending, for the progress bar; None when counting would cost too much."""
        return None

    def label(self, item: Item) -> str:
        """Name the item for people."""
        return self.key(item)

    def worst_case_usd(self, item: Item) -> Decimal:
        """What the item's calls to models may cost, in US dollars: reserved before it is handed to a worker.

        Calls that need more ask for it one by one, so this need not be a bound. It keeps a run whose budget ends from
        beginning what it can't finish.
        """
        return Decimal(0)

    def start_line(self, total: int | None) -> str:
        """What the log says when the stage starts."""
        return f"{self.name}: starting, {'an unknown number of' if total is None else total} items pending"

    def end_line(self, counts: Counter[str]) -> str:
        """What the log says when the stage has ended."""
        figures = "".join(f", {name}={number}" for name, number in sorted(counts.items()) if name != "total")
        return f"{self.name}: ended: total={counts['total']}{figures}"

    def input_hash(self, item: Item) -> str:
        """Hash what the result depends on; a failed item whose hash has changed is tried again."""
        return ""

    def story_id(self, item: Item) -> UUID | None:
        """Return the story the item is about, for the log."""
        return None

    def entry(self, item: Item) -> tuple[str, str]:
        """Return the address the item came from and its url_hash, for the log of ingestion."""
        return "", ""
