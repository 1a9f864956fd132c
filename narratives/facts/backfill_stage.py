"""The stages of the timestamp backfill and of its undoing: an item is a batch of one bot's facts, written together."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from narratives.facts.errors import StoreError, UnknownBot
from narratives.facts.ports import FactStore, MessageStore, UnmarkedFact, Written
from ntrl.stages.stage import Failure, Saved, Stage

_Value = TypeVar("_Value")
TIMESTAMP_BACKFILL_STAGE = "fact_timestamps"
TIMESTAMP_ROLLBACK_STAGE = "fact_timestamps_rollback"


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts of one bot, in the order in which they are written; for a backfill with the mark of each."""

    bot: str
    ids: tuple[UUID, ...]
    latest: Mapping[UUID, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class BotTally:
    """What became of one bot's facts. `reasons` says of each failed one why; `latest` is each user's newest mark."""

    updated: int = 0
    planned: int = 0
    failed: int = 0
    no_messages: int = 0
    unchanged: int = 0
    reasons: dict[str, str] = field(default_factory=dict)
    latest: dict[str, datetime] = field(default_factory=dict)

    def fail(self, facts: Mapping[UUID, str]) -> None:
        """Count facts that failed."""
        self.failed += len(facts)
        self.reasons.update((str(fact), why) for fact, why in facts.items())


class _BatchStage(Stage[Batch, None]):
    """What both share: batches, one transaction each, counted by bot.

    Args:
        facts: where facts are.
        bots: whose facts, in order.
        batch_size: facts of a batch.
        now: aware.
    """

    def __init__(self, *, facts: FactStore, bots: Sequence[str], batch_size: int, now: datetime) -> None:
        self._facts = facts
        self._batch_size = batch_size
        self._now = now
        self.by_bot = {bot: BotTally() for bot in bots}

    def key(self, item: Batch) -> str:
        """The batch's first fact: two runs that read the same take turns."""
        return str(item.ids[0])

    def label(self, item: Batch) -> str:
        """Whose facts."""
        return f"{len(item.ids)} facts of {item.bot}"

    def plan(self, item: Batch) -> str:
        """Count the batch."""
        self.by_bot[item.bot].planned += len(item.ids)
        return f"would change {self.label(item)}"

    def compute(self, item: Batch) -> None:
        """Nothing: what is written was read with the batch."""

    def save(self, item: Batch, result: None) -> Saved:
        """Write the batch, in a transaction of the facts' database, which ends before the log's."""
        written, tally = self._write(item), self.by_bot[item.bot]
        tally.updated += written.changed
        tally.unchanged += len(item.ids) - written.changed - len(written.refused)
        tally.fail(written.refused)
        return Saved(counts={"facts": len(item.ids), "updated": written.changed, "failed_facts": len(written.refused)})

    def save_failure(self, item: Batch, failure: Failure) -> Mapping[str, int]:
        """The batch failed as a whole."""
        self.by_bot[item.bot].fail(dict.fromkeys(item.ids, failure.detail or failure.reason))
        return {"facts": len(item.ids), "failed_facts": len(item.ids)}

    @abstractmethod
    def _write(self, item: Batch) -> Written:
        """Change the batch's facts."""


class TimestampBackfillStage(_BatchStage):
    """Marks facts with the time of the last message at or before their creation.

    The messages of a user are read once, in order, for all facts about that user. "At or before" can only be too
    early, never too late: at worst messages are read once more, never missed.
    """

    name = TIMESTAMP_BACKFILL_STAGE

    def __init__(
        self,
        *,
        facts: FactStore,
        messages: MessageStore,
        bots: Sequence[str],
        batch_size: int,
        now: datetime,
    ) -> None:
        super().__init__(facts=facts, bots=bots, batch_size=batch_size, now=now)
        self._messages = messages

    def pending(self) -> Iterator[Batch]:
        """Gather batch after batch, bot by bot; what can't be answered is counted on the way."""
        for bot, tally in self.by_bot.items():
            for marks in _batches(self._marks(bot, tally), self._batch_size):
                latest = dict(marks)
                yield Batch(bot, tuple(latest), latest)

    def _marks(self, bot: str, tally: BotTally) -> Iterator[tuple[UUID, datetime]]:
        """Yield facts with their marks, user by user. A store that can't be read fails all that is left of the bot."""
        trouble = ""
        for user in self._facts.unmarked_users(bot):
            facts = self._facts.unmarked(bot, user)
            if not trouble:
                try:
                    yield from self._of_user(bot, user, facts, tally)
                    continue
                except UnknownBot as error:
                    trouble = f"no messages can be looked for: {error.detail}"
                except StoreError as error:
                    trouble = error.detail
            tally.fail({fact.id: trouble for fact in facts})

    def _of_user(
        self, bot: str, user: str, facts: Sequence[UnmarkedFact], tally: BotTally
    ) -> list[tuple[UUID, datetime]]:
        dated = {fact.id: fact.created_at for fact in facts if fact.created_at is not None and not fact.trouble}
        found = self._messages.latest_at(bot, user, sorted(dated.values())) if dated else {}
        marks = [(fact, found[at]) for fact, at in dated.items() if at in found]
        tally.no_messages += len(dated) - len(marks)
        tally.fail({fact.id: fact.trouble for fact in facts if fact.trouble})
        if marks:
            tally.latest[user] = max(at for _, at in marks)
        return marks

    def _write(self, item: Batch) -> Written:
        return self._facts.mark(item.latest, self._now)


class TimestampRollbackStage(_BatchStage):
    """Removes exactly what the backfill has added."""

    name = TIMESTAMP_ROLLBACK_STAGE

    def pending(self) -> Iterator[Batch]:
        """Gather the facts that carry it, bot by bot."""
        for bot in self.by_bot:
            for ids in _batches(self._facts.backfilled(bot), self._batch_size):
                yield Batch(bot, ids)

    def plan(self, item: Batch) -> str:
        """Count what would be restored, and what has been marked anew since."""
        tally, restorable = self.by_bot[item.bot], self._facts.count_restorable(item.ids)
        tally.planned += restorable
        tally.unchanged += len(item.ids) - restorable
        return f"would restore {restorable} of {self.label(item)}"

    def _write(self, item: Batch) -> Written:
        return self._facts.unmark(item.ids)


def total(by_bot: Mapping[str, BotTally]) -> Counter[str]:
    """The sums over all bots."""
    sums: Counter[str] = Counter()
    for tally in by_bot.values():
        sums.update(
            updated=tally.updated,
            planned=tally.planned,
            failed=tally.failed,
            no_messages=tally.no_messages,
            unchanged=tally.unchanged,
        )
    return sums


def _batches(values: Iterable[_Value], size: int) -> Iterator[tuple[_Value, ...]]:
    rest = iter(values)
    while batch := tuple(islice(rest, size)):
        yield batch
