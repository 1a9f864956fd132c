"""What a run writes into the log: a line when each stage starts and ends, and every line one JSON document."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from ntrl.logs import TraceFilter
from ntrl.stages.errors import Quarantined
from tests.support.stages import FakeStage, run

pytestmark = pytest.mark.django_db
TRACE_ID = "f" * 32


@pytest.fixture
def json_log() -> Iterator[io.StringIO]:
    """All that is logged, as the JSON format of settings writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging_settings: dict[str, Any] = settings.LOGGING
    named = dict(logging_settings["formatters"]["json"])
    handler.setFormatter(import_string(named.pop("()"))(**named))
    handler.addFilter(TraceFilter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_each_line_is_one_json_document_with_the_trace_id_from_worker_threads_too(json_log: io.StringIO) -> None:
    def say(item: str) -> str:
        logging.getLogger("worker").warning('said in\na thread, with "quotes" \u2028')
        return item

    run(FakeStage("ab", {"a": [say], "b": [ValueError("odd\nwords")]}), trace_id=TRACE_ID)

    lines = [json.loads(line) for line in json_log.getvalue().removesuffix("\n").split("\n")]
    assert {line["trace_id"] for line in lines} == {TRACE_ID}
    assert {"time", "level", "logger", "message"} <= set(lines[0])
    assert 'said in\na thread, with "quotes" \u2028' in [line["message"] for line in lines]
    assert any("ValueError" in line.get("exc_info", "") for line in lines)


def test_a_stage_says_when_it_starts_and_what_came_of_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ntrl.stages.runner")

    run(FakeStage("abc", {"b": [Quarantined("gone")]}))

    first, last = caplog.messages
    assert first == "fake: starting, 3 items pending"
    assert last.startswith("fake: ended: total=3, quarantine=1, success=2, duration_ms=")
    assert last.endswith(", status=completed")


def test_a_stage_that_breaks_says_why(caplog: pytest.LogCaptureFixture) -> None:
    def breaks() -> Iterator[str]:
        raise LookupError("no such table")
        yield ""

    caplog.set_level(logging.INFO, "ntrl.stages.runner")

    with pytest.raises(LookupError):
        run(FakeStage(source=breaks))

    assert caplog.messages[-1].endswith("status=failed, reason=LookupError: no such table")


def test_a_total_that_nobody_knows_is_not_made_up() -> None:
    assert FakeStage().start_line(None) == "fake: starting, an unknown number of items pending"
