"""What a stage is told of items that were paid for in part: when the money ends, and when a worker ends late."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from ntrl.llm.gateway import Gateway
from ntrl.llm.types import Budgets, Operation, Prompt, ProviderName
from ntrl.stages import runner
from ntrl.stages.models import Claim
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage
from tests.support.llm import PROMPT, TRACE, Filed, a_gateway, entry
from tests.support.llm_server import LLMServer
from tests.support.stages import FakeStage, saved_keys

pytestmark = pytest.mark.django_db
ONE = (entry(ProviderName.OPENAI),)


class Keeping(FakeStage):
    """Remembers what it was told to keep. Each item makes so many calls."""

    def __init__(self, gateway: Gateway, items: list[str], calls: int = 1) -> None:
        super().__init__(items)
        self.gateway = gateway
        self.calls = calls
        self.kept: list[tuple[str, int]] = []

    def compute(self, item: str) -> Any:
        for number in range(self.calls):
            prompt = Prompt("classify", "v1", PROMPT.system, f"{item} {number}")
            self.gateway.complete(
                operation=Operation.CLASSIFY, prompt=prompt, reply=Filed, chain=ONE, max_output_tokens=1_000
            )
        return super().compute(item)

    def keep_paid(self, item: str) -> None:
        self.kept.append((item, Claim.objects.filter(item_key=item).count()))


def run(stage: Keeping, **options: Any) -> StageReport:
    return run_stage(stage, trace_id=TRACE, options=RunOptions(**options), ledger=stage.gateway.ledger)


def test_who_runs_out_of_money_may_keep_what_it_has_paid_for(server: LLMServer) -> None:
    stage = Keeping(a_gateway(server, budgets=Budgets(per_run=Decimal("0.0008"))), ["a"], calls=50)

    report = run(stage, workers=1)

    assert "budget" in report.stopped
    assert stage.kept == [("a", 1)]
    assert not Claim.objects.exists()


def test_a_stage_that_cannot_keep_it_ends_as_cleanly(server: LLMServer) -> None:
    class Broken(Keeping):
        def keep_paid(self, item: str) -> None:
            raise KeyError(item)

    report = run(Broken(a_gateway(server, budgets=Budgets(per_run=Decimal("0.0008"))), ["a"], calls=50), workers=1)

    assert "budget" in report.stopped
    assert not Claim.objects.exists()


def test_who_is_done_or_fails_is_not_told(server: LLMServer) -> None:
    stage = Keeping(a_gateway(server), ["a", "b"])
    stage.replies["b"] = [ValueError("odd")]

    assert run(stage).counts["success"] == 1
    assert stage.kept == []


@pytest.fixture
def failed(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    monkeypatch.setattr(runner, "WAIT_SECONDS", 0.02)
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("is_taken_again", [False, True])
def test_what_a_late_worker_has_paid_for_may_be_kept(
    server: LLMServer, failed: threading.Event, is_taken_again: bool
) -> None:
    ended = threading.Event()

    class Late(Keeping):
        deadline_seconds = 0.3  # type: ignore[assignment]

        def compute(self, item: str) -> Any:
            if item != "late":
                return item
            failed.wait(10)
            super().compute(item)
            ended.set()
            return item

        def save_failure(self, item: str, failure: Any) -> dict[str, int]:
            failed.set()
            return {}

        def pending(self) -> Iterator[str]:
            yield "late"
            after = 0
            while after < 5:  # the run goes on for a while after the late one has ended
                if is_taken_again and failed.is_set():
                    Claim.objects.filter(item_key="late").delete()
                ended.wait(0.02)
                after += ended.is_set()
                self.read += 1
                yield f"another {self.read}"

    stage = Late(a_gateway(server), [])
    run(stage, workers=2)

    assert stage.kept == ([] if is_taken_again else [("late", 1)])
    assert "late" not in saved_keys()
