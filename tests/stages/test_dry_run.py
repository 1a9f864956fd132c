"""A dry run says what would be done, and leaves no trace anywhere."""

import threading
from typing import Any

import pytest
from django.apps import apps

from ntrl.stages.errors import Quarantined
from ntrl.stages.models import Claim, RunStatus
from tests.support.stages import FakeStage, Recorder, run

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[Any]]:
    """Every row of every table."""
    return {str(model): list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}


def test_nothing_is_computed_or_written() -> None:
    stage = FakeStage("abc", {"a": [ValueError("never asked")]})
    before = everything()

    report = run(stage, dry_run=True)

    assert stage.computed == []
    assert everything() == before
    assert report.planned == ["would do a", "would do b", "would do c"]
    assert (report.status, report.dry_run, dict(report.counts)) == (RunStatus.COMPLETED, True, {"planned": 3})


def test_it_plans_what_a_run_would_take() -> None:
    run(FakeStage("ab", {"a": [Quarantined("gone")], "b": [Quarantined("gone")]}))
    before = everything()

    assert run(FakeStage("abc"), dry_run=True).planned == ["would do c"]
    assert run(FakeStage("abc"), dry_run=True, force=True).planned == ["would do a", "would do b", "would do c"]
    assert run(FakeStage("abc", hashes={"a": "changed"}), dry_run=True).planned == ["would do a", "would do c"]
    assert everything() == before


@pytest.mark.parametrize("limit", [1, 2])
def test_it_plans_no_more_than_the_limit(limit: int) -> None:
    stage = FakeStage("abcd")

    assert len(run(stage, dry_run=True, limit=limit).planned) == limit
    assert stage.read <= limit + 1


def test_asked_to_stop_it_stops() -> None:
    stop = threading.Event()
    stop.set()

    report = run(FakeStage("abcd"), dry_run=True, stop=stop)

    assert (report.planned, report.status) == ([], RunStatus.PARTIAL)


def test_it_shows_no_progress_and_leaves_claims_of_others_alone() -> None:
    progress = Recorder()
    run(FakeStage("a", {"a": [ValueError("x")]}))
    before = Claim.objects.values().get()

    run(FakeStage("ab"), dry_run=True, progress=progress)

    assert progress.calls == []
    assert Claim.objects.values().get() == before
