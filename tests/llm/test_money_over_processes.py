"""What processes do to the books: killed at any moment they have spent no more than the rows tell."""

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
from tests.support.llm import GOOD, KEY, a_server
from tests.support.llm_server import LLMServer
from tests.support.processes import Family, a_family

pytestmark = pytest.mark.journey


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    with a_family(tmp_path, migrated=False) as family:
        family.environment["DJANGO_SETTINGS_MODULE"] = "tests.support.llm_settings"
        run(family, "migrate", "-v", "0")
        yield family


def run(family: Family, *arguments: str) -> str:
    environment = {**os.environ, **family.environment}
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.llm_child", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def start(family: Family, server: LLMServer, **settings: str) -> "subprocess.Popen[str]":
    provider = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.openai_url}
    environment = {**os.environ, **family.environment, **provider, **settings}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.llm_child"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )


def costs(family: Family) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(run(family, "llm_costs", "--json"))
    return document


def heard(child: "subprocess.Popen[str]") -> tuple[Decimal, Decimal]:
    """What stood in the rows when the child began: spent, and set aside."""
    assert child.stdout is not None
    spent, set_aside = child.stdout.readline().split()
    return Decimal(spent), Decimal(set_aside)


def wait_for(server: LLMServer, calls: int) -> None:
    limit = time.monotonic() + 60
    while len(server.asked) < calls:
        assert time.monotonic() < limit
        time.sleep(0.005)


def test_after_a_kill_at_least_what_was_billed_is_recorded(family: Family) -> None:
    with a_server() as server:
        server.latency_seconds = 0.03
        billed = Decimal(0)
        for calls in (3, 25, 60):
            child = start(family, server)
            spent, set_aside = heard(child)
            assert spent + set_aside >= billed
            assert (set_aside > 0) == (billed > 0)
            wait_for(server, calls)
            child.send_signal(signal.SIGKILL)
            child.wait()
            billed = server.billed
        recorded = costs(family)
        assert Decimal(recorded["total_usd"]) >= server.billed
        assert Decimal(recorded["set_aside_usd"]) > 0
        assert sum(row["calls"] for row in recorded["rows"]) > 40


def test_two_processes_keep_one_days_budget(family: Family) -> None:
    with a_server(GOOD + " " * 2_000) as server:
        children = [start(family, server, LLM_BUDGET_USD_PER_DAY="0.01") for _ in range(2)]
        for child in children:
            heard(child)
        said = [child.communicate(timeout=120)[0] for child in children]

        assert all(words.startswith("partial the budget for language models is spent") for words in said)
        recorded = costs(family)
        assert Decimal(recorded["total_usd"]) == server.billed
        assert Decimal("0.003") < server.billed <= Decimal("0.01")
