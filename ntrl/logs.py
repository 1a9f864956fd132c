"""Log lines carry the trace id of the run they belong to."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from pythonjsonlogger.json import JsonFormatter

_trace_id: ContextVar[str] = ContextVar("trace_id", default="-")


class TraceFilter(logging.Filter):
    """Puts the current run's trace id on every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add `trace_id`; no record is dropped."""
        record.trace_id = _trace_id.get()
        return True


@contextmanager
def tracing(trace_id: str) -> Iterator[None]:
    """Log lines written inside carry `trace_id`, in threads that copy this context too."""
    token = _trace_id.set(trace_id)
    try:
        yield
    finally:
        _trace_id.reset(token)


class JsonLines(JsonFormatter):
    """One JSON document a line: time (UTC), level, logger, process, trace_id, message; a traceback as `exc_info`."""

    def __init__(self) -> None:
        renamed = {"asctime": "time", "levelname": "level", "name": "logger"}
        fields = "{asctime}{levelname}{name}{process}{trace_id}{message}"
        super().__init__(fields, style="{", rename_fields=renamed)

    def formatTime(  # noqa: N802 - the name is the library's
        self, record: logging.LogRecord, datefmt: str | None = None
    ) -> str:
        """ISO 8601 in UTC with milliseconds and Z."""
        moment = datetime.fromtimestamp(record.created, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
