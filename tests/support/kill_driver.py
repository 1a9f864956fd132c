"""Kill the pipeline with SIGKILL at seeded points, run it again at once, and report what came of it, as JSON.

Usage: python -m tests.support.kill_driver NEWSROOM_PORT SOURCE_SLUGS POINTS_PER_STAGE SEED
Works in the database and data folder that the environment names, which it empties again and again. Each run is a
process of its own, forked from this one after Django has been set up. A point is a number of SQL statements into a
stage: the process dies just before the next statement, with its workers in the middle of whatever they do.
"""

import json
import os
import random
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ntrl.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402

from ingestion.models import Source  # noqa: E402
from ntrl.pipeline.models import PipelineRunSummary, Trigger  # noqa: E402
from ntrl.pipeline.services import PipelineOptions, run_pipeline  # noqa: E402
from ntrl.stages.models import Claim, RunStatus, StageRun  # noqa: E402
from tests.support.snapshot import done_twice, snapshot  # noqa: E402

STAGES = ("feeds", "articles", "classify", "neutralize", "brief_assemble")


class Fuse:
    """Counts the SQL statements of each stage, and kills its process before the chosen one."""

    def __init__(self, stage: str = "", at: int = 0) -> None:
        self._stage, self._at = stage, at
        self._current = ""
        self.counts: Counter[str] = Counter()

    def start(self, stage: str, total: int | None) -> None:
        self._current = stage

    def advance(self, item: str) -> None:
        """Items do not matter here."""

    def finish(self) -> None:
        self._current = ""

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        if self._current:
            self.counts[self._current] += 1
            if self._current == self._stage and self.counts[self._current] == self._at:
                os.kill(os.getpid(), signal.SIGKILL)
        return execute(*args)


def main(port: str, slugs: str, points_per_stage: str, seed: str) -> None:
    """Make the undisturbed run, then kill and repeat; print one JSON document."""
    call_command("migrate", verbosity=0)
    rows = _sources(int(port), slugs.split(","))
    _fresh(rows)
    reference_counts = json.loads(_in_process(lambda: _run(Fuse())))
    reference = _read(snapshot)
    results = []
    chance = random.Random(int(seed))
    for stage in STAGES:
        last = reference_counts[stage] - 1
        for at in sorted(chance.sample(range(2, last), min(int(points_per_stage), last - 2))):
            _fresh(rows)
            results.append(_kill_and_repeat(stage, at, reference))
    print(json.dumps({"reference": reference, "results": results}, default=str))  # noqa: T201


def _kill_and_repeat(stage: str, at: int, reference: Any) -> dict[str, Any]:
    killed = _in_process(lambda: _run(Fuse(stage, at)))
    after_kill = _read(_state)
    ended = _in_process(lambda: _run(Fuse()))
    return {
        "stage": stage,
        "at": at,
        "killed": killed is None,
        "claims_in_hand": after_kill["claims_in_hand"],
        "stage_killed": after_kill["running_stage"],
        "ended": ended is not None,
        "same": _read(snapshot) == reference,
        "after": _read(_state),
        "done_twice": _read(done_twice),
    }


def _run(fuse: Fuse) -> str:
    with connection.execute_wrapper(fuse):
        run_pipeline(
            trigger=Trigger.MANUAL,
            options=PipelineOptions(neutralize_limit=1000, classify_limit=1000, max_workers=3),
            progress=fuse,
        )
    return json.dumps(fuse.counts)


def _state() -> dict[str, Any]:
    running = StageRun.objects.filter(status=RunStatus.RUNNING).first()
    return {
        "claims_in_hand": Claim.objects.exclude(owner="").count(),
        "running_stage": running.stage if running else "",
        "runs": sorted(PipelineRunSummary.objects.values_list("status", flat=True)),
    }


def _in_process(work: Callable[[], str]) -> str | None:
    """Do `work` in a fork; returns what it returned, or None when it was killed."""
    connection.close()
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        status = 1
        try:
            os.write(writable, work().encode())
            status = 0
        except BaseException as error:  # noqa: BLE001 - the parent must hear of it, whatever it is
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
        finally:
            os._exit(status)
    os.close(writable)
    with os.fdopen(readable, encoding="utf-8") as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return None
    if os.WEXITSTATUS(status):
        raise RuntimeError("a run failed; see above")
    return text


def _read(work: Callable[[], Any]) -> Any:
    """Read from the database, and leave no connection open for the next fork to inherit."""
    try:
        return json.loads(json.dumps(work(), default=str))
    finally:
        connection.close()


def _fresh(rows: list[dict[str, Any]]) -> None:
    call_command("flush", verbosity=0, interactive=False)
    shutil.rmtree(Path(settings.NTRL_DATA_DIR) / "bodies", ignore_errors=True)
    Source.objects.bulk_create(Source(**row) for row in rows)
    connection.close()


def _sources(port: int, slugs: list[str]) -> list[dict[str, Any]]:
    from django.utils import timezone

    from ntrl.newsroom import Newsroom

    rows = [dict(row) for row in Newsroom(timezone.now(), port=port).sources()]
    return [row for row in rows if row["slug"] in slugs]


if __name__ == "__main__":
    main(*sys.argv[1:])
