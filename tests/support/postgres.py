"""Run a command with DATABASE_URL naming a PostgreSQL server that lives as long as the command.

Usage: python -m tests.support.postgres COMMAND [ARG ...]
The server listens on a socket in a temporary folder only. Its binaries: PG_BIN, or Debian's folder, or PATH.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

DATABASE = "ntrl"
# The server refuses to run as root; nobody has no files of its own.
UNPRIVILEGED = "nobody"


def find_binaries() -> Path | None:
    """Return the folder with initdb and pg_ctl; None when PostgreSQL is not installed."""
    named = os.environ.get("PG_BIN")
    on_path = shutil.which("initdb")
    folders = [
        *([Path(named)] if named else []),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        *([Path(on_path).parent] if on_path else []),
    ]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


class Server:
    """A server in a folder; `url` is the DATABASE_URL of an empty database in it."""

    def __init__(self, binaries: Path, folder: str) -> None:
        self.url = f"postgres://postgres@{quote(folder, safe='')}/{DATABASE}"
        self._binaries, self._folder = binaries, folder
        self._data = Path(folder, "data")
        self._is_up = False

    def make(self) -> None:
        """Make the database, and start."""
        _run(self._binaries / "initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()
        _run(self._binaries / "createdb", "-h", self._folder, "-U", "postgres", DATABASE)

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self._folder} -c fsync=off"
        options += " -c max_connections=200"
        self._control("-l", Path(self._folder, "log"), "-o", options, "start")
        self._is_up = True

    def stop(self) -> None:
        """Break off every connection, and end; what was committed stays."""
        if self._is_up:
            self._is_up = False
            self._control("-m", "immediate", "stop")

    def _control(self, *arguments: object) -> None:
        _run(self._binaries / "pg_ctl", "-D", self._data, "-w", *arguments)


@contextmanager
def a_server() -> Iterator[Server]:
    """Start a server that may be stopped and started again.

    Raises:
        RuntimeError: PostgreSQL is not installed.
    """
    binaries = find_binaries()
    if binaries is None:
        raise RuntimeError("PostgreSQL's initdb is not here: install postgresql, or set PG_BIN to its folder")
    with tempfile.TemporaryDirectory(prefix="ntrl-pg-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, UNPRIVILEGED)
        server = Server(binaries, folder)
        try:
            server.make()
            yield server
        finally:
            server.stop()


@contextmanager
def running_server() -> Iterator[str]:
    """Start a server; gives the DATABASE_URL of an empty database in it. Raises RuntimeError as `a_server` does."""
    with a_server() as server:
        yield server.url


def _run(*command: object) -> None:
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    home = {"HOME": pwd.getpwnam(user).pw_dir} if user else {}
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        user=user,
        cwd="/",
        env={**os.environ, **home, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}")


def main(command: Sequence[str]) -> int:
    """Run `command` with the server up; returns its exit status."""
    with running_server() as url:
        return subprocess.run(list(command), check=False, env={**os.environ, "DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
