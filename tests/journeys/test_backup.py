"""Backups are restored for real, by the very lines that docs/operations.md gives."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.postgres import find_binaries
from tests.support.processes import a_family

pytestmark = pytest.mark.journey


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A database with stories, of its own."""
    with a_family(tmp_path, migrated=False) as family:
        yield {**os.environ, **family.environment}


def child(environment: dict[str, str], *role: str) -> Any:
    command = [sys.executable, "-m", "tests.support.jobs_child", *role]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def documented(row: str) -> list[str]:
    """The commands of a row of the table of backups."""
    lines = (ROOT / "docs/operations.md").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(f"| {row} |")]
    return re.findall(r"`([^`]+)`", line)


def run(command: str, folder: Path, environment: dict[str, str]) -> None:
    """Do a documented command with the folders of this test."""
    here = command.replace("/srv/backup", str(folder)).replace("var/", f"{environment['NTRL_DATA_DIR']}/")
    here = re.sub(r"^python ", f"{shlex.quote(sys.executable)} ", here)
    binaries = find_binaries()
    path = f"{binaries}:{environment['PATH']}" if binaries else environment["PATH"]
    done = subprocess.run(
        ["/bin/sh", "-ec", here], env={**environment, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{here}\n{done.stderr}"


def test_what_was_lost_comes_back(environment: dict[str, str], tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    backup.mkdir()
    on_postgres = environment["DATABASE_URL"].startswith("postgres")
    assert child(environment, "prepare", "3") == 3
    trace_id = child(environment, "queue", "1", "1")
    before = child(environment, "look")

    commands = documented("PostgreSQL" if on_postgres else "SQLite")
    run(commands[0], backup, environment)
    child(environment, "lose")
    assert child(environment, "look")["runs"] == []
    if on_postgres:
        run(commands[1], backup, environment)
    else:
        restored = tmp_path / "ntrl.sqlite3"
        for left in tmp_path.glob("ntrl.sqlite3*"):
            left.unlink()
        restored.write_bytes((backup / "ntrl.sqlite3").read_bytes())

    after = child(environment, "look")
    assert after == before
    assert after["runs"][0]["trace_id"] == trace_id
    assert after["queued"] == 1
