"""The watch, every few minutes: what has died is closed, so that people hear of it without waiting for the next run."""

from datetime import datetime

from ntrl.pipeline.alerting import note_left_behind
from ntrl.pipeline.clusters import forget_dead
from ntrl.pipeline.lock import close_dead_run
from ntrl.pipeline.outbox import send_waiting
from ntrl.stages.records import close_dead_runs


def watch(now: datetime) -> dict[str, int]:
    """Close dead runs, forget dead clusters, and send what waits; returns how many of each."""
    return {
        "stages_closed": close_dead_runs(now),
        "runs_closed": close_dead_run(now),
        "clusters_forgotten": forget_dead(now),
        "runs_noted": note_left_behind(now),
        **send_waiting(now),
    }
