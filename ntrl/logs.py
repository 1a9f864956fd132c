"""Log lines carry the trace id of the run they belong to."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

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
