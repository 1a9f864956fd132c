"""A sign of life of qcluster's main process that needs no database: a file that it touches as it goes.

`python -m ntrl.pipeline.pulse` exits 0 when a qcluster of this machine, or container, has done so lately. It imports
nothing of Django's, so that it may be asked every half minute.
"""

import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_NAME = "ntrl-qcluster-"
# Twelve beats: what is silent so long hangs, or is gone.
SILENT_AT_MOST_SECONDS = 60.0


def give() -> None:
    """Say that this process goes on. Where nothing can be written it stays silent, rather than end for that."""
    with suppress(OSError):
        _file().touch()


def end() -> None:
    """Take the sign away: this process goes on no more."""
    with suppress(OSError):
        _file().unlink()


def is_felt(now: float) -> bool:
    """Whether a qcluster has given a sign of life within the last minute. `now` is in seconds since the epoch."""
    signs = Path(tempfile.gettempdir()).glob(f"{_NAME}*")
    return any(now - _given_at(sign) <= SILENT_AT_MOST_SECONDS for sign in signs)


def _given_at(sign: Path) -> float:
    try:
        return sign.stat().st_mtime
    except FileNotFoundError:  # taken away meanwhile
        return 0.0


def _file() -> Path:
    return Path(tempfile.gettempdir(), f"{_NAME}{os.getpid()}")


if __name__ == "__main__":
    sys.exit(None if is_felt(time.time()) else "no qcluster has given a sign of life within the last minute")
