"""How a run ends before its work does: asked to, out of time, out of workers, or broken."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ntrl.stages import claims, runner
from ntrl.stages.errors import RetryLater
from ntrl.stages.models import Claim, FailureKind, PipelineLog, RunStatus, StageRun
from ntrl.stages.stage import Saved
from tests.support.stages import FakeStage, Recorder, run, saved_keys

pytestmark = pytest.mark.django_db


class Impatient(FakeStage):
    """Gives an item a moment."""

    deadline_seconds = 0.3  # type: ignore[assignment]


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """An event that hanging workers wait for; set at the end, so that no thread outlives its test."""
    monkeypatch.setattr(runner, "WAIT_SECONDS", 0.02)
    event = threading.Event()
    yield event
    event.set()


def test_asked_to_stop_it_finishes_what_is_begun_and_puts_the_rest_back() -> None:
    stop = threading.Event()

    def stop_then_finish(item: str) -> str:
        stop.set()
        time.sleep(0.05)
        return item

    stage = FakeStage("abcdef", {"a": [stop_then_finish]})
    report = run(stage, workers=1, stop=stop)

    assert "a" in saved_keys()
    assert saved_keys() == sorted(stage.computed)
    assert len(stage.computed) <= 2
    assert not Claim.objects.exists()
    assert (report.status, report.stopped) == (RunStatus.PARTIAL, "asked to stop")
    assert (StageRun.objects.get().status, StageRun.objects.get().reason) == (RunStatus.PARTIAL, "asked to stop")


def test_putting_back_keeps_what_is_known_of_an_earlier_failure(hang: threading.Event) -> None:
    stop = threading.Event()
    stage = FakeStage("ab", {"b": [RetryLater("http_503", "busy")]})
    run(stage)
    Claim.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    before = Claim.objects.values().get()

    def stop_while_b_waits(item: str) -> str:
        stop.set()
        time.sleep(0.3)  # many times the runner's wait: it puts b back meanwhile
        return item

    again = FakeStage("cb", {"c": [stop_while_b_waits]})
    run(again, workers=1, stop=stop)

    assert again.computed == ["c"]
    after = Claim.objects.values().get()
    assert {**before, "token": None} == {**after, "token": None}
    assert claims.due_keys("fake", now=timezone.now(), code_version="x") == ["b"]


def test_a_stop_set_beforehand_begins_nothing() -> None:
    stop = threading.Event()
    stop.set()
    stage = FakeStage("abc")

    report = run(stage, stop=stop)

    assert (stage.computed, Claim.objects.count(), report.status) == ([], 0, RunStatus.PARTIAL)


def test_a_stop_ends_a_long_row_of_items_that_cannot_be_claimed() -> None:
    stop = threading.Event()
    stage = FakeStage(["a"], {"a": [ValueError("odd")]})
    run(stage)

    def endless() -> Iterator[str]:
        for number in range(10_000):
            if number == 5:
                stop.set()
            yield "a"

    refused = FakeStage(source=endless)
    run(refused, stop=stop)

    assert refused.read == 6


@pytest.mark.parametrize(("limit", "done"), [(1, 1), (3, 3), (10, 4), (None, 4)])
def test_no_more_items_are_taken_than_the_limit(limit: int | None, done: int) -> None:
    report = run(FakeStage("abcd"), limit=limit, workers=2)

    assert (report.counts["total"], report.status, Claim.objects.count()) == (done, RunStatus.COMPLETED, 0)


def test_items_that_cannot_be_claimed_do_not_use_up_the_limit() -> None:
    run(FakeStage("ab", {"a": [ValueError("x")], "b": [ValueError("x")]}))

    run(FakeStage("abcd"), limit=2)

    assert saved_keys() == ["c", "d"]


def test_an_item_past_its_deadline_is_left_for_later_and_the_others_go_on(hang: threading.Event) -> None:
    stage = Impatient("abcd", {"a": [lambda item: hang.wait(5)]})

    report = run(stage, workers=2)

    claim = Claim.objects.get()
    assert (claim.item_key, claim.failure_kind) == ("a", FailureKind.RETRY)
    assert claim.reason.startswith("deadline: no result within")
    assert PipelineLog.objects.get(item_key="a").failure_reason == "deadline"
    assert saved_keys() == ["b", "c", "d"]
    assert (report.counts["retry"], report.stopped) == (1, "")


def test_every_worker_hanging_stops_the_stage(hang: threading.Event) -> None:
    items = "abcdefgh"
    stage = Impatient(items, {item: [lambda item: hang.wait(5)] for item in items})

    report = run(stage, workers=2)

    assert (report.status, report.stopped) == (RunStatus.PARTIAL, "every worker hangs past its deadline")
    assert sorted(stage.computed) == ["a", "b"]
    assert sorted(Claim.objects.values_list("item_key", flat=True)) == ["a", "b"]
    assert not Claim.objects.exclude(owner="").exists()


def test_workers_that_come_back_late_are_workers_again(hang: threading.Event) -> None:
    given_up = {"late 1": threading.Event(), "late 2": threading.Event()}

    def note(item: str, failure: object) -> dict[str, int]:
        given_up[item].set()
        return {}

    def late(item: str) -> object:
        return given_up[item].wait(5)

    # One is late at a time: meanwhile the other worker passes half its deadline, then waits for the first.
    items = ["late 1", "pause 1", "join 1", "late 2", "pause 2", "join 2"]
    replies: dict[str, list[Any]] = {
        item: [late] if item in given_up else [lambda item: time.sleep(0.15)] for item in items
    }
    replies["join 1"] = [lambda item: given_up["late 1"].wait(5)]
    replies["join 2"] = [lambda item: given_up["late 2"].wait(5)]

    report = run(Impatient(items, replies, on_failure=note), workers=2)

    assert (report.stopped, report.counts["retry"]) == ("", 2)
    assert saved_keys() == ["join 1", "join 2", "pause 1", "pause 2"]


def test_a_stage_that_breaks_ends_as_failed_and_lets_go_of_its_items() -> None:
    release = threading.Event()

    def breaks() -> Iterator[str]:
        yield "a"
        raise LookupError("no such table")

    stage = FakeStage(source=breaks, replies={"a": [lambda item: release.wait(5)]})
    progress = Recorder()

    with pytest.raises(LookupError, match="no such table"):
        run(stage, workers=2, progress=progress)
    release.set()

    row = StageRun.objects.get()
    assert (row.status, row.reason) == (RunStatus.FAILED, "LookupError: no such table")
    assert row.finished_at is not None
    assert not Claim.objects.exists()
    assert progress.calls[-1] == ("finish",)


def test_a_total_that_cannot_be_counted_ends_as_failed_too() -> None:
    class Uncountable(FakeStage):
        def total(self) -> int:
            raise LookupError("no such table")

    with pytest.raises(LookupError):
        run(Uncountable(["a"]))

    assert StageRun.objects.get().status == RunStatus.FAILED


def test_a_system_that_gives_no_thread_ends_as_failed_and_keeps_none_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[threading.Thread] = []
    start = threading.Thread.start

    def start_two(thread: threading.Thread) -> None:
        if len(begun) == 2:
            raise RuntimeError("can't start new thread")
        begun.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_two)

    with pytest.raises(RuntimeError):
        run(FakeStage("a"), workers=3)

    assert StageRun.objects.get().status == RunStatus.FAILED
    for thread in begun:
        thread.join(timeout=5)
        assert not thread.is_alive()


def test_an_interrupt_lets_go_of_the_items_and_goes_on_up() -> None:
    def interrupt(item: str, result: Any) -> Saved:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(FakeStage("abc", on_save=interrupt), workers=1)

    assert StageRun.objects.get().status == RunStatus.FAILED
    assert not Claim.objects.exists()
    assert saved_keys() == []
