"""What a backfill has done so far, added up batch by batch. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from narratives.stores.base import Unfocused

FIRST_SHOWN = 5


@dataclass(slots=True)
class Tally:
    """Figures of a run, or of its rehearsal.

    `failed` names every narrative that failed, with the reason: a line each, however many they are.
    """

    processed: int = 0
    filled: int = 0
    filled_by_others: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    planned: int = 0
    planned_chars: int = 0
    without_summary: int = 0
    first: list[Unfocused] = field(default_factory=list)

    def plan(self, narratives: Sequence[Unfocused]) -> None:
        """Count a batch that would be done."""
        asked = [narrative for narrative in narratives if narrative.summary and not narrative.kept]
        self.planned += len(narratives)
        self.planned_chars += sum(len(narrative.summary) for narrative in asked)
        self.without_summary += sum(not narrative.summary and not narrative.kept for narrative in narratives)
        self.first += narratives[: FIRST_SHOWN - len(self.first)]

    def add(self, counts: Mapping[str, int], failed: Mapping[str, str]) -> None:
        """Count a batch that was done."""
        self.processed += counts["narratives"]
        self.filled += counts.get("filled", 0)
        self.filled_by_others += counts.get("filled_by_others", 0)
        self.failed.update(failed)
