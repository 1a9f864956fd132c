"""Who finds a narrative's focus in its summary. Today the rules; a model joins through the same protocol."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Protocol

from narratives.extractor import focus_of_summary
from narratives.fingerprints import BadFingerprint
from narratives.identity import Identity
from narratives.stores.base import Unfocused
from ntrl.stages.errors import Quarantined

FREE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Answer:
    """A focus that may stand (`narratives.fingerprints.check_focus`), how it was found, and what that took.

    `model` is empty without one; `cost_usd` is None when the model's price is not known.
    """

    focus: str
    method: str
    model: str = ""
    tokens_input: int = 0
    tokens_output: int = 0
    cost_usd: Decimal | None = FREE


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

    def focus_of(self, narrative: Unfocused) -> Answer:
        """Find the focus of a narrative that has a summary.

        Raises:
            ItemError: there is none to be had, or not now.
        """

    def estimate(self, narratives: int, summary_chars: int) -> Estimate:
        """What so many narratives, with so many characters of summaries in all, would take."""


class ByRules:
    """The offline extractor."""

    waits: ClassVar[bool] = False
    name = "by rules, without a model"

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def focus_of(self, narrative: Unfocused) -> Answer:
        """Take the words of the summary that say what happens."""
        try:
            focus = focus_of_summary(narrative.summary, narrative.nucleus, self._identity)
        except BadFingerprint as refusal:
            raise Quarantined(refusal.reason, refusal.detail) from refusal
        return Answer(focus, "rules")

    def estimate(self, narratives: int, summary_chars: int) -> Estimate:
        """Nothing is paid for."""
        return Estimate()
