"""Log lines as JSON: one document a line, with the trace id, whatever was said."""

import json
import logging
import os
import subprocess
import sys

import pytest

from ntrl.logs import JsonLines, TraceFilter, tracing
from tests.conftest import ROOT


def line(message: str, *args: object, **more: object) -> dict[str, object]:
    record = logging.LogRecord("ntrl.x", logging.INFO, "x", 1, message, args, None, **more)
    with tracing("f" * 32):
        TraceFilter().filter(record)
    said = JsonLines().format(record)
    assert "\n" not in said
    document: dict[str, object] = json.loads(said)
    return document


def test_a_line_has_its_parts() -> None:
    said = line("[CLASSIFY] Complete: total=%d", 3)
    assert said["message"] == "[CLASSIFY] Complete: total=3"
    assert (said["level"], said["logger"], said["trace_id"]) == ("INFO", "ntrl.x", "f" * 32)
    assert said["process"] == os.getpid()
    assert str(said["time"]).endswith("Z")
    assert len(str(said["time"])) == len("2026-11-21T12:00:00.000Z")


@pytest.mark.parametrize("odd", ["", "two\nlines", "{brace} %s", "\u2028 \x00 \udc80", "ключ " * 1000])
def test_odd_words_stay_in_one_line(odd: str) -> None:
    assert line("%s", odd)["message"] == odd


def test_every_logger_of_a_process_speaks_json() -> None:
    script = (
        "import django, logging; django.setup()\n"
        "from ntrl.logs import tracing\n"
        "with tracing('a' * 32):\n"
        "    for name in ('ntrl.x', 'django.request', 'django.server', 'django-q', 'gunicorn.error', 'py.warnings'):\n"
        "        try:\n            1 / 0\n"
        "        except ZeroDivisionError:\n            logging.getLogger(name).exception('said')\n"
    )
    environment = {
        **os.environ,
        "NTRL_LOG_FORMAT": "json",
        "NTRL_LOG_LEVEL": "INFO",
        "DJANGO_SETTINGS_MODULE": "ntrl.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    lines = [json.loads(each) for each in done.stderr.splitlines()]
    assert [(each["message"], each["trace_id"]) for each in lines] == [("said", "a" * 32)] * 6
    assert all("ZeroDivisionError" in each["exc_info"] for each in lines)
