"""A stage whose items do as they are told, and a progress sink that remembers."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from ntrl.rules.models import Rule
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage
from ntrl.stages.stage import Failure, Saved, Stage

# An exception is raised; a function is called with the item; anything else is the result.
Reply = Any


class FakeStage(Stage[str, Any]):
    """Items are strings. `replies` are queued by item (the last is repeated); without any the item succeeds.

    What is saved, also for a failure when `on_failure` says so, is a rule under the item's key: a real row.
    """

    name = "fake"
    max_attempts = 3

    def __init__(
        self,
        items: Sequence[str] = (),
        replies: Mapping[str, Sequence[Reply]] | None = None,
        *,
        on_save: Callable[[str, Any], Saved] | None = None,
        on_failure: Callable[[str, Failure], Mapping[str, int]] | None = None,
        hashes: Mapping[str, str] | None = None,
        source: Callable[[], Iterator[str]] | None = None,
    ) -> None:
        self.items = list(items)
        self.replies = {item: list(queue) for item, queue in (replies or {}).items()}
        self.hashes = dict(hashes or {})
        self.computed: list[str] = []
        self.read = 0
        self.story = uuid4()
        self._on_save = on_save
        self._on_failure = on_failure
        self._source = source or (lambda: iter(self.items))
        self._lock = threading.Lock()

    def pending(self) -> Iterator[str]:
        for item in self._source():
            self.read += 1
            yield item

    def key(self, item: str) -> str:
        return item

    def plan(self, item: str) -> str:
        return f"would do {item}"

    def compute(self, item: str) -> Any:
        with self._lock:
            self.computed.append(item)
            queue = self.replies.get(item, [item])
            reply = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(reply, BaseException):
            raise reply
        return reply(item) if callable(reply) else reply

    def save(self, item: str, result: Any) -> Saved:
        Rule.objects.create(rule_set="fake", key=item, note=str(result))
        return self._on_save(item, result) if self._on_save else Saved()

    def save_failure(self, item: str, failure: Failure) -> Mapping[str, int]:
        return self._on_failure(item, failure) if self._on_failure else {}

    def total(self) -> int | None:
        return len(self.items)

    def input_hash(self, item: str) -> str:
        return self.hashes.get(item, "")

    def story_id(self, item: str) -> UUID | None:
        return self.story

    def entry(self, item: str) -> tuple[str, str]:
        return f"https://example.org/{item}", "h" * 64


class Recorder:
    """A progress sink that keeps what it was told."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def start(self, stage: str, total: int | None) -> None:
        self.calls.append(("start", stage, total))

    def advance(self, item: str) -> None:
        self.calls.append(("advance", item))

    def finish(self) -> None:
        self.calls.append(("finish",))


def run(
    stage: Stage[Any, Any], *, trace_id: str = "t" * 32, progress: Recorder | None = None, **options: Any
) -> StageReport:
    """Run a stage with few words."""
    return run_stage(stage, trace_id=trace_id, options=RunOptions(**options), progress=progress)


def saved_keys() -> list[str]:
    """What fake stages have saved, sorted."""
    return sorted(Rule.objects.filter(rule_set="fake").values_list("key", flat=True))
