"""Killed at any point, nothing is lost and nothing is done twice; the next run starts at once."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from ntrl.newsroom import Newsroom
from tests.conftest import ROOT
from tests.support.kill_driver import STAGES
from tests.support.ports import free_port

# Each point takes some seconds, more of them on a server, where fewer show that its locks and claims hold too.
POINTS_PER_STAGE = 2 if os.environ.get("DATABASE_URL", "").startswith("postgres") else 4
SEED = 20261121
# Enough to have duplicates, failures and manipulated language, few enough to be run dozens of times.
SLUGS = "meridian-wire-us,danube-courier,daily-clarion-showbiz"

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run the whole driver once, with the newsroom open."""
    folder = tmp_path_factory.mktemp("kill")
    port = free_port()
    with Newsroom(datetime.now(UTC), port=port), _environment(folder) as environment:
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.kill_driver", str(port), SLUGS, str(POINTS_PER_STAGE), str(SEED)],
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_points_in_all_stages(report: dict[str, Any]) -> None:
    results = report["results"]
    assert len(results) == POINTS_PER_STAGE * len(STAGES)
    assert all(result["killed"] for result in results)
    assert min(Counter(result["stage_killed"] for result in results)[stage] for stage in STAGES) >= POINTS_PER_STAGE / 2
    assert sum(result["claims_in_hand"] > 0 for result in results) >= len(results) * 2 / 3


def test_the_next_run_ends_as_an_undisturbed_one(report: dict[str, Any]) -> None:
    assert len(report["reference"]["stories"]) >= 10
    different = [(r["stage"], r["at"]) for r in report["results"] if not (r["ended"] and r["same"])]
    assert different == []


def test_nothing_is_done_twice_or_left_behind(report: dict[str, Any]) -> None:
    for result in report["results"]:
        assert result["done_twice"] == []
        assert result["after"]["claims_in_hand"] == 0
        assert result["after"]["running_stage"] == ""
        assert result["after"]["runs"] == ["completed", "failed"]


@contextmanager
def _environment(folder: Path) -> Iterator[dict[str, str]]:
    """A database of the driver's own: SQLite in `folder`, or on the server when the tests run on PostgreSQL."""
    own = {"NTRL_DATA_DIR": str(folder), "NTRL_FETCH_ALLOW_NETWORKS": "127.0.0.0/8"}
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield own
        return
    name = f"kill_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield {**own, "DATABASE_URL": f"{server.rpartition('/')[0]}/{name}"}
        finally:
            # The killed runs' connections may linger.
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
