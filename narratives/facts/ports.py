"""What the worker and the backfill need of the outside: a store of messages, a store of facts, somebody who reads."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from narratives.facts.messages import Mark, Message


@dataclass(frozen=True, slots=True)
class Stream:
    """The messages of one user to one bot. While `version` is the same, nothing is new; empty when nobody knows."""

    user: str
    version: str = ""


class MessageStore(Protocol):
    """Messages in streams. Called by the main thread alone; any method may raise StoreError."""

    @property
    def name(self) -> str:
        """What and where, in one line for people, without credentials."""

    def bots(self) -> list[str]:
        """Name the bots that have messages here, in order."""

    def streams(self, bot: str, until: datetime) -> list[Stream]:
        """Name a bot's streams, without reading their messages; versions are of what is there up to a time.

        Raises:
            UnknownBot: there is no such bot.
        """

    def with_news(
        self, bot: str, behind: Mapping[str, tuple[Mark, Collection[Mark]]], until: datetime
    ) -> Collection[str]:
        """Name the users whose streams hold messages that `after` would yield, in as few requests as may be.

        One that holds none may be named, never one left out that holds some.

        Args:
            bot: whose.
            behind: of each user what `after` takes: the mark, and the messages to leave out.
            until: nothing younger counts.
        """

    def latest_at(self, bot: str, user: str, moments: Sequence[datetime]) -> Mapping[datetime, datetime]:
        """The time of the last message at or before each moment, in one ordered read; a moment without one is left out.

        Raises:
            UnknownBot: there is no such bot.
        """

    def after(
        self, bot: str, user: str, mark: Mark, *, until: datetime, known: Collection[Mark] = ()
    ) -> Iterator[Message]:
        """Yield the messages behind a mark, up to a time, ordered by time and id, a page a read, to the end.

        Args:
            bot: whose.
            user: whose.
            mark: nothing at or before it is yielded.
            until: nothing younger is yielded.
            known: messages to leave out; one of them that has another time by now is not left out.
        """


@dataclass(frozen=True, slots=True)
class ExtractedFact:
    """A fact, and the words of the message that say so."""

    entity_type: str
    entity_name: str
    relationship_type: str
    confidence: float
    evidence: str
    message: Message


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was found in a chunk of messages, by whom; `model` and `prompt_version` are empty without one."""

    facts: tuple[ExtractedFact, ...]
    method: str
    model: str = ""
    prompt_version: str = ""


class Extractor(Protocol):
    """Finds facts in a chunk of messages. Thread-safe, without a database."""

    @property
    def name(self) -> str:
        """Who reads, for people."""

    @property
    def identity(self) -> tuple[str, ...]:
        """What an answer depends on besides the messages."""

    def extract(self, messages: Sequence[Message]) -> Extraction:
        """Read a chunk. Raises ItemError, OutOfMoney."""

    def worst_case_usd(self, messages: Sequence[Message]) -> Decimal:
        """What reading a chunk may cost."""


@dataclass(frozen=True, slots=True)
class UnmarkedFact:
    """A fact of a bot that says nothing of how far messages had been read.

    Attributes:
        created_at: None when nobody knows.
        trouble: why it can't be marked, whatever the messages say.
    """

    id: UUID
    bot: str
    user: str
    created_at: datetime | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows a write changed, and by id why others were refused. The rest needed no change."""

    changed: int
    refused: Mapping[UUID, str] = field(default_factory=dict)


class FactStore(Protocol):
    """Facts about users, and the marks that they carry. Any method may raise StoreError."""

    # The database that it writes to.
    alias: str

    @property
    def name(self) -> str:
        """Where, in one line for people, without credentials."""

    def require_right(self) -> None:
        """See that marks could be written and nothing else would change. Raises StoreError."""

    def count_unmarked(self, bot: str = "") -> Mapping[str, int]:
        """How many facts lack their mark, by bot."""

    def unmarked_users(self, bot: str) -> list[str]:
        """Name the users about whom a bot has facts that lack their mark, in order."""

    def unmarked(self, bot: str, user: str) -> list[UnmarkedFact]:
        """A bot's facts about a user that lack their mark, by time and id."""

    def mark(self, latest: Mapping[UUID, datetime], now: datetime) -> Written:
        """Mark the facts that still lack it, in one transaction; nothing else of a row changes."""

    def count_backfilled(self, bot: str = "") -> Mapping[str, int]:
        """How many facts carry what `mark` has added, by bot."""

    def backfilled(self, bot: str) -> list[UUID]:
        """A bot's facts that carry what `mark` has added."""

    def count_restorable(self, ids: Sequence[UUID]) -> int:
        """How many of these facts `unmark` would change as they stand now."""

    def unmark(self, ids: Sequence[UUID]) -> Written:
        """Remove exactly what `mark` has added, in one transaction."""

    def newest_marks(self, bot: str, until: datetime, users: Collection[str] | None = None) -> Mapping[str, datetime]:
        """The newest mark among a bot's facts about some users, or all, by user; one behind `until` is none."""

    def require_user(self, user: str) -> None:
        """See that facts about a user could be stored. Raises StoreError."""

    def add(
        self, *, bot: str, user: str, extractions: Sequence[Extraction], marked: datetime, now: datetime
    ) -> Written:
        """Store facts, in one transaction; one that can't be stored is refused alone.

        Args:
            bot: who heard them.
            user: whose.
            extractions: what was found.
            marked: up to when the stream's messages have been processed.
            now: aware.
        """
