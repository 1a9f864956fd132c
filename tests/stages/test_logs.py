"""Log lines carry the trace id of the run they belong to."""

import logging

from ntrl.logs import TraceFilter, tracing


def trace_of_a_line() -> str:
    record = logging.LogRecord("x", logging.INFO, "x", 1, "said", None, None)
    assert TraceFilter().filter(record), "no line is dropped"
    return str(record.__dict__["trace_id"])


def test_lines_outside_any_run_have_none() -> None:
    assert trace_of_a_line() == "-"


def test_a_run_inside_another_has_its_own_and_ends_with_an_exception_too() -> None:
    with tracing("outer"):
        try:
            with tracing("inner"):
                assert trace_of_a_line() == "inner"
                raise ValueError
        except ValueError:
            assert trace_of_a_line() == "outer"
    assert trace_of_a_line() == "-"
