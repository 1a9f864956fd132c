"""Narratives in this project's own tables."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from narratives.models import Narrative
from narratives.rules_in_force import IdentityRules
from narratives.services.foci import fill, unfocused
from narratives.stores.base import BLANK, START, SUMMARY_MAX_CHARS, Found, Spent, StoreError, Unfocused, Written


class OwnStore:
    """The narratives first detected at `since` or later that are neither merged nor locked by an editor.

    Args:
        rules: those that the index of narratives is kept by.
        since: aware.
    """

    is_foreign: ClassVar[bool] = False
    next_step: ClassVar[str] = "python manage.py consolidate_narratives --dry-run"
    name: ClassVar[str] = "django: this project's own narratives"

    def __init__(self, *, rules: IdentityRules, since: datetime) -> None:
        self._rules = rules
        self._since = since
        self._open = unfocused().filter(first_detected_at__gte=since)

    def require_narratives(self) -> None:
        """Refuse empty tables."""
        if not Narrative.objects.exists():
            advice = "Make some: python manage.py detect_narratives. Those of a MongoDB are filled with --store mongo."
            raise StoreError(f"This project's tables hold no narratives. {advice}")

    def count(self) -> int:
        """How many narratives lack their focus."""
        return self._open.count()

    def left_alone(self) -> Sequence[str]:
        """Those that an editor has locked."""
        locked = Narrative.objects.filter(narrative_focus__regex=BLANK, merged_into=None, is_locked=True)
        number = locked.filter(first_detected_at__gte=self._since).count()
        return [f"{number} without a focus are locked by editors"] if number else []

    def page(self, after: Any, size: int) -> list[Unfocused]:
        """Read the narratives behind an id."""
        rows = self._open if after is START else self._open.filter(pk__gt=after)
        return [
            Unfocused(row.pk, row.shown_title, row.summary.strip()[:SUMMARY_MAX_CHARS], row.nucleus_entity)
            for row in rows.order_by("pk")[:size]
        ]

    def write(self, found: Sequence[Found]) -> Written:
        """Write the foci, the index and the history, in the transaction that is open."""
        filled = 0
        for origin in {(each.method, each.model) for each in found}:
            foci = {each.narrative.key: each.focus for each in found if (each.method, each.model) == origin}
            method, model = origin
            filled += fill(foci, self._rules, {"method": method, **({"model": model} if model else {})})
        return Written(filled)

    def note_cost(self, spent: Spent) -> None:
        """The rows of the calls say it already."""
