"""Stopping a cluster politely: its workers are told, so that the task in hand finishes its items and ends.

django-q2 lets each worker end its task, and a run takes hours. A byte that all processes of the cluster share says that
it is to end soon. Nothing locks it, so that a process that is killed leaves no lock behind.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_bool
from multiprocessing.sharedctypes import RawValue

# How long it takes until a task sees that it is to end.
SECONDS_BETWEEN_LOOKS = 0.2

_is_draining = RawValue(c_bool, False)


def drain() -> None:
    """Ask the tasks in hand to end."""
    _is_draining.value = True


def is_draining() -> bool:
    """Whether this process's cluster is stopping."""
    return bool(_is_draining.value)


@contextmanager
def stop_politely(*, within_seconds: float) -> Iterator[threading.Event]:
    """Give an event that is set when the cluster stops, or after so many seconds."""
    stop, is_over = threading.Event(), threading.Event()
    ends_at = time.monotonic() + within_seconds

    def watch() -> None:
        while not is_over.wait(SECONDS_BETWEEN_LOOKS):
            if is_draining() or time.monotonic() >= ends_at:
                stop.set()
                return

    watcher = threading.Thread(target=watch, name="drain", daemon=True)
    watcher.start()
    try:
        yield stop
    finally:
        is_over.set()
        watcher.join()
