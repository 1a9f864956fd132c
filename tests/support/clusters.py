"""Real clusters (`manage.py qcluster`) on one database, each a group of processes of its own, as on a machine."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.support.llm_server import LLMServer
from tests.support.processes import PATIENCE_SECONDS, ROOT, a_family

KEY = "sk-a-key-of-no-value"


class Site:
    """A database with stories, a loopback server of models, and the clusters that work there."""

    def __init__(self, environment: dict[str, str], server: LLMServer, folder: Path) -> None:
        self.server = server
        self._folder = folder
        self._environment = {
            **os.environ,
            **environment,
            "OPENAI_BASE_URL": server.openai_url,
            "OPENAI_API_KEY": KEY,
            "NTRL_LOG_LEVEL": "INFO",
        }
        self._clusters: list[subprocess.Popen[bytes]] = []

    def ask(self, *role: str) -> Any:
        """Ask a child (`tests.support.jobs_child`)."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.jobs_child", *role],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start_cluster(self) -> "subprocess.Popen[bytes]":
        """Start one, and wait until it stands in the list."""
        with self._log(len(self._clusters)).open("wb") as log:
            cluster = subprocess.Popen(
                [sys.executable, "manage.py", "qcluster"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._clusters.append(cluster)
        self.wait(lambda: self.log(-1).count("ready for work") >= 2)
        return cluster

    def log(self, index: int) -> str:
        """What a cluster has written."""
        return self._log(index % len(self._clusters)).read_text()

    def wait(self, is_so: Callable[[], bool], seconds: float = 2 * PATIENCE_SECONDS) -> None:
        """Wait until it is so."""
        limit = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < limit, [self.log(index)[-3000:] for index in range(len(self._clusters))]
            time.sleep(0.02)

    def wait_for_end(self, seconds: float = 2 * PATIENCE_SECONDS) -> dict[str, Any]:
        """Wait until the last run has ended, and whoever helped an earlier one; returns what stands in the tables.

        Killed tasks stay in the queue.
        """
        seen: dict[str, Any] = {}

        def has_ended() -> bool:
            time.sleep(0.5)  # looking costs a process, and the clusters need the processors
            seen.update(self.ask("look"))
            is_over = seen["runs"][-1]["status"] not in ("queued", "running")
            return is_over and not seen["in_hand"]  # a killed leader's helper may still be at it

        self.wait(has_ended, seconds)
        return seen

    @staticmethod
    def kill(cluster: "subprocess.Popen[bytes]") -> None:
        """End a machine: all its processes at once."""
        os.killpg(cluster.pid, signal.SIGKILL)
        cluster.wait()

    def close(self) -> None:
        """Kill whoever still runs."""
        for cluster in self._clusters:
            with suppress(ProcessLookupError):
                self.kill(cluster)

    def _log(self, index: int) -> Path:
        return self._folder / f"cluster-{index}.log"


@contextmanager
def a_site(folder: Path, server: LLMServer, *, stories: int) -> Iterator[Site]:
    """Make the database with so many stories; all clusters end with it."""
    with a_family(folder, migrated=False) as family:
        site = Site(family.environment, server, folder)
        try:
            assert site.ask("prepare", str(stories)) == stories
            yield site
        finally:
            site.close()
