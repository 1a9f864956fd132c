"""The two statements of a search: how many stories there are by category and source, and one page of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from search.language import Wanted
from search.matching import Sort, matching, written
from search.models import Document

_COUNTS = "SELECT d.feed_category, d.source_id, count(*) FROM {tables} WHERE {condition} GROUP BY 1, 2"
_NEWEST = """
    SELECT d.version_id, NULL FROM {tables} WHERE {condition}
    ORDER BY d.published_at DESC, d.id DESC LIMIT %s OFFSET %s
"""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which documents count: those that match (all, without `wanted`), in these categories and of these sources.

    No category means any, and no source. `after` is included, `before` is not.
    """

    wanted: Wanted | None
    categories: Sequence[str] = ()
    source_ids: Sequence[UUID] = ()
    after: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A document of a page; `rank` is None where nothing was looked for."""

    version_id: UUID
    rank: float | None


def counts(narrowed: Narrowed) -> list[tuple[str, UUID, int]]:
    """Count the documents of each category and source. One query."""
    tables, condition, parameters = _from(narrowed)
    rows = _rows(_COUNTS.format(tables=tables, condition=condition), parameters)
    return [(category, _uuid(source_id), number) for category, source_id, number in rows]


def page(narrowed: Narrowed, *, sort: Sort, limit: int, offset: int) -> list[Found]:
    """Read a page. One query; two where it goes from one ranked block into the next."""
    how = matching(connection.vendor)
    if narrowed.wanted is None:
        return _found(_NEWEST, narrowed, limit, offset)
    if sort is Sort.RECENCY or how.block is None:
        return _found(how.pages[sort], narrowed, limit, offset)
    first = offset % how.block
    found = _found(how.pages[sort], narrowed, how.block, offset - first, limit, first)
    if len(found) < limit and first + limit > how.block:
        rest = limit - len(found)
        found += _found(how.pages[sort], narrowed, how.block, offset - first + how.block, rest, 0)
    return found


def _found(sql: str, narrowed: Narrowed, *bounds: int) -> list[Found]:
    tables, condition, parameters = _from(narrowed)
    rows = _rows(sql.format(tables=tables, condition=condition), [*parameters, *bounds])
    return [Found(_uuid(version_id), rank) for version_id, rank in rows]


def _from(narrowed: Narrowed) -> tuple[str, str, list[Any]]:
    tables, conditions, parameters = "search_document d", ["1 = 1"], []
    if narrowed.wanted is not None:
        how = matching(connection.vendor)
        tables, conditions, parameters = how.tables, [how.condition], [written(narrowed.wanted, connection.vendor)]
    for condition, name, values in _filters(narrowed):
        field: Any = Document._meta.get_field(name)
        conditions.append(condition)
        parameters.extend(field.get_db_prep_value(each, connection) for each in values)
    return tables, " AND ".join(conditions), parameters


def _filters(narrowed: Narrowed) -> Iterator[tuple[str, str, Sequence[Any]]]:
    """Yield each condition with the field that its values are of."""
    if narrowed.categories:
        yield f"d.feed_category IN ({_marks(narrowed.categories)})", "feed_category", narrowed.categories
    if narrowed.source_ids:
        yield f"d.source_id IN ({_marks(narrowed.source_ids)})", "source", narrowed.source_ids
    if narrowed.after is not None:
        yield "d.published_at >= %s", "published_at", [narrowed.after]
    if narrowed.before is not None:
        yield "d.published_at < %s", "published_at", [narrowed.before]


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def _rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
