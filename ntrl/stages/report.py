"""What a run of a stage did, for people and machines."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ntrl.stages.models import RunStatus

# Failures listed by name in a report; the counts say how many there were, and the log has them all.
FAILURES_SHOWN = 20


@dataclass(slots=True)
class StageReport:
    """Counts of one stage's run.

    `counts` has total, success, skipped, failed, retry, quarantine, bug, lost, unanswered (by a provider outside), and
    the stage's own.
    `stopped` is why the stage ended before its work did; `error` is what broke the stage itself; else empty.
    """

    stage: str
    trace_id: str
    dry_run: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    planned: list[str] = field(default_factory=list)
    stopped: str = ""
    error: str = ""
    duration_ms: int = 0

    @property
    def status(self) -> RunStatus:
        """Failed when the stage itself broke; partial when it stopped early, or an item had a bug or no answer."""
        if self.error:
            return RunStatus.FAILED
        is_partial = self.stopped or self.counts["bug"] or self.counts["unanswered"]
        return RunStatus.PARTIAL if is_partial else RunStatus.COMPLETED

    def note_failure(self, label: str, reason: str) -> None:
        """Remember a failure by name, as long as few of them are."""
        if len(self.failures) < FAILURES_SHOWN:
            self.failures.append(f"{label}: {reason}")

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "stage": self.stage,
            "trace_id": self.trace_id,
            "status": str(self.status),
            "dry_run": self.dry_run,
            "counts": dict(sorted(self.counts.items())),
            "failures": self.failures,
            "planned": self.planned,
            "stopped": self.stopped,
            "error": self.error,
            "duration_ms": self.duration_ms,
        }
