"""Who finds a narrative's focus in its summary: the rules here, a model through the same protocol."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Protocol

from narratives.extractor import focus_of_summary
from narratives.fingerprints import BadFingerprint
from narratives.identity import Identity
from narratives.stores.base import Unfocused
from ntrl.stages.errors import Quarantined
from ntrl.stages.ledger import Ledger

FREE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Answer:
    """A focus that may stand (`narratives.fingerprints.check_focus`), and how it was found; no model by rules."""

    focus: str
    method: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would take at most. Cost in US dollars; None when the price is not known."""

    tokens_input: int = 0
    tokens_output: int = 0
    cost_usd: Decimal | None = FREE


class FocusSource(Protocol):
    """Finds foci, without touching the database; one that `waits` for others is called by several threads at once."""

    waits: ClassVar[bool]

    @property
    def name(self) -> str:
        """Who finds them, for people."""

    @property
    def ledger(self) -> Ledger | None:
        """Who pays for it; None when nothing is paid for."""

    @property
    def longest_seconds(self) -> float:
        """How long one focus may take."""

    def worst_case_usd(self, narratives: Sequence[Unfocused]) -> Decimal:
        """What these may cost, in US dollars."""

    def focus_of(self, narrative: Unfocused) -> Answer:
        """Find the focus of a narrative that has a summary.

        Raises:
            ItemError: there is none to be had, or not now.
            OutOfMoney: the budget is spent.
        """

    def estimate(self, narratives: int, summary_chars: int) -> Estimate:
        """What so many narratives, with so many characters of summaries in all, would take."""


class ByRules:
    """The offline extractor.

    Args:
        identity: the rules.
        is_default: nobody asked for it, but no model is set up.
    """

    waits: ClassVar[bool] = False
    ledger = None
    longest_seconds = 1.0

    def __init__(self, identity: Identity, *, is_default: bool = False) -> None:
        self._identity = identity
        self.name = "by rules, without a model"
        if is_default:
            self.name += " (embedded default: no provider of its chain is set up)"

    def focus_of(self, narrative: Unfocused) -> Answer:
        """Take the words of the summary that say what happens."""
        try:
            focus = focus_of_summary(narrative.summary, narrative.nucleus, self._identity)
        except BadFingerprint as refusal:
            raise Quarantined(refusal.reason, refusal.detail) from refusal
        return Answer(focus, "rules")

    def worst_case_usd(self, narratives: Sequence[Unfocused]) -> Decimal:
        """Nothing is paid for."""
        return FREE

    def estimate(self, narratives: int, summary_chars: int) -> Estimate:
        """Nothing is paid for."""
        return Estimate()
