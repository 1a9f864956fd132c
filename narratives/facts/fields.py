"""A time in a column without time zone, which means UTC whatever the host and the session are set to."""

from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

POSTGRESQL = "postgresql"


class UtcDateTimeField(models.DateTimeField):  # type: ignore[type-arg]
    """Aware UTC in Python; on PostgreSQL `timestamp without time zone`, elsewhere as Django has times."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """The column's type."""
        return "timestamp" if connection.vendor == POSTGRESQL else super().db_type(connection)

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        """Read a naive time as UTC, explicitly."""
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return value

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """Send UTC without a zone, so that no session's time zone turns it into another time."""
        if connection.vendor != POSTGRESQL:
            return super().get_db_prep_value(value, connection, prepared)
        value = value if prepared else self.get_prep_value(value)
        return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value
