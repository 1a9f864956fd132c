"""The stage `brief_assemble`: its one item is the brief, so that its claim is the lock under which it is made."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from briefs.assembling import EmptyBrief, assemble_and_store
from briefs.models import DailyBrief
from ntrl.stages.stage import Outcome, Saved, Stage


@dataclass(frozen=True, slots=True)
class BriefRequest:
    """Which brief is wanted."""

    cutoff_time: datetime
    now: datetime
    allow_empty: bool
    trace_id: str


class AssembleStage(Stage[BriefRequest, None]):
    """After the run, `brief` is what was stored, or None."""

    name = "brief_assemble"

    def __init__(self, request: BriefRequest) -> None:
        self._request = request
        self.brief: DailyBrief | None = None

    def pending(self) -> Iterator[BriefRequest]:
        """The one request."""
        yield self._request

    def total(self) -> int:
        """One."""
        return 1

    def key(self, item: BriefRequest) -> str:
        """There is one brief for everybody, so one claim."""
        return "daily"

    def input_hash(self, item: BriefRequest) -> str:
        """Each request is new: a brief that failed is tried again by the next run."""
        return item.now.isoformat()

    def plan(self, item: BriefRequest) -> str:
        """Say which stories would be gathered."""
        return f"would assemble the brief of the stories since {item.cutoff_time:%Y-%m-%d %H:%M} UTC"

    def compute(self, item: BriefRequest) -> None:
        """Nothing is slow here: the whole work is one transaction."""

    def save(self, item: BriefRequest, result: None) -> Saved:
        """Assemble and store."""
        try:
            self.brief = assemble_and_store(
                cutoff_time=item.cutoff_time, now=item.now, allow_empty=item.allow_empty, trace_id=item.trace_id
            )
        except EmptyBrief as refusal:
            return Saved(Outcome.FAILED, "empty_brief", str(refusal))
        counts = {"stories": self.brief.total_stories, "sections": self.brief.section_count}
        return Saved(counts=counts)
