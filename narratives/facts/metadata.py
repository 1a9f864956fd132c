"""What a fact's metadata say of its mark, what the backfill adds there, and how that is taken away again. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from narratives.facts.messages import as_written

LATEST = "latest_message_timestamp"
BACKFILLED_AT = "backfilled_at"
REASON = "backfill_reason"
BOT = "bot_name"
# What the backfill may add; what it added to a fact is said by that fact's reason.
ADDED_KEYS = (LATEST, BACKFILLED_AT, REASON)


class Before(StrEnum):
    """What stood in place of the mark, in the words of the reason."""

    ABSENT = "was absent"
    NULL = "was null"
    EMPTY = "was empty"
    NO_METADATA = "was absent, as were all metadata"
    NULL_METADATA = "was absent, the metadata were null"


_REASON = re.compile(
    rf"{LATEST} (?P<before>{'|'.join(re.escape(each) for each in sorted(Before, key=len, reverse=True))});"
    rf" set to (?P<mark>[0-9T:.+-]{{19,40}})(?P<bot>; {BOT} added)?"
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why and how a fact was marked; enough to undo it exactly."""

    before: Before
    mark: str
    is_bot_added: bool

    def __str__(self) -> str:
        return f"{LATEST} {self.before}; set to {self.mark}{f'; {BOT} added' if self.is_bot_added else ''}"

    @classmethod
    def read(cls, text: object) -> "Reason | None":
        """Read a reason of ours; None for one of somebody else."""
        match = _REASON.fullmatch(text) if isinstance(text, str) else None
        return match and cls(Before(match["before"]), match["mark"], match["bot"] is not None)

    @property
    def added(self) -> list[str]:
        """The keys to take away."""
        return [*ADDED_KEYS, *([BOT] if self.is_bot_added else [])]


def marking(
    metadata: Mapping[str, Any] | None, *, is_column_null: bool, latest: datetime, bot: str, now: datetime
) -> dict[str, str]:
    """What to add to metadata that lack their mark.

    Args:
        metadata: as read; None for null.
        is_column_null: whether that is the column's null, and not JSON's.
        latest: the mark.
        bot: whose fact it is.
        now: aware.
    """
    is_bot_added = BOT not in (metadata or {})
    reason = Reason(_before(metadata, is_column_null), as_written(latest), is_bot_added)
    added = {LATEST: reason.mark, BACKFILLED_AT: as_written(now), REASON: str(reason)}
    return {**added, BOT: bot} if is_bot_added else added


def is_ours_still(metadata: Mapping[str, Any], reason: Reason) -> bool:
    """Whether the mark is the one that the backfill set: a later one is somebody's who has read on."""
    return metadata.get(LATEST) == reason.mark


def _before(metadata: Mapping[str, Any] | None, is_column_null: bool) -> Before:
    if metadata is None:
        return Before.NO_METADATA if is_column_null else Before.NULL_METADATA
    if LATEST not in metadata:
        return Before.ABSENT
    return Before.NULL if metadata[LATEST] is None else Before.EMPTY
