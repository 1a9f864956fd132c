"""The index of shown stories compared with what is shown, and made good where triggers were away."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from search.matching import matching
from search.triggers import are_installed, install

# Documents written in one transaction; others may write between two.
BATCH = 500
_COLUMNS = ("story_id", "version_id", "source_id", "feed_category", "published_at")
_MISSING = """
    SELECT version_id FROM search_shown n WHERE version_id > %s
    AND NOT EXISTS (SELECT 1 FROM search_document d WHERE d.version_id = n.version_id)
    ORDER BY version_id LIMIT %s
"""
_WRONG = """
    SELECT d.id FROM search_document d LEFT JOIN search_shown n ON {same}
    WHERE d.id > %s AND (n.version_id IS NULL OR {without_words}) ORDER BY d.id LIMIT %s
"""
_ALL = "SELECT id FROM search_document WHERE id > %s ORDER BY id LIMIT %s"
_DELETE = "DELETE FROM search_document WHERE id IN ({ids})"
_INSERT = """
    INSERT INTO search_document ({columns}) SELECT {columns} FROM search_shown WHERE version_id IN ({ids})
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Drift:
    """How the index differs from what is shown.

    Attributes:
        missing: stories that are not in it.
        wrong: documents of stories that are not shown, or not so.
        has_triggers: without them changes are missed from now on; and the counts, before it is made good, are unknown.
    """

    missing: int
    wrong: int
    has_triggers: bool

    @property
    def is_none(self) -> bool:
        """Whether the index is true, and stays so."""
        return self.has_triggers and not self.missing and not self.wrong


def drift(using: str = DEFAULT_DB_ALIAS) -> Drift:
    """Compare the index with what is shown."""
    if not are_installed(connections[using]):
        return Drift(0, 0, has_triggers=False)
    missing = sum(map(len, _batches(_MISSING, _FIRST_VERSION, using)))
    wrong = sum(map(len, _batches(_wrong(using), _FIRST_ID, using)))
    return Drift(missing, wrong, has_triggers=True)


def bring_up_to_date(using: str = DEFAULT_DB_ALIAS, *, rebuild: bool = False) -> Drift:
    """Make the triggers that are away, and the documents that are missing or wrong; returns what was made good.

    With `rebuild` every document is made anew: until that is done, searches find less.
    """
    had_triggers = are_installed(connections[using])
    if not had_triggers:
        install(connections[using])
    wrong = sum(_write(_DELETE, ids, using) for ids in _batches(_ALL if rebuild else _wrong(using), _FIRST_ID, using))
    missing = sum(_write(_INSERT, ids, using) for ids in _batches(_MISSING, _FIRST_VERSION, using))
    return Drift(missing, wrong, had_triggers)


# Below every document's id, and every version's.
_FIRST_ID, _FIRST_VERSION = 0, UUID(int=0).hex


def _wrong(using: str) -> str:
    # A column that is alike on both sides, whatever the database calls NULL: none of them may be NULL.
    same = " AND ".join(f"n.{column} = d.{column}" for column in _COLUMNS)
    return _WRONG.format(same=same, without_words=matching(connections[using].vendor).without_words)


def _batches(sql: str, first: Any, using: str) -> Iterator[list[Any]]:
    """Yield the ids that a statement gives, a batch at a time, each behind the one before."""
    while True:
        with connections[using].cursor() as cursor:
            cursor.execute(sql, [first, BATCH])
            ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return
        yield ids
        first = ids[-1]


def _write(sql: str, ids: list[Any], using: str) -> int:
    marks = ", ".join(["%s"] * len(ids))
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(sql.format(columns=", ".join(_COLUMNS), ids=marks), ids)
        return int(cursor.rowcount)
