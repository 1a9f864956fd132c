"""Runs by language models in processes of their own: killed, or asked to stop, they leave true books behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.llm import KEY
from tests.support.llm_run import OPERATIONS_OF_A_STORY, a_good_server
from tests.support.llm_server import LLMServer
from tests.support.processes import PATIENCE_SECONDS, a_family

pytestmark = [pytest.mark.journey, pytest.mark.any_database]
STORIES = 6


class Office:
    """A database with stories, and processes that work in it with a loopback server's models."""

    def __init__(self, environment: dict[str, str], server: LLMServer) -> None:
        self.server = server
        urls = {"OPENAI_BASE_URL": server.openai_url, "GEMINI_BASE_URL": server.gemini_url}
        keys = {"OPENAI_API_KEY": KEY, "GEMINI_API_KEY": KEY}
        budgets = {"LLM_BUDGET_USD_PER_RUN": "1", "LLM_BUDGET_USD_PER_DAY": "1"}
        self._environment = {**os.environ, **environment, **urls, **keys, **budgets}

    def start(self, *role: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.support.llm_run_child", *role],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, *role: str) -> Any:
        return answer_of(self.start(*role))

    def wait_for(self, calls: int) -> None:
        limit = time.monotonic() + PATIENCE_SECONDS
        while len(self.server.asked) < calls:
            assert time.monotonic() < limit
            time.sleep(0.005)


def answer_of(process: "subprocess.Popen[str]") -> Any:
    out, errors = process.communicate(timeout=4 * PATIENCE_SECONDS)
    assert process.returncode == 0, errors
    assert KEY not in errors
    return json.loads(out)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with a_family(tmp_path, migrated=False) as family, a_good_server() as server:
        office = Office(family.environment, server)
        assert office.ask("prepare", str(STORIES)) == STORIES
        yield office


def test_killed_anywhere_it_has_spent_no_more_than_the_rows_tell_and_the_next_run_goes_on(office: Office) -> None:
    server = office.server
    server.latency_seconds = 0.1
    # In the middle of classification, and in that of neutralization.
    for calls in (3, STORIES + 7):
        child = office.start("run", "3")
        office.wait_for(calls)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        seen = office.ask("look")
        assert Decimal(seen["recorded"]) >= server.billed
        assert seen["reservations"] > 0
        assert seen["runs"][-1] == "running"

    server.latency_seconds = 0.0
    summary = office.ask("run", "3")
    seen = office.ask("look")

    assert (summary["status"], summary["reason"]) == ("completed", "")
    assert seen["runs"] == ["failed", "failed", "completed"]
    assert (seen["filed"], seen["neutralized"], seen["versions"]) == (STORIES, STORIES, STORIES)
    assert seen["in_hand"] == 0
    assert Decimal(seen["recorded"]) >= server.billed
    # What was in flight twice is paid again, and nothing else.
    assert len(server.asked) <= STORIES * len(OPERATIONS_OF_A_STORY) + 2 * 3 * len(OPERATIONS_OF_A_STORY)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_asked_to_stop_it_finishes_the_stories_in_hand_and_says_so(office: Office, name: str) -> None:
    office.server.latency_seconds = 0.3
    child = office.start("run", "2")
    office.wait_for(STORIES + 2)

    child.send_signal(getattr(signal, name))
    summary = answer_of(child)
    seen = office.ask("look")

    assert "neutralize: asked to stop" in summary["reason"]
    assert 1 <= summary["neutralize_success"] <= 3
    assert summary["neutralize_failed"] == 0
    assert (seen["in_hand"], seen["reservations"]) == (0, 0)
    assert Decimal(seen["recorded"]) == office.server.billed
    assert seen["calls"] == len(office.server.asked)
