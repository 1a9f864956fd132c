"""A run that a cluster is to do: its row is there at once, it is begun once, and given up if nobody takes it up."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from ntrl.pipeline import background, services, tasks
from ntrl.pipeline.background import start_in_background, take_up
from ntrl.pipeline.lock import NOT_TAKEN_UP, AlreadyRunning, begin_run
from ntrl.pipeline.models import PipelineRunSummary, Trigger
from ntrl.pipeline.services import PipelineOptions
from ntrl.stages.owner import this_process

pytestmark = pytest.mark.django_db


def start(**options: int) -> str:
    return start_in_background(trigger=Trigger.API, options=PipelineOptions(**options))


def test_a_queued_run_stands_in_the_table_with_its_task() -> None:
    trace_id = start(neutralize_limit=7)

    run = PipelineRunSummary.objects.get()
    assert (run.trace_id, run.status, run.trigger, run.owner) == (trace_id, "queued", "api", "")
    assert run.parameters["neutralize_limit"] == 7
    task = SignedPackage.loads(OrmQ.objects.get().payload)
    assert (task["func"], task["args"]) == ("ntrl.pipeline.tasks.run_queued", (trace_id,))


def test_row_and_task_are_written_together_or_not_at_all() -> None:
    def start_and_fail() -> None:
        with transaction.atomic():
            start()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        start_and_fail()

    assert (PipelineRunSummary.objects.count(), OrmQ.objects.count()) == (0, 0)


def test_while_one_waits_or_goes_on_another_is_refused_whatever_the_door() -> None:
    trace_id = start()
    for door in (start, lambda: begin_run(trace_id="other", trigger=Trigger.MANUAL)):
        with pytest.raises(AlreadyRunning) as refusal:
            door()
        assert refusal.value.trace_id == trace_id
    assert tasks.start_run() == f"a pipeline run is under way already (trace id {trace_id})"
    assert OrmQ.objects.count() == 1


def test_the_database_refuses_two_under_way() -> None:
    start()
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        PipelineRunSummary.objects.create(
            trace_id="b", trigger=Trigger.API, status="running", owner="x", started_at=now, heartbeat_at=now
        )


def test_it_is_begun_once_however_often_its_task_is_delivered() -> None:
    trace_id = start(cutoff_hours=5)

    result = take_up(trace_id, stop=threading.Event())

    assert result is not None
    assert (result.summary.trace_id, result.summary.owner) == (trace_id, str(this_process()))
    assert result.summary.status == "completed"
    assert take_up(trace_id, stop=threading.Event()) is None
    assert tasks.run_queued(trace_id) == "not begun"
    assert PipelineRunSummary.objects.count() == 1


def test_a_cluster_that_stops_leaves_the_run_to_the_next() -> None:
    trace_id = start()
    OrmQ.objects.all().delete()  # delivered
    stop = threading.Event()
    stop.set()

    assert take_up(trace_id, stop=stop) is None

    assert PipelineRunSummary.objects.get().status == "queued"
    assert OrmQ.objects.count() == 1


def test_one_that_nobody_takes_up_is_given_up() -> None:
    trace_id = start()
    PipelineRunSummary.objects.update(started_at=timezone.now() - timedelta(minutes=16))

    other = start()

    given_up = PipelineRunSummary.objects.get(trace_id=trace_id)
    assert (given_up.status, given_up.reason) == ("failed", NOT_TAKEN_UP)
    assert PipelineRunSummary.objects.get(trace_id=other).status == "queued"
    assert take_up(trace_id, stop=threading.Event()) is None


def test_a_run_that_cant_be_brought_to_its_end_is_closed_though_its_worker_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **named: object) -> None:
        raise KeyError("odd")

    monkeypatch.setattr(services, "fill_figures", broken)
    trace_id = start()
    with pytest.raises(KeyError):
        take_up(trace_id, stop=threading.Event())
    trace_of_another_release = start()
    PipelineRunSummary.objects.filter(trace_id=trace_of_another_release).update(parameters={"unheard_of": 1})
    with pytest.raises(TypeError):
        take_up(trace_of_another_release, stop=threading.Event())

    for run in PipelineRunSummary.objects.all():
        assert run.status == "failed"
        assert run.reason.startswith(("KeyError: 'odd'", "TypeError: "))
        assert "pipeline_failed" in run.alerts


def test_a_worker_whose_database_fails_ends_so_that_its_rows_do_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **named: object) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(background, "take_up", failing)
    with pytest.raises(SystemExit, match="the database failed"):
        tasks.run_queued("f" * 32)
