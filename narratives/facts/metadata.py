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
# What another's backfill had written under keys of ours.
REPLACED = "backfill_replaced"
# What the backfill may add; what it added to a fact is said by that fact's reason.
ADDED_KEYS = (LATEST, BACKFILLED_AT, REASON)


class Before(StrEnum):
    """What stood in place of the mark, in the words of the reason."""

    ABSENT = "was absent"
    NULL = "was null"
    EMPTY = "was empty"
    NO_METADATA = "was absent, as were all metadata"
    NULL_METADATA = "was absent, the metadata were null"


_BEFORE_VALUES = {Before.NULL: None, Before.EMPTY: ""}
_REASON = re.compile(
    rf"{LATEST} (?P<before>{'|'.join(re.escape(each) for each in sorted(Before, key=len, reverse=True))});"
    rf" set to (?P<mark>[0-9T:.+-]{{19,40}})(?P<bot>; {BOT} added)?(?P<replaced>; what it replaced is in {REPLACED})?"
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why and how a fact was marked; enough to undo it exactly."""

    before: Before
    mark: str
    is_bot_added: bool
    is_replacing: bool = False

    def __str__(self) -> str:
        bot = f"; {BOT} added" if self.is_bot_added else ""
        replaced = f"; what it replaced is in {REPLACED}" if self.is_replacing else ""
        return f"{LATEST} {self.before}; set to {self.mark}{bot}{replaced}"

    @classmethod
    def read(cls, text: object) -> "Reason | None":
        """Read a reason of ours; None for one of somebody else."""
        match = _REASON.fullmatch(text) if isinstance(text, str) else None
        return match and cls(
            Before(match["before"]), match["mark"], match["bot"] is not None, match["replaced"] is not None
        )

    @property
    def added(self) -> list[str]:
        """The keys to take away."""
        return [*ADDED_KEYS, *[BOT] * self.is_bot_added, *[REPLACED] * self.is_replacing]

    def put_back(self, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """What to write again when they are gone: an empty mark, and what another's backfill had written."""
        empty = {LATEST: _BEFORE_VALUES[self.before]} if self.before in _BEFORE_VALUES else {}
        replaced = metadata.get(REPLACED) if self.is_replacing else None
        return {**empty, **(replaced if isinstance(replaced, dict) else {})}


def marking(
    metadata: Mapping[str, Any] | None, *, is_column_null: bool, latest: datetime, bot: str, now: datetime
) -> dict[str, Any]:
    """What to add to metadata that lack their mark; what that replaces is kept beside it.

    Args:
        metadata: as read; None for null.
        is_column_null: whether that is the column's null, and not JSON's.
        latest: the mark.
        bot: whose fact it is.
        now: aware.
    """
    held = metadata or {}
    replaced = {key: held[key] for key in (BACKFILLED_AT, REASON, REPLACED) if key in held}
    reason = Reason(_before(metadata, is_column_null), as_written(latest), BOT not in held, bool(replaced))
    values = {LATEST: reason.mark, BACKFILLED_AT: as_written(now), REASON: str(reason), BOT: bot, REPLACED: replaced}
    return {key: values[key] for key in reason.added}


def reason_to_undo(metadata: Mapping[str, Any]) -> Reason | None:
    """Why the mark is the backfill's; None when it is not, or no longer: a later one is somebody's who has read on."""
    reason = Reason.read(metadata.get(REASON))
    return reason if reason is not None and metadata.get(LATEST) == reason.mark else None


def _before(metadata: Mapping[str, Any] | None, is_column_null: bool) -> Before:
    if metadata is None:
        return Before.NO_METADATA if is_column_null else Before.NULL_METADATA
    if LATEST not in metadata:
        return Before.ABSENT
    return Before.NULL if metadata[LATEST] is None else Before.EMPTY
