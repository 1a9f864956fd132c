"""Killed at any point of its talk with MongoDB and run again, the backfill ends as an undisturbed one."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.backfilling import a_document
from tests.support.mongo_server import HungUp, MongoServer
from tests.support.processes import a_family

pytestmark = [pytest.mark.journey, pytest.mark.any_database]

DOCUMENTS = 45
FAILING = 17
# Between two points at which a run is killed, in commands.
STEP = 3


class Driver:
    """The process that forks runs, and the server they talk to."""

    def __init__(self, server: MongoServer, process: "subprocess.Popen[str]") -> None:
        self._server, self._process = server, process
        self.hear()

    def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._process.communicate()[1]
        document: dict[str, Any] = json.loads(line)
        return document

    def tell(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()

    def fresh(self) -> None:
        """Empty everything, and put the documents in."""
        self.tell("fresh")
        self.hear()
        self._server.documents.drop_database("backdrop")
        self._server.forget_indexes()
        documents = [a_document(number) for number in range(DOCUMENTS)]
        documents[FAILING]["summary"] = ""
        self._server.collection("backdrop", "narratives").insert_many(documents)

    def run(self, kill_at: int = 0, *, is_lost: bool = False) -> tuple[int | None, int, int]:
        """Run; returns the exit status (None when killed), the number of commands, and the claims left behind.

        Args:
            kill_at: the command that the process dies at; 0 for none.
            is_lost: that command is not carried out.
        """
        seen, pid, is_known = 0, 0, threading.Event()

        def count(command: dict[str, Any]) -> None:
            nonlocal seen
            seen += 1
            if seen == kill_at:
                is_known.wait()
                os.kill(pid, signal.SIGKILL)
                if is_lost:
                    raise HungUp

        self._server.on_command = count
        self.tell("run")
        pid = self.hear()["pid"]
        is_known.set()
        end = self.hear()
        self._server.on_command = None
        return end["status"], seen, end["claims"]

    def contents(self) -> list[dict[str, Any]]:
        return list(self._server.collection("backdrop", "narratives").find())


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[Driver]:
    with MongoServer() as server, a_family(tmp_path) as family:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.backfill_child"],
            cwd=ROOT,
            env={**os.environ, **family.environment, "MONGODB_URI": server.uri},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield Driver(server, process)
        finally:
            process.kill()
            process.communicate()


def test_killed_at_any_command(driver: Driver) -> None:
    driver.fresh()
    status, commands, claims = driver.run()
    assert (status, claims) == (1, 0), "one has no summary"
    reference = driver.contents()
    assert sum("narrative_focus" in document for document in reference) == DOCUMENTS - 1
    assert commands > 15
    states, held = set(), 0
    for at in range(1, commands + 1, STEP):
        driver.fresh()
        killed, _, claims = driver.run(kill_at=at, is_lost=at % 2 == 0)
        assert killed is None, at
        states.add(sum("narrative_focus" in document for document in driver.contents()))
        held += claims > 0
        status, _, claims = driver.run()
        assert (status, claims) == (1, 0), at
        assert driver.contents() == reference, at
    assert len(states) > 3, "kills came in the middle of the work"
    assert held > 2
