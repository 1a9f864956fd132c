"""A process of its own that takes items, runs a stage, or is a command; for tests of what processes do to each other.

Usage: python -m tests.support.stage_child ROLE [ARG ...]
Works in the database that the environment names. Says a line of JSON when it is ready, and waits for a line.
"""

import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django
from django.core.management import call_command
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ntrl.settings")
django.setup()

from ntrl.pipeline.lock import AlreadyRunning, begin_run  # noqa: E402
from ntrl.pipeline.models import Trigger  # noqa: E402
from ntrl.rules.models import Rule  # noqa: E402
from ntrl.stages import claims  # noqa: E402
from ntrl.stages.command import StageCommand  # noqa: E402
from ntrl.stages.models import Claim, RunStatus, StageRun  # noqa: E402
from ntrl.stages.owner import this_process  # noqa: E402
from ntrl.stages.records import RunRecord, close_dead_runs, new_trace_id  # noqa: E402
from ntrl.stages.runner import RunOptions, run_stage  # noqa: E402
from tests.support.stages import FakeStage  # noqa: E402


class OnceStage(FakeStage):
    """Its list of items is read at the start; what another process saved since is asked for."""

    def is_pending(self, item: str) -> bool:
        return not Rule.objects.filter(rule_set="fake", key=item).exists()


class ImpatientStage(FakeStage):
    """Gives an item a second."""

    deadline_seconds = 1


class SlowCommand(StageCommand):
    """A command over 50 items that take their time."""

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.add_argument("--seconds", type=float, default=0.1)

    def work(self, options: dict[str, Any]) -> RunStatus:
        items = [f"{number:02}" for number in range(50)]
        seconds = options["seconds"]
        stage = FakeStage(items, {item: [lambda item: time.sleep(seconds)] for item in items})
        report = run_stage(
            stage,
            trace_id=new_trace_id(),
            options=self.run_options(options, self.stop),
            progress=self.progress(),
        )
        return self.present([report])


def say(**document: Any) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def wait_for_word() -> None:
    sys.stdin.readline()


def take(key: str) -> Claim | None:
    return claims.take(
        stage="fake",
        item_key=key,
        input_hash="",
        code_version="1",
        owner=str(this_process()),
        lease=timedelta(hours=1),
        now=timezone.now(),
    )


def take_many(number: str) -> None:
    """Race for so many items, in an order of its own, and keep what was won."""
    keys = [str(index) for index in range(int(number))]
    random.shuffle(keys)
    say(ready=True)
    wait_for_word()
    say(won=[key for key in keys if take(key) is not None])
    wait_for_word()


def hold() -> None:
    """Have an item in hand in the middle of a stage of a run, until killed."""
    begin_run(trace_id="held", trigger=Trigger.MANUAL)
    RunRecord.begin("fake", "held")
    say(held=take("a") is not None)
    wait_for_word()


def heir() -> None:
    """Try to take over what `hold` has."""
    try:
        begin_run(trace_id="heir", trigger=Trigger.MANUAL)
        refused_by = ""
    except AlreadyRunning as refusal:
        refused_by = refusal.trace_id
    closed = close_dead_runs(timezone.now())
    claim = take("a")
    say(refused_by=refused_by, closed=closed, attempts=claim.attempts if claim else None)


def run_together(number: str) -> None:
    """Do a stage's items beside another process."""
    stage = OnceStage([f"{index:03}" for index in range(int(number))])
    say(ready=True)
    wait_for_word()
    report = run_stage(stage, trace_id="t", options=RunOptions(workers=2))
    say(counts=dict(report.counts))


def hang() -> None:
    """Run a stage whose items never end."""
    stage = ImpatientStage("abc", {item: [lambda item: threading.Event().wait()] for item in "abc"})
    report = run_stage(stage, trace_id="t", options=RunOptions(workers=2))
    say(stopped=report.stopped)


def look() -> None:
    """Say what stands in the tables."""
    say(
        saved=Rule.objects.filter(rule_set="fake").count(),
        held=Claim.objects.exclude(owner="").count(),
        claims=Claim.objects.count(),
        runs=list(StageRun.objects.order_by("pk").values_list("status", "reason")),
    )


def command(*args: str) -> None:
    """Be a command."""
    SlowCommand().run_from_argv(["manage.py", "slow", *args])


def detect(number: str) -> None:
    """Detect the narratives of so many stories, beside others who do."""
    from narratives.models import Narrative
    from narratives.services.detection import detect_narratives

    say(ready=True)
    wait_for_word()
    result = detect_narratives(trace_id=new_trace_id(), options=RunOptions(workers=2, limit=int(number)))
    rows = Narrative.objects.order_by("pk").values_list("pk", "narrative_focus", "article_count")
    say(assigned=result.assigned, narratives=[[str(pk), focus, count] for pk, focus, count in rows])


def write_stories(number: str) -> None:
    """Store so many stories with bodies."""
    from tests.narratives.invented import write

    write(int(number))


def migrate() -> None:
    """Make the tables."""
    call_command("migrate", verbosity=0)


ROLES: dict[str, Callable[..., None]] = {
    role.__name__: role
    for role in (take_many, hold, heir, run_together, hang, look, command, detect, write_stories, migrate)
}

if __name__ == "__main__":
    ROLES[sys.argv[1]](*sys.argv[2:])
