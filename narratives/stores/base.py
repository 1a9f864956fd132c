"""What a store of narratives is to the backfill: where they are read from, page by page, and where a focus goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from ntrl.stages.errors import RetryLater

# What str.strip() takes for white space, spelled out: the regular expressions of databases know only some of it.
BLANK = "^[\\s\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$"
# What the first page is behind; None may be an id.
START = object()
# A summary is a paragraph; what is longer is damage and would only cost.
SUMMARY_MAX_CHARS = 8_000


class StoreError(RetryLater):
    """A store can't be used as it is now. `detail` is for people; it holds no word of an address's credentials."""

    def __init__(self, detail: str) -> None:
        super().__init__("store", detail)


@dataclass(frozen=True, slots=True)
class Unfocused:
    """A narrative without a focus. `key` is its store's own kind of id.

    `fills_fingerprint` says that it keeps a fingerprint beside, which lacks the focus too; `kept` is the focus that
    stands there alone: nobody need be asked for it.
    """

    key: Any
    title: str
    summary: str
    nucleus: str
    fills_fingerprint: bool = True
    kept: str = ""

    @property
    def label(self) -> str:
        """Its id, for people."""
        return str(self.key)


@dataclass(frozen=True, slots=True)
class Found:
    """The focus of a narrative, who found it ("rules", "llm", or "kept": it stood beside) and by which model."""

    narrative: Unfocused
    focus: str
    method: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """How many foci a write filled in, and by key why others were refused. The rest had one already."""

    filled: int
    refused: Mapping[Any, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spent:
    """What the calls of a run came to. Cost in US dollars; None when a price is not known."""

    operation: str
    model: str
    tokens_input: int
    tokens_output: int
    cost_usd: Decimal | None
    at: datetime


class FocusStore(Protocol):
    """Narratives of one place, from one moment on.

    A narrative lacks its focus when that is absent, null, empty or blank. Any method may raise StoreError.
    """

    # Whether it is outside of this project's database: it is then written to by a worker, never inside a transaction.
    is_foreign: ClassVar[bool]
    next_step: ClassVar[str]

    @property
    def name(self) -> str:
        """The store and what in it is filled, in one line for people."""

    def require_narratives(self) -> None:
        """Raise StoreError, saying where narratives are, when it holds none at all."""

    def count(self) -> int:
        """How many narratives lack their focus."""

    def left_alone(self) -> Sequence[str]:
        """Lines on narratives that lack their focus and are not to be filled, with the reason."""

    def page(self, after: Any, size: int) -> list[Unfocused]:
        """Read at most `size` narratives that lack their focus, in the order of their ids, from behind `after` on.

        Args:
            after: the last id of the page before; `START` for the first page.
            size: an empty page is the end; one that is not full need not be.
        """

    def write(self, found: Sequence[Found]) -> Written:
        """Write foci to the narratives that still lack them."""

    def note_cost(self, spent: Spent) -> None:
        """Keep what a run has spent."""
