"""Worker threads that do not keep their process from ending when one of them hangs, as the standard library's do."""

import ctypes
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from queue import SimpleQueue
from typing import Any, TypeVar

Result = TypeVar("Result")
_Task = tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]

# M_ARENA_MAX of mallopt(3).
_ARENA_MAX = -8
# One for the main thread, one for all others.
ARENAS = 2


class DaemonPool:
    """A fixed number of threads that work off a queue."""

    def __init__(self, workers: int, *, name: str) -> None:
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        _share_memory()
        try:
            for number in range(workers):
                thread = threading.Thread(target=self._work, name=f"{name}_{number}", daemon=True)
                thread.start()
                self._threads.append(thread)
        except BaseException:  # the system gives no more threads: those that run must not wait for ever
            self.close()
            raise

    def submit(self, function: Callable[..., Result], *args: Any) -> Future[Result]:
        """Have a thread call `function`; the future can be cancelled until it begins."""
        future: Future[Result] = Future()
        self._tasks.put((future, function, args))
        return future

    def close(self) -> None:
        """Let each thread end after what it has in hand; what has not begun should be cancelled before."""
        for _ in self._threads:
            self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            future, function, args = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(function(*args))
            except BaseException as error:  # noqa: BLE001 - whoever waits for the future gets it, whatever it is
                future.set_exception(error)
            del task, future, args  # the next one may be long in coming


@cache
def _share_memory() -> None:
    """Keep glibc from giving each thread memory of its own: a large page's would stay with its thread for good."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # other C libraries do not know it
        mallopt(_ARENA_MAX, ARENAS)
