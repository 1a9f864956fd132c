"""Documents for the backfill of foci, sources that misbehave, and the command with its exit status."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any, ClassVar

from bson import ObjectId
from django.core.management import CommandError, call_command

from narratives.backfill.by_model import ByModel
from narratives.backfill.service import BackfillOptions, BackfillResult, backfill_focus
from narratives.backfill.sources import FREE, Answer, Estimate, FocusSource
from narratives.stores.base import FocusStore, Unfocused
from ntrl.stages.errors import RetryLater
from ntrl.stages.records import new_trace_id

DECEMBER = datetime(2025, 12, 1, tzinfo=UTC)
SUMMARIES = (
    "Exchange halts withdrawals after a security breach drains customer wallets, and auditors open an inquiry.",
    "Regulators approve a spot fund after years of refusals, and issuers begin trading on Tuesday.",
    "Developers ship a protocol upgrade that lowers fees, while miners delay adoption until January.",
)


def a_document(number: int, **fields: Any) -> dict[str, Any]:
    """A narrative as the ticket's schema has it, without a focus; the same whenever it is made."""
    return {
        "_id": ObjectId(f"{number:024x}"),
        "theme": "regulatory",
        "title": f"Narrative {number}",
        "summary": f"{SUMMARIES[number % len(SUMMARIES)]} It was case {number}.",
        "entities": ["Bitcoin", "SEC"],
        "article_ids": [ObjectId(f"{number + 1:024x}")],
        "article_count": number,
        "lifecycle_state": "hot",
        "timeline_data": [{"date": "2026-01-02", "article_count": 2, "entities": ["SEC"], "velocity": 1.5}],
        "first_detected_at": DECEMBER + timedelta(hours=number),
        "last_updated": DECEMBER + timedelta(days=40),
        **fields,
    }


class Scripted:
    """A source that answers as told: `script` gets the narrative and returns a focus, or raises."""

    waits: ClassVar[bool] = True
    name = "as told"
    ledger = None
    longest_seconds = 1.0

    def __init__(self, script: Callable[[Unfocused], str]) -> None:
        self.asked: list[str] = []
        self._script = script

    def focus_of(self, narrative: Unfocused) -> Answer:
        self.asked.append(narrative.label)
        return Answer(self._script(narrative), "llm", "model-1")

    def worst_case_usd(self, narratives: Sequence[Unfocused]) -> Decimal:
        return FREE

    def estimate(self, narratives: int, summary_chars: int) -> Estimate:
        return Estimate(narratives * 100, narratives * 10)


def always(narrative: Unfocused) -> str:
    return "fund approval"


def three_in_ten_fail(narrative: Unfocused) -> str:
    if sum(map(ord, narrative.label)) % 10 < 3:
        raise RetryLater("http_500", "the provider is ill")
    return "fund approval"


def backfill(store: FocusStore, source: FocusSource | None, **options: Any) -> BackfillResult:
    """Run the service, silently."""
    chosen = BackfillOptions(**{"pause_seconds": 0, **options})
    trace_id = source.ledger.trace_id if isinstance(source, ByModel) else new_trace_id()
    return backfill_focus(store=store, source=source, options=chosen, trace_id=trace_id, say=lambda line: None)


def command(*args: str) -> tuple[int, str]:
    """Run the command; returns its exit status and what it said, errors included."""
    out = StringIO()
    try:
        call_command("backfill_narrative_focus", "--pause", "0", *args, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue() + str(error)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def document_of(*args: str) -> dict[str, Any]:
    """Run the command for machines."""
    found: dict[str, Any] = json.loads(command(*args, "--json")[1])
    return found
