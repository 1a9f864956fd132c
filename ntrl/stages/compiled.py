"""Statements that run for every item, built once: Django builds a query's SQL anew each time, at ten times its cost.

A query is written as always, with a `Parameter` wherever a value comes; what it asks stays one piece of code, and both
databases get their own SQL. Rows are inserted by a statement that is built once for their model.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql import DeleteQuery, UpdateQuery
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.query import Query


class Parameter(Expression):
    """The place of a value that each run of a statement gives anew; never None, which equals nothing.

    Args:
        name: the value's in the call.
        model: one with a field of the value's kind.
        field: that field's name.
    """

    def __init__(self, name: str, model: type[Model], field: str) -> None:
        super().__init__(output_field=cast("Field[Any, Any]", model._meta.get_field(field)))
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        """Leave the place open."""
        return "%s", [self]


@dataclass(frozen=True, slots=True)
class _Made:
    sql: str
    parameters: list[Any]
    converters: list[tuple[int, list[Callable[..., Any]], Any]]


class Statement:
    """A query that is built when it first runs; `build` is called once for each kind of database.

    Read it with `rows` or `exists`, or make it an `update` or a `delete` and `run` it.
    """

    def __init__(self, build: Callable[[], QuerySet[Any, Any] | Query]) -> None:
        self._build = build
        self._made: dict[str, _Made] = {}

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Read the rows, of a queryset of `values_list`."""
        connection = _connection()
        made, cursor = self._execute(connection, values)
        with cursor:
            found = cursor.fetchall()
        return [tuple(_converted(connection, row, made)) for row in found] if made.converters else found

    def exists(self, **values: Any) -> bool:
        """Whether there is a row; for a query that `existence` made."""
        return bool(self.rows(**values))

    def run(self, **values: Any) -> int:
        """Write, and say how many rows were written."""
        with self._execute(_connection(), values)[1] as cursor:
            return int(cursor.rowcount)

    def _execute(self, connection: BaseDatabaseWrapper, values: dict[str, Any]) -> tuple[_Made, CursorWrapper]:
        made = self._made.get(connection.vendor)
        if made is None:
            made = self._made[connection.vendor] = _make(connection, self._build())
        cursor = connection.cursor()
        cursor.execute(made.sql, [_value(connection, parameter, values) for parameter in made.parameters])
        return made, cursor


def existence(rows: QuerySet[Any, Any]) -> Query:
    """Make it the question whether there is such a row."""
    question: Query = rows.query.exists()
    return question


def update(rows: QuerySet[Any, Any], **values: Any) -> Query:
    """Make it an update of these rows."""
    query = cast(UpdateQuery, rows.query.chain(UpdateQuery))
    query.add_update_values(values)
    return query


def delete(rows: QuerySet[Any, Any]) -> Query:
    """Make it the deletion of these rows, of a model that no other one refers to."""
    return rows.query.chain(DeleteQuery)


def insert(rows: Sequence[Model]) -> None:
    """Insert new rows of one model by one statement; a number that the database gives them is not read."""
    if not rows:
        return
    connection = _connection()
    fields, sql = _insertion(type(rows[0]), len(rows), "", connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for row in rows for value in _stored(connection, row, fields)])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def insert_alike(row: Model, name: str, values: Sequence[Any]) -> None:
    """Insert a row for each of these values of one field; all else is as in `row`, which says it once for all."""
    if not values:
        return
    connection = _connection()
    fields, sql = _insertion(type(row), len(values), "", connection.vendor)
    shared = list(_stored(connection, row, fields))
    at = next(place for place, field in enumerate(fields) if field.name == name)
    varied = [fields[at].get_db_prep_save(value, connection) for value in values]
    with connection.cursor() as cursor:
        cursor.execute(sql, [part for value in varied for part in (*shared[:at], value, *shared[at + 1 :])])


def insert_one(row: Model, *, unless_there: bool = False) -> bool:
    """Insert a new row and give it its number.

    Args:
        row: new, and with a key that the database counts.
        unless_there: do nothing when it breaks a unique constraint.

    Returns:
        Whether it was inserted.
    """
    connection = _connection()
    conflict = " ON CONFLICT DO NOTHING" if unless_there else ""
    ending = f"{conflict} RETURNING {connection.ops.quote_name(_key(type(row)).column)}"
    fields, sql = _insertion(type(row), 1, ending, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, list(_stored(connection, row, fields)))
        given = cursor.fetchone()
    if given is not None:
        row.pk, row._state.adding, row._state.db = given[0], False, connection.alias
    return given is not None


def _connection() -> BaseDatabaseWrapper:
    """The thread's own connection itself: asking `django.db.connection` for each value costs as much as the values."""
    return connections[DEFAULT_DB_ALIAS]


def _make(connection: BaseDatabaseWrapper, query: QuerySet[Any, Any] | Query) -> _Made:
    if isinstance(query, QuerySet):
        query = query.query
    compiler = query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    shown = [selected for selected, *_ in compiler.select or ()]
    converters = [(at, *converter) for at, converter in compiler.get_converters(shown).items()]
    return _Made(sql, list(parameters), converters)


def _value(connection: BaseDatabaseWrapper, parameter: Any, values: dict[str, Any]) -> Any:
    if not isinstance(parameter, Parameter):
        return parameter
    value = values[parameter.name]
    if value is None:
        raise ValueError(f"{parameter.name} is None, which equals nothing")
    return parameter.output_field.get_db_prep_value(value, connection)


def _converted(connection: BaseDatabaseWrapper, row: Sequence[Any], made: _Made) -> list[Any]:
    values = list(row)
    for at, converters, expression in made.converters:
        for convert in converters:
            values[at] = convert(values[at], expression, connection)
    return values


@lru_cache(maxsize=100)
def _insertion(model: type[Model], rows: int, ending: str, vendor: str) -> tuple[list["Field[Any, Any]"], str]:
    fields = [field for field in model._meta.local_concrete_fields if not _is_counted(field)]
    name = _connection().ops.quote_name
    columns = ", ".join(name(field.column) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    table = name(model._meta.db_table)
    sql = f"INSERT INTO {table} ({columns}) VALUES {', '.join([row] * rows)}{ending}"  # noqa: S608 - names, no values
    return fields, sql


def _is_counted(field: "Field[Any, Any]") -> bool:
    return field.get_internal_type() in ("AutoField", "BigAutoField", "SmallAutoField")


def _stored(connection: BaseDatabaseWrapper, row: Model, fields: Sequence["Field[Any, Any]"]) -> Iterator[Any]:
    return (field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields)


def _key(model: type[Model]) -> "Field[Any, Any]":
    key = model._meta.pk
    assert key is not None  # only an abstract model has none
    return key
