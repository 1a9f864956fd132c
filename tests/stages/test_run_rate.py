"""How many items a run begins in a second, and that its pauses heed signals, heartbeats and the others."""

import threading
import time
from collections.abc import Iterator

import pytest

from ntrl.stages import runner
from ntrl.stages.models import Claim
from ntrl.stages.stage import Saved
from tests.support.stages import FakeStage, run, saved_keys

pytestmark = pytest.mark.django_db
# Slower than any test may wait.
HARDLY_EVER = 0.001


def test_a_pause_comes_before_the_claim_and_a_stop_ends_it() -> None:
    stop = threading.Event()
    held: list[int] = []

    def stop_once_saved(item: str, result: object) -> Saved:
        held.append(Claim.objects.exclude(item_key=item).count())
        stop.set()
        return Saved()

    report = run(FakeStage("abc", on_save=stop_once_saved), max_per_second=HARDLY_EVER, stop=stop)

    assert (saved_keys(), held, report.stopped) == (["a"], [0], "asked to stop")
    assert not Claim.objects.exists()


def test_a_long_pause_still_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "SECONDS_BETWEEN_HEARTBEATS", 0.0)
    monkeypatch.setattr(runner, "WAIT_SECONDS", 0.01)
    stop, beats = threading.Event(), list[int]()

    def beat() -> None:
        beats.append(1)
        if len(beats) == 20:
            stop.set()

    run(FakeStage("ab"), max_per_second=HARDLY_EVER, stop=stop, on_beat=beat)

    assert saved_keys() == ["a"]


def test_the_limit_is_reached_without_another_pause() -> None:
    started = time.monotonic()

    run(FakeStage("abc"), limit=1, max_per_second=HARDLY_EVER)
    run(FakeStage("d"), max_per_second=HARDLY_EVER)

    assert saved_keys() == ["a", "d"]
    assert time.monotonic() - started < 1 / HARDLY_EVER


def test_a_long_row_of_items_that_are_not_wanted_beats_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "SECONDS_BETWEEN_HEARTBEATS", 0.0)
    stop, beats = threading.Event(), list[int]()

    def beat() -> None:
        beats.append(1)
        if len(beats) == 5:
            stop.set()

    class Picky(FakeStage):
        def is_wanted(self, item: str) -> bool:
            return False

    def endless() -> Iterator[str]:
        while True:
            yield "a"

    stage = Picky(source=endless)
    run(stage, stop=stop, on_beat=beat)

    assert (stage.read, stage.computed) == (5, [])


def test_a_dry_run_names_only_what_is_wanted() -> None:
    class Picky(FakeStage):
        def is_wanted(self, item: str) -> bool:
            return item != "b"

    assert run(Picky("abc"), dry_run=True).planned == ["would do a", "would do c"]
