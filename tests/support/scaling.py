"""Whether work grows with its input alone: told from CPU time at two sizes, so that a slow machine changes nothing."""

from collections.abc import Callable
from time import thread_time

# Linear work takes four times as long for the whole text as for its first quarter; work that starts over takes sixteen.
MAX_GROWTH = 12

# Both times get shorter with luck only: the best of three has little left of what else the machine did.
ROUNDS = 3

# CPU time below this is no measure: caches and the collector weigh more than the work.
MIN_SECONDS = 0.002


def assert_linear(work: Callable[[str], object], text: str) -> None:
    """Fail when `work` takes more than `MAX_GROWTH` times the CPU time for `text` that it takes for its first quarter.

    Args:
        work: done in this thread; once or more for each of the two sizes, as few times as settle the question.
        text: of one hostile kind throughout, so that its quarter is as hostile.
    """
    quarter = whole = float("inf")
    for _ in range(ROUNDS):
        quarter = min(quarter, _seconds(work, text[: len(text) // 4]))
        whole = min(whole, _seconds(work, text))
        if whole <= MAX_GROWTH * max(quarter, MIN_SECONDS):
            return
    raise AssertionError(f"{len(text):,} characters take {whole:.3f} s, a quarter of them {quarter:.3f} s")


def _seconds(work: Callable[[str], object], text: str) -> float:
    started = thread_time()
    work(text)
    return thread_time() - started
