"""What runs by itself: one table, written as often as one likes."""

import io
import json
from datetime import UTC, datetime
from importlib import import_module

import pytest
from croniter import croniter
from django.core.management import call_command
from django_q.models import Schedule

from ntrl.pipeline.schedules import JOBS, PREFIX, Job, remove_schedules, scheduled, set_up_schedules

NOW = datetime(2026, 11, 21, 17, 7, tzinfo=UTC)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_has_a_task_and_a_time(job: Job) -> None:
    module, _, name = job.func.rpartition(".")
    assert callable(getattr(import_module(module), name))
    assert croniter.is_valid(job.cron)


@pytest.mark.django_db
def test_set_up_again_and_again_there_is_one_of_each() -> None:
    Schedule.objects.create(name="somebody else's", func="math.floor")
    Schedule.objects.create(name=f"{PREFIX}pipeline", func="math.floor")
    Schedule.objects.create(name=f"{PREFIX}pipeline", func="math.floor")
    Schedule.objects.create(name=f"{PREFIX}what an earlier release ran", func="math.floor")

    for _ in range(2):
        set_up_schedules(NOW)

    ours = Schedule.objects.filter(name__startswith=PREFIX)
    assert sorted((row.name, row.func, row.cron) for row in ours) == sorted(
        (PREFIX + job.name, job.func, job.cron) for job in JOBS
    )
    assert set(ours.values_list("schedule_type", "repeats")) == {(Schedule.CRON, -1)}
    assert Schedule.objects.exclude(name__startswith=PREFIX).count() == 1


@pytest.mark.django_db
def test_a_job_that_is_due_stays_due_when_schedules_are_set_up_again() -> None:
    set_up_schedules(NOW)
    due = datetime(2026, 11, 21, 16, tzinfo=UTC)
    Schedule.objects.filter(name=f"{PREFIX}pipeline").update(next_run=due)

    set_up_schedules(NOW)

    assert (scheduled()[0].name, scheduled()[0].next_run) == ("pipeline", due)


@pytest.mark.django_db
def test_times_are_those_of_the_specification() -> None:
    times = {job.name: f"{job.next_run:%d %H:%M}" for job in set_up_schedules(NOW)}
    assert times == {
        "pipeline": "21 20:00",
        "consolidate narratives": "21 17:30",
        "enrich facts": "21 17:11",
        "watch": "21 17:10",
        "purge bodies": "22 03:10",
        "mend the search's index": "22 03:25",
        "purge logs": "22 03:40",
    }


@pytest.mark.django_db
def test_the_command_sets_up_and_removes() -> None:
    out = io.StringIO()
    call_command("setup_schedules", "--json", stdout=out)
    assert [row["name"] for row in json.loads(out.getvalue())["schedules"]] == [job.name for job in JOBS]

    call_command("setup_schedules", "--remove", stdout=io.StringIO())
    assert (Schedule.objects.count(), remove_schedules()) == (0, 0)
