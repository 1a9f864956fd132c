"""Whether the service can do its work: database, tables, storage of bodies, and somebody who works off the queue."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

from ingestion.models import StoryBody
from ntrl.bodies import BodyMissing, BodyUnavailable, check_body_storage
from ntrl.pipeline.queue import waiting_since

OK = "ok"
# A task that waits so long is waiting for clusters that are not there, or hang.
QUEUE_AGE_AT_MOST = timedelta(minutes=15)


def readiness(now: datetime) -> dict[str, str]:
    """Say of each part `ok`, or in plain words what is wrong; no address and no secret in it."""
    found: dict[str, str] = {}
    checks: dict[str, Callable[[], str]] = {
        "database": _database,
        "migrations": _migrations,
        "queue": lambda: _queue(now),
        "storage": lambda: _storage(has_database=found["database"] == found["migrations"] == OK),
    }
    for name, check in checks.items():
        found[name] = check() if name == "storage" or set(found.values()) <= {OK} else "not asked"
    return found


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return OK


def _migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "can't be read"
    return f"{len(behind)} are not applied" if behind else OK


def _queue(now: datetime) -> str:
    since = waiting_since(now)
    if since is None or now - since <= QUEUE_AGE_AT_MOST:
        return OK
    return f"a task has waited for {(now - since) // timedelta(minutes=1)} minutes; is qcluster running?"


def _storage(*, has_database: bool) -> str:
    try:
        check_body_storage()
    except BodyUnavailable:
        return "can't be used"
    except BodyMissing:
        return "is gone" if has_database and StoryBody.objects.filter(expired_at=None).exists() else OK
    return OK
