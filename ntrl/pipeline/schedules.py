"""What runs by itself, and when: one table, written into django-q2's."""

from dataclasses import dataclass
from datetime import datetime

from croniter import croniter
from django.utils import timezone
from django_q.models import Schedule

# Our schedules' names begin so; others in the same table are left alone.
PREFIX = "ntrl: "


@dataclass(frozen=True, slots=True)
class Job:
    """A job that runs by the clock. `cron` is in UTC; `func` is one of `ntrl.pipeline.tasks`."""

    name: str
    func: str
    cron: str


JOBS = (
    Job("pipeline", "ntrl.pipeline.tasks.start_run", "0 */4 * * *"),
    Job("consolidate narratives", "ntrl.pipeline.tasks.consolidate", "30 * * * *"),
    # Every 11 minutes, and after the hour's last time after five: crons know no other way.
    Job("enrich facts", "ntrl.pipeline.tasks.enrich", "*/11 * * * *"),
    Job("watch", "ntrl.pipeline.tasks.watch", "*/5 * * * *"),
    Job("purge bodies", "ntrl.pipeline.tasks.purge_bodies", "10 3 * * *"),
    Job("mend the search's index", "ntrl.pipeline.tasks.reindex_search", "25 3 * * *"),
    Job("purge logs", "ntrl.pipeline.tasks.purge_logs", "40 3 * * *"),
)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A job that is set up, and when it runs next."""

    name: str
    cron: str
    next_run: datetime


def set_up_schedules(now: datetime | None = None) -> list[Scheduled]:
    """Write every job's schedule; what is there and unchanged keeps its next time. Done again, it changes nothing."""
    now = now or timezone.now()
    Schedule.objects.filter(name__startswith=PREFIX).exclude(name__in=[PREFIX + job.name for job in JOBS]).delete()
    return [_set_up(job, now) for job in JOBS]


def remove_schedules() -> int:
    """Let nothing of ours run by itself any more; returns how many schedules there were."""
    return int(Schedule.objects.filter(name__startswith=PREFIX).delete()[0])


def scheduled() -> list[Scheduled]:
    """The schedules there are, the next one first."""
    rows = Schedule.objects.filter(name__startswith=PREFIX).order_by("next_run")
    return [Scheduled(row.name.removeprefix(PREFIX), row.cron, row.next_run) for row in rows]


def _set_up(job: Job, now: datetime) -> Scheduled:
    name = PREFIX + job.name
    there = list(Schedule.objects.filter(name=name).order_by("pk"))
    keeps_time = bool(there) and there[0].cron == job.cron
    next_run = there[0].next_run if keeps_time else croniter(job.cron, now).get_next(datetime)
    if len(there) > 1:  # the name is not unique in their table
        Schedule.objects.filter(pk__in=[row.pk for row in there[1:]]).delete()
    values = {"func": job.func, "schedule_type": Schedule.CRON, "cron": job.cron, "repeats": -1, "next_run": next_run}
    Schedule.objects.update_or_create(name=name, defaults=values)
    return Scheduled(job.name, job.cron, next_run)
