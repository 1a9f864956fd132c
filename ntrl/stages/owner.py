"""Who holds a claim or a run: a process, told apart from every other one that ever had its pid."""

import os
import platform
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import psutil

# The start is computed from the wall clock, which may be set while a process runs; a pid comes round again much later.
START_TOLERANCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Owner:
    """A process: the host (with its pid namespace, since containers share host names), pid, start time."""

    host: str
    pid: int
    started: float

    def __str__(self) -> str:
        return f"{self.host}|{self.pid}|{self.started:.2f}"

    @classmethod
    def parse(cls, text: str) -> "Owner":
        """Read what `str` wrote. Raises ValueError on anything else."""
        host, pid, started = text.rsplit("|", 2)
        return cls(host, int(pid), float(started))

    @property
    def is_here(self) -> bool:
        """Whether it is, or was, a process of this host."""
        return self.host == this_host()

    def is_dead_here(self) -> bool:
        """True when it ran on this host and runs no more; False when it runs, or ran elsewhere."""
        if not self.is_here:
            return False
        try:
            process = psutil.Process(self.pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
            return abs(process.create_time() - self.started) > START_TOLERANCE_SECONDS
        except psutil.NoSuchProcess:
            return True


@lru_cache
def this_host() -> str:
    """Name this host as no other one, and no other container, is named."""
    namespace = Path("/proc/self/ns/pid")
    return f"{platform.node()}/{namespace.readlink()}" if namespace.exists() else platform.node()


def this_process() -> Owner:
    """Return the owner that this process is."""
    return Owner(this_host(), os.getpid(), psutil.Process().create_time())
