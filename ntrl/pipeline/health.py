"""How the whole system fares, from its last runs: healthy, degraded, unhealthy, or unknown. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ntrl.stages.models import RunStatus

# A run is due every four hours: an hour late shows, and three missed leave readers without news.
LATE_AFTER = timedelta(hours=5)
MISSED_AFTER = timedelta(hours=12)


class Health(StrEnum):
    """In one word."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class EndedRun:
    """What health looks at of the last run that has ended."""

    status: str
    finished_at: datetime
    alerts: Sequence[str]


def judge(last: EndedRun | None, now: datetime) -> Health:
    """Say how it fares.

    Unknown: no run has ended yet. Unhealthy: the last one failed, or ended over 12 hours ago. Degraded: it was
    partial, raised an alert, or ended over 5 hours ago. Healthy otherwise.
    """
    if last is None:
        return Health.UNKNOWN
    age = now - last.finished_at
    if last.status == RunStatus.FAILED or age > MISSED_AFTER:
        return Health.UNHEALTHY
    if last.status != RunStatus.COMPLETED or last.alerts or age > LATE_AFTER:
        return Health.DEGRADED
    return Health.HEALTHY
