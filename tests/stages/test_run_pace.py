"""How much a run takes on at once, how fast, and what its threads may touch."""

import logging
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from ntrl.logs import TraceFilter
from ntrl.rules.models import Rule
from ntrl.stages import runner
from ntrl.stages.models import Claim, StageRun
from ntrl.stages.owner import this_process
from ntrl.stages.stage import Saved
from tests.support.stages import FakeStage, run, saved_keys

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("workers", [1, 3])
def test_at_most_twice_the_workers_are_in_hand_and_the_rest_is_not_even_read(workers: int) -> None:
    claimed: list[int] = []
    read_ahead: list[int] = []
    stage = FakeStage([f"{number:03}" for number in range(40)])

    def watch(item: str, result: object) -> Saved:
        claimed.append(Claim.objects.count() + 1)  # its own is deleted already, in this transaction
        read_ahead.append(stage.read - len(claimed) + 1)
        return Saved()

    stage._on_save = watch
    run(stage, workers=workers)

    assert len(saved_keys()) == 40
    assert max(claimed) <= workers * 2
    assert max(read_ahead) <= workers * 2 + 1


def test_as_many_items_are_computed_side_by_side_as_there_are_workers() -> None:
    together = threading.Barrier(3, timeout=5)

    report = run(FakeStage("abc", {item: [lambda item: together.wait()] for item in "abc"}), workers=3)

    assert report.counts["success"] == 3


def test_no_more_items_are_begun_a_second_than_allowed() -> None:
    started = time.monotonic()

    run(FakeStage("abcde"), max_per_second=50)

    assert time.monotonic() - started >= 4 / 50


def test_items_that_cannot_be_claimed_cost_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = FakeStage("abcde", {item: [ValueError("x")] for item in "abcde"})
    run(stage)
    naps: list[float] = []
    clock = SimpleNamespace(monotonic=time.monotonic, sleep=naps.append)
    monkeypatch.setattr("ntrl.stages.runner.time", clock)

    run(stage, max_per_second=1)

    assert sum(naps) == 0


@pytest.mark.parametrize(
    "touch",
    [
        lambda item: Rule.objects.count(),
        lambda item: Rule.objects.create(rule_set="x", key=item),
        lambda item: get_user_model().objects.first(),
        lambda item: Claim.objects.all().delete(),
    ],
)
def test_compute_that_touches_the_database_is_a_bug_with_a_clear_message(touch: object) -> None:
    report = run(FakeStage(["a"], {"a": [touch]}))

    assert report.counts["bug"] == 1
    assert Claim.objects.get().reason.startswith("RuntimeError: compute must not use the database")


def test_a_transaction_in_compute_is_refused_and_leaves_nothing_open() -> None:
    def in_transaction(item: str) -> None:
        with transaction.atomic():
            Rule.objects.count()

    report = run(FakeStage("ab", {"a": [in_transaction]}), workers=1)

    assert (report.counts["bug"], saved_keys()) == (1, ["b"])


def test_heartbeats_reach_the_run_its_claims_and_whoever_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "SECONDS_BETWEEN_HEARTBEATS", 0.0)
    monkeypatch.setattr(runner, "WAIT_SECONDS", 0.01)
    began, calls, seen = timezone.now(), list[int](), list[Any]()

    def on_beat() -> None:
        calls.append(1)
        seen.extend(Claim.objects.values_list("heartbeat_at", flat=True))

    run(FakeStage("a", {"a": [lambda item: time.sleep(0.05)]}), on_beat=on_beat)

    assert calls
    assert seen
    assert all(moment > began for moment in seen)
    assert StageRun.objects.get().heartbeat_at > began


def test_a_long_row_of_items_that_cannot_be_claimed_still_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    run(FakeStage(["a"], {"a": [ValueError("x")]}))
    monkeypatch.setattr(runner, "SECONDS_BETWEEN_HEARTBEATS", 0.0)
    calls: list[int] = []

    run(FakeStage(["a"] * 5), on_beat=lambda: calls.append(1))

    assert len(calls) == 5


def test_the_run_and_its_claims_name_this_process() -> None:
    owners: list[str] = []

    def note(item: str, result: object) -> Saved:
        owners.extend(Claim.objects.values_list("owner", flat=True))
        return Saved()

    run(FakeStage("ab", on_save=note), workers=1)

    assert {*owners, StageRun.objects.get().owner} == {str(this_process())}


def test_log_lines_carry_the_runs_trace_id_in_worker_threads_too() -> None:
    lines: list[str] = []

    def log(item: str) -> None:
        record = logging.LogRecord("x", 20, "x", 1, "said", None, None)
        TraceFilter().filter(record)
        lines.append(record.__dict__["trace_id"])

    run(FakeStage("a", {"a": [log]}), trace_id="f" * 32)

    assert lines == ["f" * 32]


def test_an_item_that_another_process_finished_meanwhile_is_not_done_again() -> None:
    done = {"b"}

    class Rechecking(FakeStage):
        def is_pending(self, item: str) -> bool:
            assert Claim.objects.filter(item_key=item).exclude(owner="").exists(), "asked once it is claimed"
            return item not in done

    stage = Rechecking("abc")
    report = run(stage, limit=2)

    assert (sorted(stage.computed), dict(report.counts)) == (["a", "c"], {"total": 2, "success": 2})
    assert not Claim.objects.exists()


def test_pending_is_read_as_it_is_worked_off() -> None:
    def endless() -> Iterator[str]:
        number = 0
        while True:
            number += 1
            yield str(number)

    stage = FakeStage(source=endless)
    run(stage, limit=5, workers=1)

    assert (len(saved_keys()), stage.read) == (5, 5)
