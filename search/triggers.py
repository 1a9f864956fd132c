"""The triggers that keep the index true, in every transaction that changes a story: made, taken away, counted.

They stand in `search/sql`, in the language of each database. A migration that alters a table which a trigger names
would fail or lose it, so they are taken away before migrations and made again after them (`search.apps`).
"""

from functools import cache
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

_FOLDER = Path(__file__).parent / "sql"
_COUNT = {
    "postgresql": r"SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'search\_%' AND NOT tgisinternal",
    "sqlite": r"SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'search\_%' ESCAPE '\'",
}


def are_installed(connection: BaseDatabaseWrapper) -> bool:
    """Whether all of them stand, so that no change is missed."""
    wanted = sum(" TRIGGER " in statement for statement in _statements(connection.vendor))
    with connection.cursor() as cursor:
        cursor.execute(_COUNT[connection.vendor])
        return bool(cursor.fetchone()[0] == wanted)


def install(connection: BaseDatabaseWrapper) -> None:
    """Make them, and the words' column or table, where they are missing."""
    _run(connection, connection.vendor)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take them away; documents and words stay."""
    _run(connection, f"{connection.vendor}_remove")


def _run(connection: BaseDatabaseWrapper, name: str) -> None:
    with connection.cursor() as cursor:
        for statement in _statements(name):
            cursor.execute(statement)


@cache
def _statements(name: str) -> list[str]:
    return [part for part in (_FOLDER / f"{name}.sql").read_text().split("\n\n") if part.strip()]
