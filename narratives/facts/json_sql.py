"""Changes of a JSON column in the database itself, so that whatever else stands there stays as it is written."""

import json
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, JSONField, Value
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler

Sql = tuple[str, Any]


class Merged(Func):
    """A JSON object with these keys set; null counts as an empty one."""

    output_field = JSONField()
    template_postgresql = "(COALESCE(NULLIF(%(expressions)s, 'null'::jsonb), '{}'::jsonb) || %%s::jsonb)"

    def __init__(self, column: str, **values: Any) -> None:
        super().__init__(F(column))
        self.values = values

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Sql:
        """The operator `||`."""
        sql, params = self.as_sql(compiler, connection, template=self.template_postgresql)
        return sql, (*params, json.dumps(self.values))

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Sql:
        """One json_set for all keys."""
        pairs = ", ".join("%%s, json(%%s)" for _ in self.values)
        template = f"json_set(COALESCE(NULLIF(%(expressions)s, 'null'), '{{}}'), {pairs})"
        sql, params = self.as_sql(compiler, connection, template=template)
        return sql, (*params, *(part for key, value in self.values.items() for part in (_path(key), json.dumps(value))))


class Without(Func):
    """A JSON object without these keys."""

    output_field = JSONField()

    def __init__(self, column: str, keys: list[str]) -> None:
        super().__init__(F(column))
        self.keys = keys

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Sql:
        """The operator `-`."""
        sql, params = self.as_sql(compiler, connection, template="(%(expressions)s - %%s::text[])")
        return sql, (*params, self.keys)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Sql:
        """The function json_remove."""
        paths = ", ".join("%%s" for _ in self.keys)
        sql, params = self.as_sql(compiler, connection, template=f"json_remove(%(expressions)s, {paths})")
        return sql, (*params, *map(_path, self.keys))


def json_null() -> Combinable:
    """JSON's null, which is not the column's."""
    return Value(None, JSONField())


def _path(key: str) -> str:
    return f'$."{key}"'
