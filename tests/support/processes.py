"""Processes of the tests' own, in a database of their own: SQLite in a folder, or beside the tests' on PostgreSQL."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


class Child:
    """A running `tests.support.stage_child`."""

    def __init__(self, environment: dict[str, str], *role: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.stage_child", *role],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def hear(self) -> dict[str, Any]:
        """Return its next line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.communicate(timeout=PATIENCE_SECONDS)[1])
        document: dict[str, Any] = json.loads(line)
        return document

    def tell(self) -> None:
        """Let it go on."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self) -> tuple[int, str, str]:
        """Wait for its end; returns its exit status and what it said."""
        out, err = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, out, err


class Family:
    """Children that share a database."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self._children: list[Child] = []

    def start(self, *role: str) -> Child:
        """Start one."""
        child = Child(self.environment, *role)
        self._children.append(child)
        return child

    def ask(self, *role: str) -> dict[str, Any]:
        """Start one, and return what it says."""
        child = self.start(*role)
        document = child.hear()
        child.end()
        return document

    def wait_until(self, **expected: Any) -> None:
        """Wait until `look` shows this."""
        limit = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < limit:
            seen = self.ask("look")
            if all(seen[name] == value for name, value in expected.items()):
                return
        raise AssertionError(f"{seen} never became {expected}")

    def close(self) -> None:
        """Kill whoever still runs."""
        for child in self._children:
            child.process.kill()
            child.process.communicate()


@contextmanager
def a_family(folder: Path, *, migrated: bool = True) -> Iterator[Family]:
    """Children with a database of their own, which is dropped after them."""
    server = os.environ.get("DATABASE_URL", "")
    name = f"children_{os.getpid()}_{time.monotonic_ns()}"
    own = f"sqlite:///{folder / 'ntrl.sqlite3'}"
    if server.startswith("postgres"):
        own = f"{server.rpartition('/')[0]}/{name}"
        _execute(server, "CREATE DATABASE {}", name)
    family = Family({"DATABASE_URL": own, "NTRL_DATA_DIR": str(folder)})
    try:
        if migrated:
            status, _, errors = family.start("migrate").end()
            assert status == 0, errors
        yield family
    finally:
        family.close()
        if server.startswith("postgres"):
            _execute(server, "DROP DATABASE {} WITH (FORCE)", name)


def _execute(server: str, statement: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
