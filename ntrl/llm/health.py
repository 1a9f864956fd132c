"""Which providers are to be asked now: out for the run, resting after failures, or asked to wait. Thread-safe."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from ntrl.llm.errors import CallFailed, Remedy
from ntrl.llm.types import ProviderName

# As many as fail at once when a provider dies under five workers; of faults that hit 30 % of calls, one row in 400.
FAILURES_BEFORE_REST = 5
# The first rest; it doubles with each trial that fails. Calls that were under way when a rest began don't count.
FIRST_REST_SECONDS = 30.0
LONGEST_REST_SECONDS = 480.0

OUT, RESTING = "provider_out", "provider_resting"


@dataclass(slots=True)
class _State:
    failures: int = 0  # since the last success
    rests: int = 0  # since the last success
    rests_until: float = 0.0
    asked_to_wait_until: float = 0.0
    is_on_trial: bool = False


class Health:
    """How the providers of one run do.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._states: dict[ProviderName, _State] = defaultdict(_State)
        self._out: set[tuple[ProviderName, str, str]] = set()
        self._lock = threading.Lock()

    def wait_seconds(self, provider: ProviderName, model: str, operation: str = "") -> float:
        """How long a call has to wait because the provider said so; 0 for not at all.

        Raises:
            CallFailed: it is not to be asked, now or in this run.
        """
        with self._lock:
            now, state = self._clock(), self._states[provider]
            self._refuse((provider, model, operation), state, now)
            return max(0.0, state.asked_to_wait_until - now)

    def begin(self, provider: ProviderName, model: str, operation: str = "") -> None:
        """Say that a call goes out now. After a rest one goes ahead on trial. Raises CallFailed."""
        with self._lock:
            state = self._states[provider]
            self._refuse((provider, model, operation), state, self._clock())
            state.is_on_trial = state.rests > 0

    def succeeded(self, provider: ProviderName) -> None:
        """It replied."""
        with self._lock:
            state = self._states[provider]
            state.failures, state.rests, state.rests_until, state.is_on_trial = 0, 0, 0.0, False

    def failed(self, provider: ProviderName, failure: CallFailed) -> None:
        """It did not."""
        with self._lock:
            now, state = self._clock(), self._states[provider]
            is_trial, state.is_on_trial = state.is_on_trial, False
            state.failures += 1
            if failure.retry_after_seconds:
                state.asked_to_wait_until = max(state.asked_to_wait_until, now + failure.retry_after_seconds)
            if is_trial or (not state.rests and state.failures >= FAILURES_BEFORE_REST):
                rest = FIRST_REST_SECONDS * 2 ** min(state.rests, 10)
                state.rests_until = now + min(rest, LONGEST_REST_SECONDS)
                state.rests += 1

    def take_out(self, provider: ProviderName, model: str = "", operation: str = "") -> bool:
        """Ask a provider, or one model of it, or that for one operation, no more in this run; True for the first."""
        with self._lock:
            is_first = not self._is_out((provider, model, operation))
            self._out.add((provider, model, operation))
            return is_first

    def _is_out(self, asked: tuple[ProviderName, str, str]) -> bool:
        provider, model, _ = asked
        return not self._out.isdisjoint({asked, (provider, model, ""), (provider, "", "")})

    def _refuse(self, asked: tuple[ProviderName, str, str], state: _State, now: float) -> None:
        if self._is_out(asked):
            raise CallFailed(OUT, Remedy.NEXT, was_made=False)
        if now < state.rests_until:
            raise CallFailed(RESTING, Remedy.NEXT, retry_after_seconds=state.rests_until - now, was_made=False)
        if state.is_on_trial:
            raise CallFailed(RESTING, Remedy.NEXT, was_made=False)
