"""The command in a process of its own, over a real engine and PostgreSQL: killed and run again it ends the same."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from ntrl.environment import read_database
from tests.conftest import ROOT
from tests.support.facts import collection_of, deployment, store_deployment
from tests.support.processes import Family, a_family
from tests.support.qdrant_server import QdrantServer

pytestmark = [pytest.mark.journey, pytest.mark.django_db]

BOTS = ("marcus",)
FACTS = 58
MARKS = "SELECT id, context_metadata->>'latest_message_timestamp' FROM user_fact_relationships ORDER BY id"
ROWS = "SELECT id, context_metadata::text, created_at, updated_at FROM user_fact_relationships ORDER BY id"
PATIENCE_SECONDS = 120


@pytest.fixture
def family(tmp_path: Path, foreign_url: str, settings: Settings) -> Iterator[Family]:
    """Processes that share a database of ours, somebody else's facts, and a Qdrant with the messages."""
    messages, facts = deployment()
    (tmp_path / "qdrant").mkdir()
    with QdrantServer(tmp_path / "qdrant") as server, a_family(tmp_path) as made:
        for bot in BOTS:
            server.collection(collection_of(bot), messages[bot])
            server.aliases[f"whisperengine_memory_{bot}"] = collection_of(bot)
        server.aliases = {alias: name for alias, name in server.aliases.items() if alias != name}
        held = connections.settings
        connections.settings = connections.configure_settings({**held, "facts": read_database("x", foreign_url)})
        connections["facts"].connect()
        store_deployment([fact for fact in facts if fact["bot"] in BOTS], using="facts")
        connections["facts"].close()
        del connections["facts"]
        connections.settings = held
        made.environment |= {"FACTS_DATABASE_URL": foreign_url, "QDRANT_URL": server.url}
        yield made


def command(family: Family, *args: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "backfill_fact_message_timestamps", *args],
        cwd=ROOT,
        env={**os.environ, **family.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ask(family: Family, query: str) -> list[Any]:
    with psycopg.connect(family.environment["FACTS_DATABASE_URL"]) as connection:
        return connection.execute(query).fetchall()


def test_killed_in_the_middle_and_run_again(family: Family) -> None:
    held = ask(family, ROWS)
    running = command(family, "--batch-size", "1")
    limit = time.monotonic() + PATIENCE_SECONDS
    while _marked(family) < 3 and running.poll() is None and time.monotonic() < limit:
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    done = _marked(family)
    assert 3 <= done < FACTS, "killed in the middle"
    out, errors = command(family, "--json").communicate(timeout=PATIENCE_SECONDS)
    assert json.loads(out)["updated"] == FACTS - done, errors
    assert _marked(family) == FACTS
    for (_, mark), (_, _, created, _) in zip(ask(family, MARKS), held, strict=True):
        assert datetime.fromisoformat(mark) == created - timedelta(seconds=4)


def _marked(family: Family) -> int:
    return sum(mark is not None for _, mark in ask(family, MARKS))
