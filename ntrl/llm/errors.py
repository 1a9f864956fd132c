"""What can go wrong with a call, and what that means for its provider, its chain and its item."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from ntrl.stages.errors import ItemError, Quarantined, RetryLater

# What the reason of an item begins with whose chain has failed.
CHAIN_FAILED = "llm_"


class Remedy(StrEnum):
    """What helps against a failed call."""

    REPEAT = "repeat"  # the same call, a moment later
    NEXT = "next"  # another entry of the chain now; the same one some other time
    OTHER_INPUT = "other input"  # another entry of the chain; the same one never
    REPLACE_REQUEST = "replace request"  # nothing in this run for this model and operation
    REPLACE_MODEL = "replace model"  # nothing in this run for this model
    REPLACE_PROVIDER = "replace provider"  # nothing in this run for this provider


# What helps is not for the run to do: any other input fails alike.
HOPELESS = frozenset({Remedy.REPLACE_REQUEST, Remedy.REPLACE_MODEL, Remedy.REPLACE_PROVIDER})


class CallFailed(Exception):
    """One call that gave no usable reply. Its words are codes of ours: never a key, never a text.

    Attributes:
        reason: a short code that can be counted ("http_500", "timeout", "truncated").
        detail: what else is known, of codes only.
        retry_after_seconds: what the provider asked for, if it did.
        may_be_billed: False when the provider surely asks no money for it.
        was_made: False when the call did not even go out; the caller sets it of a call that was made before.
    """

    def __init__(
        self,
        reason: str,
        remedy: Remedy,
        *,
        detail: str = "",
        retry_after_seconds: float | None = None,
        may_be_billed: bool = False,
        was_made: bool = True,
    ) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.remedy = remedy
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds
        self.may_be_billed = may_be_billed
        self.was_made = was_made

    @property
    def tells_of_input(self) -> bool:
        """Whether the input may have a part in it. A refused key, parameter or model fails any input."""
        return self.was_made and self.remedy not in HOPELESS


class ChainFailed(ItemError):
    """No entry of a chain gave a usable reply; `failures` says why, entry by entry."""

    is_unanswered = True
    failures: tuple[str, ...] = ()


class NoReply(ChainFailed, RetryLater):
    """It may be otherwise later: the network, a limit, a provider that rests, a model that wrote nonsense."""

    def __init__(
        self, reason: str, failures: Sequence[str], *, not_before: datetime | None = None, was_tried: bool = True
    ) -> None:
        super().__init__(reason, "; ".join(failures), not_before=not_before, was_tried=was_tried)
        self.failures = tuple(failures)


class NoUsableReply(ChainFailed, Quarantined):
    """Every entry refused this very input."""

    def __init__(self, reason: str, failures: Sequence[str]) -> None:
        super().__init__(reason, "; ".join(failures))
        self.failures = tuple(failures)
