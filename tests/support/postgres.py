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


@contextmanager
def running_server() -> Iterator[str]:
    """Start a server; gives the DATABASE_URL of an empty database in it.

    Raises:
        RuntimeError: PostgreSQL is not installed.
    """
    binaries = find_binaries()
    if binaries is None:
        raise RuntimeError("PostgreSQL's initdb is not here: install postgresql, or set PG_BIN to its folder")
    with tempfile.TemporaryDirectory(prefix="ntrl-pg-") as folder:
        data = Path(folder, "data")
        if os.geteuid() == 0:
            shutil.chown(folder, UNPRIVILEGED)
        _run(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=200"
        _run(binaries / "pg_ctl", "-D", data, "-l", Path(folder, "log"), "-w", "-o", options, "start")
        try:
            _run(binaries / "createdb", "-h", folder, "-U", "postgres", DATABASE)
            yield f"postgres://postgres@{quote(folder, safe='')}/{DATABASE}"
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


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
