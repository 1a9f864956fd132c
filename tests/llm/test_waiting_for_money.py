"""Calls that wait for money: never beyond their own time, and never for each other."""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from ntrl.llm.errors import NoReply
from ntrl.llm.ledger import ModelLedger, Purse
from ntrl.llm.models import LLMAlert, LLMCall, Reservation
from ntrl.llm.types import Budgets, ProviderName
from tests.support.llm import TRACE, FakeTime, a_gateway, ask, entry
from tests.support.llm_server import LLMServer

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
