"""How far a stream has been read, and what that allows: decisions over plain values. Pure.

A mark is a position in the data that was processed, never the time at which a row was written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from narratives.facts.messages import TICK, Mark, Message

# A stream that nobody has marked begins here.
LOOK_BACK = timedelta(days=3)
# Fewer messages hold little and cost a call; but they don't wait for ever.
FEWEST_MESSAGES = 5
LONGEST_WAIT = timedelta(hours=24)
# Messages that one call to a model reads.
CHUNK_MESSAGES = 20
# A message may be stored after one that is younger; so far behind the mark it is still found.
OVERLAP = timedelta(minutes=15)
# Messages behind the mark that are known by id; with more of them the overlap is shorter.
MOST_RECENT = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stream has been read.

    Attributes:
        mark: behind the last message that was processed.
        since: where the overlap begins; what lies between it and the mark was processed if it is among `recent`.
        recent: ids of the processed messages of the overlap, with their times, in order.
    """

    mark: Mark
    since: Mark
    recent: tuple[Mark, ...] = ()

    @classmethod
    def at(cls, mark: Mark) -> "Progress":
        """A stream that was read so far by somebody who left no ids."""
        return cls(mark, mark)

    @property
    def known(self) -> frozenset[Mark]:
        """The messages of the overlap that are done."""
        return frozenset(self.recent)


def start(own: Progress | None, of_facts: datetime | None, now: datetime) -> Progress:
    """Where to go on: the own mark or the newest among the stream's facts, whichever is further; else the look-back.

    A mark of a fact names a time: all messages of that time are behind it. One that is further than the own mark has no
    ids: the overlap before it, as far as the own one does not know it, is read once more. It may be our own, of a turn
    that was killed before its mark was moved, and late messages lie behind neither.

    Args:
        own: the worker's own.
        of_facts: the newest time that facts are marked with; not in the future.
        now: aware.
    """
    told = None if of_facts is None else Mark.behind_all_of(of_facts)
    if own is None:
        return Progress.at(Mark(now - LOOK_BACK) if told is None else told)
    if told is None or told.key <= own.mark.key or of_facts == own.mark.at:
        return own
    since = max(own.since, Mark(told.at - OVERLAP), key=lambda each: each.key)
    return Progress(told, since, tuple(each for each in own.recent if each.key > since.key))


def is_enough(messages: Sequence[Message], now: datetime) -> bool:
    """Whether to process messages now: there are enough, or the first has waited long enough."""
    if len(messages) >= FEWEST_MESSAGES:
        return True
    return bool(messages) and now - messages[0].at >= LONGEST_WAIT


def chunks(messages: Sequence[Message]) -> list[Sequence[Message]]:
    """Cut messages, in order, into what one call reads."""
    return [messages[begin : begin + CHUNK_MESSAGES] for begin in range(0, len(messages), CHUNK_MESSAGES)]


def advanced(progress: Progress, done: Sequence[Message]) -> Progress:
    """Where a stream stands when these messages, the next ones in order, have been processed as well."""
    mark = max([progress.mark, *(message.mark for message in done)], key=lambda each: each.key)
    known = {each.key: each for each in (*progress.recent, *(message.mark for message in done))}
    floor = max(Mark(mark.at - OVERLAP), progress.since, key=lambda each: each.key)
    recent = [known[key] for key in sorted(known) if key > floor.key]
    if len(recent) > MOST_RECENT:
        floor, recent = recent[-MOST_RECENT - 1], recent[-MOST_RECENT:]
    return Progress(mark, floor, tuple(recent))


def safe_time(done: Sequence[Message], following: Message | None) -> datetime:
    """The time that facts may be marked with: every message up to it has been processed, those of that very time too.

    Args:
        done: the messages processed, in order; at least one.
        following: the next one, which was not.
    """
    last = done[-1].at
    return last if following is None or following.at > last else following.at - TICK
