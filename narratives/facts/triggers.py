"""Changing rows without the triggers of somebody else's tables, which may give each changed row another date."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections, transaction

from narratives.facts.errors import StoreError
from narratives.facts.fields import POSTGRESQL

TABLE = "user_fact_relationships"
# Type bit 4 of pg_trigger is UPDATE; "O" is a trigger that fires for everybody but a replica.
_FIND = """
    SELECT tgname FROM pg_trigger
    WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal AND tgenabled = 'O' AND (tgtype & 16) <> 0
    ORDER BY tgname
"""
_ROLE = "SET LOCAL session_replication_role = "


@contextmanager
def without_triggers(alias: str) -> Iterator[None]:
    """Let no trigger of the facts' table fire inside, for this transaction alone.

    Raises:
        StoreError: there are triggers, and this user may not pass them by.
    """
    connection = connections[alias]
    names = _triggers(alias) if connection.vendor == POSTGRESQL else []
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


def _triggers(alias: str) -> list[str]:
    with connections[alias].cursor() as cursor:
        cursor.execute(_FIND, [TABLE])
        return [name for (name,) in cursor.fetchall()]
