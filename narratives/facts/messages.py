"""A message of a stream, and a position in one: pure values."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# Marks are kept to the microsecond, as databases keep times.
TICK = timedelta(microseconds=1)
BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
_UINT64_DIGITS = 20
# Who speaks in the messages that are stories.
NEWS_ROLE = "news"


@dataclass(frozen=True, slots=True)
class Mark:
    """A position in a stream: behind the message of this time and id; without an id, before all of that time."""

    at: datetime
    message_id: str = ""

    @property
    def key(self) -> tuple[datetime, tuple[int, int, str]]:
        """What positions are ordered by."""
        return self.at, id_key(self.message_id)

    @classmethod
    def behind_all_of(cls, at: datetime) -> "Mark":
        """The position behind every message of a time."""
        return cls(at + TICK)


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        id: unique in its stream.
        at: aware, UTC: its place in the stream.
        content: what it says.
        role: who speaks ("user", "bot", "news"); empty when nobody knows.
    """

    id: str
    at: datetime
    content: str
    role: str = ""

    @property
    def mark(self) -> Mark:
        """The position behind it."""
        return Mark(self.at, self.id)


def id_key(message_id: str) -> tuple[int, int, str]:
    """What ids of one time are ordered by, as message stores order them: none, then numbers, then the others."""
    if not message_id:
        return 0, 0, ""
    if message_id.isascii() and message_id.isdecimal() and len(message_id) <= _UINT64_DIGITS:
        return 1, int(message_id), ""
    return 2, 0, message_id


def as_utc(moment: datetime) -> datetime:
    """Read a time without a zone as UTC, whatever the host's zone is."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def as_written(moment: datetime) -> str:
    """Write a time as facts and messages have it: ISO, UTC, without a zone."""
    return as_utc(moment).replace(tzinfo=None).isoformat()


def read_time(text: object) -> datetime | None:
    """Read such a time, or one with a zone; None for what is none."""
    if not isinstance(text, str):
        return None
    try:
        return as_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None
