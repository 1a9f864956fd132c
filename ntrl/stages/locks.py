"""Locks that exist without a row: one process at a time does what all its readers must see whole."""

from django.db import connection


def hold_until_commit(name: str) -> None:
    """Wait until nobody else holds the lock `name`, and hold it to the end of this transaction.

    What must be true under the lock is read after this call. Needs a transaction. SQLite's are immediate here: one
    writes at a time, and what it reads is true until it ends.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
