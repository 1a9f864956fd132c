"""What a backfill has done so far, added up batch by batch. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from narratives.backfill.sources import Answer
from narratives.stores.base import Unfocused

FIRST_SHOWN = 5


@dataclass(slots=True)
class Tally:
    """Figures of a run, or of its rehearsal.

    `failed` names every narrative that failed, with the reason: a line each, however many they are. `cost_usd` is of
    the calls whose price is known; `has_unknown_cost` says that there are others.
    """

    processed: int = 0
    filled: int = 0
    filled_by_others: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    tokens_input: int = 0
    tokens_output: int = 0
    cost_usd: Decimal = Decimal(0)
    has_unknown_cost: bool = False
    models: set[str] = field(default_factory=set)
    planned: int = 0
    planned_chars: int = 0
    without_summary: int = 0
    first: list[Unfocused] = field(default_factory=list)

    def plan(self, narratives: Sequence[Unfocused]) -> None:
        """Count a batch that would be done."""
        asked = [narrative for narrative in narratives if narrative.summary]
        self.planned += len(narratives)
        self.planned_chars += sum(len(narrative.summary) for narrative in asked)
        self.without_summary += len(narratives) - len(asked)
        self.first += narratives[: FIRST_SHOWN - len(self.first)]

    def add(self, counts: Mapping[str, int], answers: Sequence[Answer], failed: Mapping[str, str]) -> None:
        """Count a batch that was done."""
        self.processed += counts["narratives"]
        self.filled += counts.get("filled", 0)
        self.filled_by_others += counts.get("filled_by_others", 0)
        self.failed.update(failed)
        for answer in answers:
            self.tokens_input += answer.tokens_input
            self.tokens_output += answer.tokens_output
            self.cost_usd += answer.cost_usd or 0
            self.has_unknown_cost |= answer.cost_usd is None
            self.models |= {answer.model} - {""}
