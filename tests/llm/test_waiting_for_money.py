"""Calls that wait for money: never beyond their own time, and never for each other."""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from ntrl.llm import ledger as ledgers
from ntrl.llm.errors import NoReply
from ntrl.llm.gateway import Gateway
from ntrl.llm.ledger import ModelLedger, Purse
from ntrl.llm.models import LLMAlert, LLMCall, Reservation
from ntrl.llm.types import Budgets, Operation, ProviderName
from ntrl.stages import runner
from ntrl.stages.ledger import OutOfMoney
from ntrl.stages.models import Claim
from ntrl.stages.records import RunRecord
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage
from tests.support.llm import PROMPT, TRACE, FakeTime, Filed, a_gateway, ask, entry
from tests.support.llm_server import LLMServer
from tests.support.stages import FakeStage

pytestmark = pytest.mark.django_db
ONE = (entry(ProviderName.OPENAI),)
CENT = Decimal("0.01")


def a_ledger(**budgets: Decimal) -> ModelLedger:
    return ModelLedger(trace_id=TRACE, budgets=Budgets(**(budgets or {"per_run": CENT})))


def opened(ledger: ModelLedger, key: str, amount: Decimal = Decimal(0)) -> Purse:
    return ledger.open(stage="test", item_key=key, story_id=None, worst_case_usd=amount)


def outcome_of(call: Callable[[], Any]) -> tuple[threading.Thread, list[BaseException | None]]:
    """Begin a call in a thread of its own; what it raises, or None, is in the list when it has ended."""
    ended: list[BaseException | None] = []

    def work() -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            ended.append(error)
        else:
            ended.append(None)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, ended


def test_a_call_whose_time_went_by_while_it_waited_for_money_is_not_made_and_costs_nothing(
    server: LLMServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = FakeTime()
    granted = ModelLedger.ask

    def slow(self: ModelLedger, *arguments: Any, **options: Any) -> None:
        time.now += 61
        granted(self, *arguments, **options)

    monkeypatch.setattr(ModelLedger, "ask", slow)
    gateway = a_gateway(server, time=time)

    for _ in range(6):
        with pytest.raises(NoReply, match="llm_deadline") as raised:
            ask(gateway, chain=ONE, deadline_seconds=60.0)
        assert not raised.value.was_tried
    assert server.asked == []
    assert not LLMCall.objects.exists()
    assert not Reservation.objects.exists()

    monkeypatch.setattr(ModelLedger, "ask", granted)
    assert ask(gateway, chain=ONE).value.domain == "sports", "no failure of the provider's was counted"


class Asking(FakeStage):
    """Each item asks the same."""

    def __init__(self, gateway: Gateway, items: str) -> None:
        super().__init__(items)
        self.gateway = gateway

    def compute(self, item: str) -> Any:
        self.gateway.complete(operation=Operation.CLASSIFY, prompt=PROMPT, reply=Filed, chain=ONE)
        return super().compute(item)


def test_items_that_wait_for_the_same_call_do_not_keep_it_waiting_for_their_money(
    server: LLMServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledgers, "ANSWER_SECONDS", 3.0)
    gateway = a_gateway(server, budgets=Budgets(per_run=CENT / 100))

    report = run_stage(Asking(gateway, "abc"), trace_id=TRACE, options=RunOptions(workers=3), ledger=gateway.ledger)

    assert report.stopped == "the budget for language models is spent (0.0001 USD per run)"
    assert server.asked == []
    assert not Claim.objects.exists()


@pytest.fixture
def other() -> tuple[ModelLedger, Purse, RunRecord]:
    """A stage of another run that has set aside most of the day's budget."""
    record = RunRecord.begin("test", "o" * 32)
    ledger = ModelLedger(trace_id="o" * 32, budgets=Budgets(per_day=CENT))
    return ledger, opened(ledger, "a", CENT * 9 / 10), record


def test_what_a_running_stage_has_set_aside_may_come_back(other: tuple[ModelLedger, Purse, RunRecord]) -> None:
    mine = a_ledger(per_day=CENT)
    with pytest.raises(OutOfMoney, match="set aside by others") as raised:
        opened(mine, "b", CENT)
    assert raised.value.may_come_back
    assert not LLMAlert.objects.exists()

    other[2].end(StageReport("test", "o" * 32))  # what it has left behind is for no one to give back
    with pytest.raises(OutOfMoney, match=r"is spent \(0.01 USD per day") as raised:
        opened(mine, "b", CENT)
    assert not raised.value.may_come_back
    assert LLMAlert.objects.count() == 1


def test_what_is_spent_does_not_come_back(other: tuple[ModelLedger, Purse, RunRecord]) -> None:
    LLMCall.objects.create(created_at=timezone.now(), trace_id="x", attempt=1, outcome="success", cost_usd=CENT)
    with pytest.raises(OutOfMoney) as raised:
        opened(a_ledger(per_day=CENT), "b", CENT)
    assert not raised.value.may_come_back
    assert LLMAlert.objects.count() == 1


def test_a_run_waits_for_what_another_has_set_aside(
    server: LLMServer, other: tuple[ModelLedger, Purse, RunRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "WAIT_SECONDS", 0.01)
    ledger, purse, _ = other
    looks: list[int] = []

    class Releasing(threading.Event):
        """The runner looks at it again and again while it waits; the other stage ends meanwhile."""

        def is_set(self) -> bool:
            looks.append(1)
            if len(looks) == 20:
                ledger.close(purse)
            return False

    class Dear(Asking):
        def worst_case_usd(self, item: str) -> Decimal:
            return CENT / 2

    gateway = a_gateway(server, budgets=Budgets(per_day=CENT))
    report = run_stage(Dear(gateway, "a"), trace_id=TRACE, options=RunOptions(stop=Releasing()), ledger=gateway.ledger)

    assert (report.status, report.counts["success"], report.stopped) == ("completed", 1, "")
    assert len(looks) > 20
    assert not LLMAlert.objects.exists()


def test_nobody_waits_for_money_longer_than_its_call_may_take() -> None:
    ledger = a_ledger()
    one, two = opened(ledger, "a", CENT * 9 / 10), opened(ledger, "b")
    with one.charging():
        thread, ended = outcome_of(lambda: two.hold(CENT / 2, seconds=0.05))
        thread.join(10)
    assert isinstance(ended[0], TimeoutError)

    ledger.close(one)  # who gave up is not given anything any more
    assert Reservation.objects.get().amount_usd == 0
    two.hold(CENT)
    assert not LLMAlert.objects.exists()
