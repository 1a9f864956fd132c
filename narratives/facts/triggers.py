"""Changing rows without the triggers of somebody else's tables, which may give each changed row another date."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections, transaction

from narratives.facts.errors import StoreError
from narratives.facts.fields import POSTGRESQL

TABLE = "user_fact_relationships"
# Type bit 4 of pg_trigger is UPDATE; "O" fires for everybody but a replica, "A" for a replica too, "R" for it alone.
_FIND = """
    SELECT tgname, tgenabled::text FROM pg_trigger
    WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal AND tgenabled <> 'D' AND (tgtype & 16) <> 0
    ORDER BY tgname
"""
OF_ALL_BUT_REPLICAS, ALWAYS = "O", "A"
_ROLE = "SET LOCAL session_replication_role = "


@contextmanager
def without_triggers(alias: str) -> Iterator[None]:
    """Let no trigger of the facts' table fire inside, for this transaction alone.

    Raises:
        StoreError: there are triggers, and this user may not pass them by.
    """
    connection = connections[alias]
    found = _triggers(alias) if connection.vendor == POSTGRESQL else {}
    if always := [name for name, when in found.items() if when == ALWAYS]:
        raise StoreError(
            f"{TABLE} has a trigger ({', '.join(always)}) that is enabled ALWAYS and would change rows beyond their "
            f"marks. Switch it off for the time of the run (ALTER TABLE {TABLE} DISABLE TRIGGER {always[0]})."
        )
    names = [name for name, when in found.items() if when == OF_ALL_BUT_REPLICAS]
    if not names:
        yield
        return
    try:
        with transaction.atomic(using=alias), connection.cursor() as cursor:
            cursor.execute(f"{_ROLE}replica")
    except DatabaseError:
        raise StoreError(
            f"{TABLE} has a trigger ({', '.join(names)}) that would change rows beyond their marks, and this database "
            f"user may not pass it by. Let it (GRANT SET ON PARAMETER session_replication_role), or switch the trigger "
            f"off for the time of the run (ALTER TABLE {TABLE} DISABLE TRIGGER USER)."
        ) from None
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"{_ROLE}origin")


def _triggers(alias: str) -> dict[str, str]:
    """The triggers that see changes, by name, with when they fire."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_FIND, [TABLE])
        return dict(cursor.fetchall())
