"""Reservations, budgets and rows, with the runner and without."""

import threading
from collections.abc import Callable, Iterator
from contextvars import copy_context
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from ntrl.llm import ledger as ledgers
from ntrl.llm.errors import NoReply
from ntrl.llm.gateway import Gateway
from ntrl.llm.ledger import ModelLedger
from ntrl.llm.models import LLMAlert, LLMCall, Reservation
from ntrl.llm.spending import run_alerts, run_totals, set_aside
from ntrl.llm.types import Budgets, Operation, Prompt, ProviderName
from ntrl.stages.ledger import OutOfMoney
from ntrl.stages.models import Claim, RunStatus, StageRun
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions, run_stage
from ntrl.stages.stage import Stage
from tests.support.llm import PROMPT, TRACE, Filed, a_gateway, ask, entry
from tests.support.llm_faults import Fault
from tests.support.llm_server import LLMServer
from tests.support.stages import FakeStage, saved_keys

pytestmark = pytest.mark.django_db

ONE = (entry(ProviderName.OPENAI),)
CENT = Decimal("0.01")


class AskingStage(FakeStage):
    """Each item makes so many calls, one after the other."""

    def __init__(self, gateway: Gateway, items: list[str], *, calls: int = 1, worst: Decimal = Decimal(0)) -> None:
        super().__init__(items)
        self.gateway = gateway
        self.calls = calls
        self.worst = worst

    def compute(self, item: str) -> Any:
        for number in range(self.calls):
            prompt = Prompt("classify", "v1", PROMPT.system, f"{item} {number}")
            self.gateway.complete(
                operation=Operation.CLASSIFY, prompt=prompt, reply=Filed, chain=ONE, max_output_tokens=1_000
            )
        return super().compute(item)

    def worst_case_usd(self, item: str) -> Decimal:
        return self.worst


def run(stage: AskingStage, **options: Any) -> StageReport:
    return run_stage(stage, trace_id=TRACE, options=RunOptions(**options), ledger=stage.gateway.ledger)


def test_recorded_is_what_was_billed_to_the_last_digit(server: LLMServer) -> None:
    stage = AskingStage(a_gateway(server), [str(number) for number in range(20)], calls=2)

    report = run(stage, workers=5)

    assert report.counts["success"] == 20
    assert LLMCall.objects.count() == 40
    assert run_totals(TRACE).cost_usd == server.billed > 0
    assert not Reservation.objects.exists()
    assert {row.story_id for row in LLMCall.objects.all()} == {stage.story}


def test_calls_are_written_while_their_item_goes_on(server: LLMServer) -> None:
    seen: list[int] = []
    gateway = a_gateway(server)

    class Watching(AskingStage):
        def compute(self, item: str) -> Any:
            result = super().compute(item)
            assert written.wait(10)
            return result

    written = threading.Event()
    write = gateway.ledger.write

    def watch() -> None:
        write()
        if LLMCall.objects.exists():
            seen.append(Reservation.objects.count())
            written.set()

    gateway.ledger.write = watch  # type: ignore[method-assign]
    report = run(Watching(gateway, ["a"]), workers=1)

    assert report.counts["success"] == 1
    assert seen[0] == 1, "its reservation stands until the item has ended"


def test_before_an_item_is_handed_out_its_worst_case_is_reserved(server: LLMServer) -> None:
    gateway = a_gateway(server)
    amounts: list[Decimal] = []
    stage = AskingStage(gateway, ["a"], worst=CENT)
    stage.calls = 0

    def note(item: str, result: Any) -> Any:
        amounts.extend(Reservation.objects.values_list("amount_usd", flat=True))
        raise KeyboardInterrupt

    stage._on_save = note
    opened = gateway.ledger.open

    def spy(**arguments: Any) -> Any:
        purse = opened(**arguments)
        amounts.extend(Reservation.objects.values_list("amount_usd", flat=True))
        return purse

    gateway.ledger.open = spy  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        run(stage, workers=1)

    assert amounts[0] == CENT


@pytest.mark.parametrize("worst", [Decimal(0), Decimal("0.002")])
def test_a_budget_ends_a_run_cleanly_below_it_and_the_next_run_goes_on(server: LLMServer, worst: Decimal) -> None:
    items = [f"{number:03}" for number in range(200)]
    server.reply("classify", '{"domain": "sports", "confidence": 0.9' + " " * 2_000 + "}")
    gateway = a_gateway(server, budgets=Budgets(per_run=CENT))

    report = run(AskingStage(gateway, items, worst=worst), workers=5)

    assert report.status == RunStatus.PARTIAL
    assert "budget" in report.stopped
    assert "0.01 USD per run" in report.stopped
    assert server.billed <= CENT
    assert run_totals(TRACE).cost_usd == server.billed > CENT / 2
    assert run_alerts(TRACE) == ["llm_budget_exhausted"]
    assert report.counts["success"] == report.counts["total"] > 10
    assert not Claim.objects.exists()
    assert not Reservation.objects.exists()
    assert StageRun.objects.get().reason == report.stopped

    next_run = a_gateway(server, trace_id="n" * 32)
    left = [item for item in items if item not in saved_keys()]
    assert run(AskingStage(next_run, left), workers=5).counts["success"] == len(left)


def test_who_runs_short_in_the_middle_goes_back_as_it_was(server: LLMServer) -> None:
    gateway = a_gateway(server, budgets=Budgets(per_run=Decimal("0.0008")))

    report = run(AskingStage(gateway, ["a"], calls=50), workers=1)

    assert "budget" in report.stopped
    assert (report.counts["total"], saved_keys()) == (0, [])
    assert not Claim.objects.exists()
    assert LLMCall.objects.count() > 1
    assert run_totals(TRACE).cost_usd == server.billed


def test_a_reservation_that_does_not_fit_yet_waits_for_those_in_hand(server: LLMServer) -> None:
    """Each item reserves more than half of the budget, and uses hardly any of it."""
    gateway = a_gateway(server, budgets=Budgets(per_run=CENT))

    report = run(AskingStage(gateway, list("abcdef"), worst=Decimal("0.006")), workers=3)

    assert (report.status, report.counts["success"]) == (RunStatus.COMPLETED, 6)
    assert run_alerts(TRACE) == []


def test_a_days_budget_holds_over_runs(server: LLMServer) -> None:
    now = timezone.now()
    Reservation.objects.create(created_at=now, trace_id="dead", owner="gone", amount_usd=Decimal("0.009"))
    gateway = a_gateway(server, budgets=Budgets(per_run=Decimal(1), per_day=CENT))

    report = run(AskingStage(gateway, ["a"], worst=Decimal("0.003")), workers=1)

    assert "0.01 USD per day" in report.stopped
    assert server.asked == []
    assert run_alerts(TRACE) == ["llm_budget_exhausted"]
    assert set_aside() == Decimal("0.009")


def test_yesterdays_money_is_not_todays(server: LLMServer) -> None:
    yesterday = timezone.now() - timezone.timedelta(days=1)  # type: ignore[attr-defined]
    Reservation.objects.create(created_at=yesterday, trace_id="dead", owner="gone", amount_usd=1)

    report = run(AskingStage(a_gateway(server, budgets=Budgets(per_day=CENT)), ["a"]), workers=1)

    assert report.status == RunStatus.COMPLETED


def test_a_paid_model_without_a_price_is_not_asked_under_a_budget(server: LLMServer) -> None:
    server.models.append("gpt-9-unheard-of")
    chain = (entry().__class__(ProviderName.OPENAI, "gpt-9-unheard-of", Operation.CLASSIFY),)

    with pytest.raises(NoReply, match="price_unknown"):
        ask(a_gateway(server, budgets=Budgets(per_day=CENT)), chain=chain)
    assert server.asked == []

    assert ask(a_gateway(server), chain=chain).cost_usd is None
    assert LLMCall.objects.get().cost_usd is None


def test_a_price_in_the_settings_is_a_price(server: LLMServer) -> None:
    server.models.append("gpt-9-unheard-of")
    chain = (entry().__class__(ProviderName.OPENAI, "gpt-9-unheard-of", Operation.CLASSIFY),)
    prices = {"gpt-9-unheard-of": (Decimal(1), Decimal("0.1"), Decimal(4))}
    gateway = a_gateway(server, budgets=Budgets(per_day=CENT), overrides=prices)

    completion = ask(gateway, chain=chain)

    expected = (completion.tokens_input + 4 * completion.tokens_output) / Decimal(1_000_000)
    assert LLMCall.objects.get().cost_usd == expected


def test_a_late_item_is_counted_when_it_ends(server: LLMServer) -> None:
    """Its worker outlives the item's deadline; what it then pays stands in a row, or at least as reserved."""
    release, gateway = threading.Event(), a_gateway(server)

    class Late(AskingStage):
        deadline_seconds = 0.3  # type: ignore[assignment]

        def compute(self, item: str) -> Any:
            release.wait(10)
            try:
                return super().compute(item)
            finally:
                done.set()

        def save_failure(self, item: str, failure: Any) -> dict[str, int]:
            release.set()
            return {}

    done = threading.Event()
    report = run(Late(gateway, ["late"], worst=CENT), workers=2)

    assert done.wait(10)
    assert report.counts["retry"] == 1
    assert run_totals(TRACE).cost_usd == CENT > server.billed > 0, "what was reserved for it stays"
    gateway.ledger.write()
    assert LLMCall.objects.get().cost_usd == server.billed
    assert run_totals(TRACE).cost_usd == CENT


def test_a_main_thread_that_is_gone_hangs_nobody(server: LLMServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "ANSWER_SECONDS", 0.05)
    ledger = ModelLedger(trace_id=TRACE, budgets=Budgets())
    purse = ledger.open(stage="test", item_key="a", story_id=None, worst_case_usd=Decimal(0))
    raised: list[BaseException] = []

    def hold() -> None:
        try:
            purse.hold(CENT)
        except OutOfMoney as error:
            raised.append(error)

    thread = threading.Thread(target=hold)
    thread.start()
    thread.join(10)
    assert len(raised) == 1


def test_two_runs_at_once_keep_one_days_budget(server: LLMServer) -> None:
    budgets = Budgets(per_day=CENT)
    first = ModelLedger(trace_id="a" * 32, budgets=budgets)
    second = ModelLedger(trace_id="b" * 32, budgets=budgets)

    first.open(stage="s", item_key="a", story_id=None, worst_case_usd=Decimal("0.006"))
    with pytest.raises(OutOfMoney):
        second.open(stage="s", item_key="b", story_id=None, worst_case_usd=Decimal("0.009"))
    second.open(stage="s", item_key="c", story_id=None, worst_case_usd=Decimal("0.004"))


def test_an_alert_stands_once(server: LLMServer) -> None:
    ledger = ModelLedger(trace_id=TRACE, budgets=Budgets(per_run=Decimal(0)))

    for _ in range(2):
        with pytest.raises(OutOfMoney):
            ledger.open(stage="s", item_key="a", story_id=None, worst_case_usd=CENT)

    assert LLMAlert.objects.count() == 1


def test_what_could_not_be_written_is_tried_again(server: LLMServer, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = ModelLedger(trace_id=TRACE, budgets=Budgets())
    purse = ledger.open(stage="test", item_key="a", story_id=None, worst_case_usd=CENT)
    save = LLMCall.save
    troubles: Iterator[Callable[..., None]] = iter([_broken])

    def flaky(row: LLMCall, **options: Any) -> None:
        next(troubles, save)(row, **options)

    monkeypatch.setattr(LLMCall, "save", flaky)
    call = LLMCall(created_at=timezone.now(), trace_id=TRACE, attempt=1, outcome="success", cost_usd=CENT / 2)
    with pytest.raises(ConnectionError):
        purse.pay(call, CENT)

    ledger.write()

    assert LLMCall.objects.count() == 1
    assert Reservation.objects.get().amount_usd == CENT / 2


def _broken(row: LLMCall, **options: Any) -> None:
    raise ConnectionError


def test_stages_without_models_need_no_ledger() -> None:
    stage: Stage[str, Any] = FakeStage("abc")

    assert run_stage(stage, trace_id=TRACE).counts["success"] == 3
    assert not Reservation.objects.exists()


def test_a_fault_that_may_be_billed_is_counted(server: LLMServer) -> None:
    server.fault(Fault.RESET, times=1)

    ask(a_gateway(server), chain=ONE)

    lost, good = LLMCall.objects.order_by("pk")
    assert lost.cost_is_worst_case
    assert not good.cost_is_worst_case
    assert run_totals(TRACE).cost_usd >= server.billed


def test_an_interrupt_gives_back_what_nobody_has_begun_to_spend(server: LLMServer) -> None:
    stage = AskingStage(a_gateway(server), list("abcdef"), worst=CENT)

    def interrupt(item: str, result: Any) -> Any:
        raise KeyboardInterrupt

    stage._on_save = interrupt
    with pytest.raises(KeyboardInterrupt):
        run(stage, workers=1)

    assert not Claim.objects.exclude(owner="").exists()
    # One had ended, one may have been under way.
    assert Reservation.objects.count() <= 1
    assert run_totals(TRACE).cost_usd >= server.billed


def test_who_waits_for_money_is_answered_while_the_list_of_items_is_long(server: LLMServer) -> None:
    """The main thread reads on for items that are not wanted, and must not forget its workers meanwhile."""
    done = threading.Event()

    class LongList(AskingStage):
        def pending(self) -> Iterator[str]:
            yield "a"
            while not done.wait(0.001):
                yield "not wanted"

        def is_wanted(self, item: str) -> bool:
            return item == "a"

        def compute(self, item: str) -> Any:
            try:
                return super().compute(item)
            finally:
                done.set()

    assert run(LongList(a_gateway(server), []), workers=1).counts["success"] == 1


def test_two_calls_of_an_item_that_do_not_fit_at_once_are_made_one_after_the_other(server: LLMServer) -> None:
    server.latency_seconds = 0.05

    class SideBySide(AskingStage):
        def compute(self, item: str) -> Any:
            second = threading.Thread(target=copy_context().run, args=(super().compute, f"{item} too"))
            second.start()
            super().compute(item)
            second.join()

    # A call's worst case is 0.0006.
    gateway = a_gateway(server, budgets=Budgets(per_run=Decimal("0.001")))

    assert run(SideBySide(gateway, ["a"]), workers=1).counts["success"] == 1
    assert (len(server.asked), server.most_at_once) == (2, 1)
    assert run_totals(TRACE).cost_usd == server.billed


def test_a_budget_smaller_than_an_items_worst_case_is_of_use(server: LLMServer) -> None:
    gateway = a_gateway(server, budgets=Budgets(per_run=CENT))

    report = run(AskingStage(gateway, list("abc"), worst=CENT * 2), workers=2)

    assert (report.counts["success"], server.most_at_once) == (1, 1)
    assert "0.01 USD per run" in report.stopped
    assert run_alerts(TRACE) == ["llm_budget_exhausted"]
    assert run_totals(TRACE).cost_usd == server.billed > 0
