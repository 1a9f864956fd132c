"""What was asked and answered in this run already, so that the same call is never paid twice."""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")

# Answers kept: 3 kB each usually, so a backfill over any number of documents stays small.
ANSWERS_KEPT = 2_000


def request_key(provider: str, parameters: Mapping[str, Any]) -> str:
    """Hash what goes out."""
    return hashlib.sha256(json.dumps([provider, parameters]).encode()).hexdigest()


class Memo(Generic[Answer]):
    """Answers by request. Of several threads that ask for the same at once, one makes the call."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, Future[Answer]] = OrderedDict()
        self._lock = threading.Lock()

    def answer(
        self, key: str, call: Callable[[], Answer], waiting: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> tuple[Answer, bool]:
        """Return the answer, and whether it was there already. A call that raises leaves nothing.

        Within `waiting` this thread does nothing but wait for another's call.
        """
        mine: Future[Answer] = Future()
        while (known := self._known_or_begun(key, mine)) is not mine:
            with nullcontext() if known.done() else waiting():
                failure = known.exception()
            if failure is None:
                return known.result(), True
            # Whoever made that call has failed, and taken it away: the next to come makes it again.
        try:
            answer = call()
        except BaseException as error:
            with self._lock:
                del self._answers[key]
            mine.set_exception(error)
            raise
        mine.set_result(answer)
        self._shrink()
        return answer, False

    def _known_or_begun(self, key: str, mine: Future[Answer]) -> Future[Answer]:
        with self._lock:
            known = self._answers.setdefault(key, mine)
            self._answers.move_to_end(key)
            return known

    def _shrink(self) -> None:
        """Forget what was last asked for longest ago; what is under way stays."""
        with self._lock:
            for key, answer in list(self._answers.items())[: max(0, len(self._answers) - ANSWERS_KEPT)]:
                if answer.done():
                    del self._answers[key]
