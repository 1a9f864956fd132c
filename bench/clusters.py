"""How much sooner two clusters finish one run than one does, with a model that takes a second a call.

Run it with PostgreSQL: python -m tests.support.postgres python -m bench.clusters [STORIES] [WORKERS]
One run of each, on databases of their own with the same stories; a loopback server stands for the model.
"""

import os
import sys
import tempfile
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ntrl.settings")
django.setup()

from tests.support.clusters import a_site  # noqa: E402
from tests.support.llm_run import a_good_server  # noqa: E402

STORIES, WORKERS = 40, 3
SECONDS_A_CALL = 1.0
GOAL = 0.6
PATIENCE_SECONDS = 900


def seconds_with(clusters: int, stories: int, workers: int) -> float:
    """How long a run takes from its row to its end, with so many clusters of one process each."""
    with (
        tempfile.TemporaryDirectory() as folder,
        a_good_server() as server,
        a_site(Path(folder), server, stories=stories) as site,
    ):
        for _ in range(clusters):
            site.start_cluster()
        server.latency_seconds = SECONDS_A_CALL
        site.ask("queue", str(workers), "1000")
        seen = site.wait_for_end(PATIENCE_SECONDS)
    (run,) = seen["runs"]
    assert (run["status"], run["neutralize_success"], seen["done_twice"]) == ("completed", stories, 0), run
    return float(run["duration_ms"]) / 1000


def main(stories: int = STORIES, workers: int = WORKERS) -> int:
    """Measure both, and print them."""
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        sys.stderr.write(f"{__doc__}\n")
        return 1
    one, two = (seconds_with(number, stories, workers) for number in (1, 2))
    sys.stdout.write(
        f"{stories} stories, {workers} workers a cluster, {SECONDS_A_CALL:g} s a call: one cluster {one:.1f} s, "
        f"two clusters {two:.1f} s, {two / one:.2f} times (goal {GOAL})\n"
    )
    return 0 if two <= GOAL * one else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
