"""Threads that work off a queue."""

import threading
from collections.abc import Iterator

import pytest

from ntrl.stages.pool import DaemonPool


@pytest.fixture
def pool() -> Iterator[DaemonPool]:
    pool = DaemonPool(2, name="test")
    yield pool
    pool.close()


def test_what_is_called_gives_its_result_or_its_exception(pool: DaemonPool) -> None:
    good, bad, worse = pool.submit(divmod, 7, 2), pool.submit(divmod, 1, 0), pool.submit(exit, 1)

    assert good.result(timeout=5) == (3, 1)
    assert isinstance(bad.exception(timeout=5), ZeroDivisionError)
    assert isinstance(worse.exception(timeout=5), SystemExit)
    assert [pool.submit(abs, -number).result(timeout=5) for number in range(4)] == [0, 1, 2, 3], "all threads live on"


def test_what_has_not_begun_can_be_cancelled(pool: DaemonPool) -> None:
    hold = threading.Event()
    begun = [pool.submit(hold.wait, 5) for _ in range(2)]
    waiting, called = threading.Event(), list[int]()
    while not all(future.running() for future in begun):
        waiting.wait(0.001)
    queued = pool.submit(called.append, 1)

    assert queued.cancel()
    hold.set()

    assert [future.result(timeout=5) for future in begun] == [True, True]
    assert pool.submit(abs, -1).result(timeout=5) == 1
    assert called == []


def test_closed_its_threads_end_after_what_they_have_in_hand() -> None:
    pool = DaemonPool(3, name="closing")
    done = [pool.submit(abs, -number) for number in range(10)]

    pool.close()

    assert [future.result(timeout=5) for future in done] == list(range(10))
    for thread in threading.enumerate():
        if thread.name.startswith("closing"):
            thread.join(timeout=5)
            assert not thread.is_alive()
