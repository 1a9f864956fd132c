"""The money of a run: reservations before, a row per call after, and budgets that hold over all processes.

Workers send; only the thread that made the ledger talks to the database.
"""

import math
import threading
from collections.abc import Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from queue import Empty, SimpleQueue
from uuid import UUID

from django.db import transaction
from django.db.models import DecimalField, F, Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from ntrl.llm import spending
from ntrl.llm.models import AlertCode, LLMAlert, LLMCall, Reservation
from ntrl.llm.prices import COST_PLACES, NOTHING
from ntrl.llm.types import Budgets
from ntrl.stages.ledger import Account, OutOfMoney
from ntrl.stages.locks import hold_until_commit
from ntrl.stages.owner import this_process

# A main thread that says nothing for so long has gone; its worker must not hang for ever.
ANSWER_SECONDS = 60.0
# An item that is alone begins with this share of its worst case when more is not left: hardly any needs so much, and
# what lacks is asked for call by call. Else a small budget would go unused.
SHARE_TO_BEGIN_WITH = Decimal("0.5")
SPENT = "the budget for language models is spent"
_COST: DecimalField[Decimal, Decimal] = DecimalField(max_digits=16, decimal_places=COST_PLACES)


@dataclass(frozen=True, slots=True)
class _Paid:
    """A call that was made, and the reservation that it was paid from."""

    call: LLMCall
    reservation: int | None


@dataclass(slots=True, eq=False)
class _Ask:
    """A worker needs more than was set aside. `amount` shrinks by what its purse gets back meanwhile."""

    purse: "Purse"
    amount: Decimal
    answer: Future[None] = field(default_factory=Future)


_Message = _Paid | _Ask | LLMAlert


class Purse:
    """One item's money. Thread-safe: an item's calls may go out side by side."""

    def __init__(self, ledger: "ModelLedger", reservation: Reservation | None, story_id: UUID | None) -> None:
        self.reservation = reservation
        self.story_id = story_id
        self.is_in_use = False  # from a worker's first touch until the account is closed
        self._idle = 0  # threads that wait for a call of another item's
        self._ledger = ledger
        self._free = reservation.amount_usd if reservation else NOTHING
        self._lock = threading.Lock()

    @contextmanager
    def charging(self) -> Iterator[None]:
        """Let calls made inside be paid from here, in threads that copy this context too."""
        self.is_in_use = True
        token = _purse.set(self)
        try:
            yield
        finally:
            _purse.reset(token)

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Say that this thread waits for a call of another item's, and gives nothing back meanwhile."""
        with self._lock:
            self._idle += 1
        try:
            yield
        finally:
            with self._lock:
                self._idle -= 1

    @property
    def may_give_back(self) -> bool:
        """Whether a worker is at it."""
        return self.is_in_use and not self._idle

    def hold(self, amount: Decimal, *, seconds: float = math.inf) -> None:
        """Set money aside for one call; what is lacking is asked of the ledger.

        Raises:
            OutOfMoney: there is none, or nobody to set it aside.
            TimeoutError: it did not come in so many seconds.
        """
        self._ledger.count_calls(1)
        ask = _Ask(self, amount - self.take(amount))
        if not ask.amount:
            return
        try:
            self._ledger.ask(ask, seconds=seconds)
        except (OutOfMoney, TimeoutError):
            self.give_back(amount - ask.amount)
            raise

    def take(self, wanted: Decimal) -> Decimal:
        """Take what is free, at most so much."""
        with self._lock:
            taken = min(self._free, wanted)
            self._free -= taken
            return taken

    def give_back(self, held: Decimal) -> None:
        """The call was not made after all."""
        with self._lock:
            self._free += held
        self._ledger.count_calls(-1)

    def pay(self, call: LLMCall, held: Decimal) -> None:
        """The call has ended, and cost what its row says."""
        with self._lock:
            self._free += max(NOTHING, held - (call.cost_usd or NOTHING))
        self._ledger.count_calls(-1)
        self._ledger.post(_Paid(call, self.reservation.pk if self.reservation else None))


_purse: ContextVar[Purse | None] = ContextVar("purse", default=None)


class ModelLedger:
    """Keeps the accounts of one run in this process.

    Args:
        trace_id: names the run; its budget holds over all processes that work under it.
        budgets: what may be spent.
    """

    def __init__(self, *, trace_id: str, budgets: Budgets) -> None:
        self.trace_id = trace_id
        self.budgets = budgets
        self._owner = str(this_process())
        self._thread = threading.get_ident()
        self._queue: SimpleQueue[_Message] = SimpleQueue()
        self._unwritten: list[_Message] = []
        self._news: Future[None] = Future()
        self._lock = threading.Lock()
        self._waiting: list[_Ask] = []
        self._open: set[Purse] = set()
        self._calls = 0  # under way, or waiting for money

    # --- by the main thread --------------------------------------------------------------------------------------

    def open(self, *, stage: str, item_key: str, story_id: UUID | None, worst_case_usd: Decimal) -> Purse:
        """Commit a reservation for an item. Raises OutOfMoney."""
        reservation = Reservation(
            created_at=timezone.now(),
            trace_id=self.trace_id,
            owner=self._owner,
            stage=stage,
            item_key=item_key,
            amount_usd=worst_case_usd,
        )
        with transaction.atomic():
            exceeded = self._exceeded(reservation.amount_usd)
            if exceeded and not self._open:
                reservation.amount_usd *= SHARE_TO_BEGIN_WITH
                exceeded = self._exceeded(reservation.amount_usd)
            if not exceeded:
                reservation.save(force_insert=True)
        if exceeded:
            others = self._others_may_give_back(reservation.amount_usd)
            if not self._open and not others:  # what others in hand have set aside may come back
                self._write_alert(exceeded)
            raise OutOfMoney(_spent(exceeded, others), may_come_back=others)
        purse = Purse(self, reservation, story_id)
        self._open.add(purse)
        return purse

    def close(self, account: Account) -> None:
        """Write what the account's calls sent, and give back the rest."""
        assert isinstance(account, Purse)
        self._record()
        if account.reservation is not None:
            Reservation.objects.filter(pk=account.reservation.pk).delete()
        self._open.discard(account)
        self._answer_waiting()

    @contextmanager
    def account(self, *, stage: str, item_key: str = "", story_id: UUID | None = None) -> Iterator[None]:
        """Let calls made inside, by this thread and outside of a stage, be reserved and written at once."""
        purse = self.open(stage=stage, item_key=item_key, story_id=story_id, worst_case_usd=NOTHING)
        try:
            with purse.charging():
                yield
        finally:
            self.close(purse)

    def news(self) -> Future[None]:
        """A future that is done as soon as there is something to write."""
        with self._lock:
            return self._news

    def write(self) -> None:
        """Commit what was sent, and answer those who asked."""
        self._record()
        self._answer_waiting()

    def _record(self) -> None:
        with self._lock:
            self._news = Future()
        while True:
            try:
                self._unwritten.append(self._queue.get_nowait())
            except Empty:
                break
        while self._unwritten:
            self._handle(self._unwritten[0])
            del self._unwritten[0]  # not before: what could not be written is tried again

    # --- by any thread -------------------------------------------------------------------------------------------

    def current(self) -> Purse:
        """The purse of the item that this thread works on."""
        purse = _purse.get()
        if purse is None or purse._ledger is not self:
            raise RuntimeError("a call to a model needs an account: run it in a stage, or within ledger.account()")
        return purse

    def count_calls(self, change: int) -> None:
        """Note that a call begins or ends."""
        with self._lock:
            self._calls += change

    def ask(self, ask: _Ask, *, seconds: float = math.inf) -> None:
        """Wait until the main thread has set aside more. Raises OutOfMoney, TimeoutError."""
        self.post(ask)
        try:
            ask.answer.result(timeout=max(0.0, min(ANSWER_SECONDS, seconds)))
        except TimeoutError:
            if not ask.answer.cancel():
                ask.answer.result()  # it came at the last moment
                return
            if seconds < ANSWER_SECONDS:
                raise
            raise OutOfMoney("nobody is there to set money aside") from None

    def alert(self, code: AlertCode, subject: str, detail: str = "") -> None:
        """Raise an alert of this run."""
        self.post(self._alert(code, subject, detail))

    def post(self, message: _Message) -> None:
        """Send a message to the main thread; by itself, it handles it at once."""
        self._queue.put(message)
        if threading.get_ident() == self._thread:
            self.write()
            return
        with self._lock:
            if not self._news.done():
                self._news.set_result(None)

    # --- messages ------------------------------------------------------------------------------------------------

    def _handle(self, message: _Message) -> None:
        if isinstance(message, _Paid):
            self._write_call(message)
        elif isinstance(message, _Ask):
            self._waiting.append(message)
        else:
            LLMAlert.objects.bulk_create([message], ignore_conflicts=True)

    @transaction.atomic
    def _write_call(self, paid: _Paid) -> None:
        """Replace a part of the reservation by the row of the call."""
        paid.call.save(force_insert=True)
        if paid.reservation is not None and paid.call.cost_usd:
            rest = Greatest(F("amount_usd") - paid.call.cost_usd, Value(NOTHING, output_field=_COST))
            Reservation.objects.filter(pk=paid.reservation).update(amount_usd=rest)

    def _answer_waiting(self) -> None:
        """Grant what fits. What does not, waits for the items in work to give back what they did not need."""
        self._waiting = [ask for ask in self._waiting if not ask.answer.cancelled() and self._exceeded_by(ask)]
        with self._lock:
            no_call_goes_on = self._calls <= len(self._waiting)
        in_work = {purse for purse in self._open if purse.may_give_back}
        if self._waiting and no_call_goes_on and in_work <= {ask.purse for ask in self._waiting}:
            ask = self._waiting.pop()
            exceeded = self._exceeded_by(ask)
            if exceeded:
                others = self._others_may_give_back(ask.amount)
                if not others:
                    self._write_alert(exceeded)
                with suppress(InvalidStateError):
                    ask.answer.set_exception(OutOfMoney(_spent(exceeded, others)))

    def _exceeded_by(self, ask: _Ask) -> str:
        """Grant an ask, or say which budget it exceeds. What its purse has got back meanwhile need not be granted."""
        ask.amount -= ask.purse.take(ask.amount)
        with transaction.atomic():
            exceeded = self._exceeded(ask.amount)
            if not exceeded and ask.purse.reservation is not None:
                reservation = Reservation.objects.filter(pk=ask.purse.reservation.pk)
                reservation.update(amount_usd=F("amount_usd") + ask.amount)
        if not exceeded:
            with suppress(InvalidStateError):  # it has just been given up: what was set aside goes with the account
                ask.answer.set_result(None)
        return exceeded

    def _exceeded(self, amount: Decimal) -> str:
        """Say which budget has no room for so much; "" when all have. Until the commit nobody else takes the room."""
        if not self.budgets.is_set:
            return ""
        hold_until_commit("llm_budget")
        return spending.exceeded(amount, trace_id=self.trace_id, budgets=self.budgets, now=timezone.now())

    def _others_may_give_back(self, amount: Decimal) -> bool:
        """Whether it is for what stages in other processes have set aside that there is no room."""
        now = timezone.now()
        mine = Q(owner=self._owner, trace_id=self.trace_id)
        theirs = spending.that_may_come_back(now).exclude(mine).values("pk")
        counted = Reservation.objects.exclude(pk__in=theirs)
        return not spending.exceeded(
            amount, trace_id=self.trace_id, budgets=self.budgets, now=now, reservations=counted
        )

    def _write_alert(self, exceeded: str) -> None:
        alert = self._alert(AlertCode.BUDGET_EXHAUSTED, exceeded)
        LLMAlert.objects.bulk_create([alert], ignore_conflicts=True)

    def _alert(self, code: AlertCode, subject: str, detail: str = "") -> LLMAlert:
        return LLMAlert(
            created_at=timezone.now(), trace_id=self.trace_id, code=code, subject=subject[:130], detail=detail[:300]
        )


def _spent(exceeded: str, others: bool) -> str:
    return f"{SPENT}{' or set aside by others' if others else ''} ({exceeded})"
