"""One entry of a chain: its call, paid and written, and made again when that may help."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.utils import timezone
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential_jitter

from ntrl.llm.errors import CallFailed, Remedy
from ntrl.llm.health import Health
from ntrl.llm.ledger import ModelLedger, Purse
from ntrl.llm.models import CallOutcome, LLMCall
from ntrl.llm.prices import NOTHING, Overrides, cost_of, worst_usage
from ntrl.llm.providers.base import Provider
from ntrl.llm.replies import read_reply
from ntrl.llm.types import Reply, Request
from ntrl.stages.failures import storable

# A call and three more: beyond that it is the provider's trouble, not the call's.
CALLS_AT_MOST = 4
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 8.0
# Asked to wait longer than this, the next entry is asked instead.
RETRY_AFTER_CAP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A call as the chain has it.

    Attributes:
        number: which entry of the chain, from 1.
        wanted: what the reply must be, a str or a pydantic model.
        narrative_id: of the narrative that it is about, if it is about one.
        ends_at: when it must be over, in the caller's monotonic seconds.
    """

    request: Request
    provider: Provider
    number: int
    prompt_version: str
    wanted: type[object]
    story_id: UUID | None
    narrative_id: str
    ends_at: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply, and what it cost."""

    reply: Reply = field(repr=False)
    cost_usd: Decimal | None
    latency_ms: int


class Caller:
    """Makes calls. Thread-safe.

    Args:
        timeout_seconds: one call may take at most.
        clock: monotonic seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        *,
        ledger: ModelLedger,
        health: Health,
        overrides: Overrides,
        timeout_seconds: float,
        log_text: bool,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ledger = ledger
        self._health = health
        self._overrides = overrides
        self._timeout_seconds = timeout_seconds
        self._log_text = log_text
        self._clock = clock
        self._sleep = sleep

    def call(self, entry: Entry) -> Answer:
        """Call until there is a reply, usable or not, or no hope for one. Raises CallFailed, OutOfMoney."""
        was_made = False

        def once() -> Answer:
            nonlocal was_made
            try:
                return self._once(entry)
            except CallFailed as failure:
                was_made = failure.was_made = was_made or failure.was_made
                raise

        def is_over(state: RetryCallState) -> bool:
            return state.attempt_number >= CALLS_AT_MOST or self._clock() + state.upcoming_sleep >= entry.ends_at

        retrying = Retrying(
            retry=retry_if_exception(_is_worth_repeating),
            stop=is_over,
            wait=wait_exponential_jitter(
                multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS, jitter=FIRST_WAIT_SECONDS
            ),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(once)

    def worst_case(self, entry_request: Request, provider: Provider) -> Decimal | None:
        """What a call costs at most; None when the model's price is not known."""
        return cost_of(
            worst_usage(entry_request), provider=provider.name, model=entry_request.model, overrides=self._overrides
        )

    def _once(self, entry: Entry) -> Answer:
        provider, model = entry.provider.name, entry.request.model
        worst = self.worst_case(entry.request, entry.provider)
        if worst is None and self._ledger.budgets.is_set:
            raise CallFailed("price_unknown", Remedy.NEXT, was_made=False)
        self._wait_as_asked(entry)
        purse, held = self._ledger.current(), worst or NOTHING
        self._hold(purse, held, entry)
        try:
            self._check_time(entry)  # it may have gone by while money was waited for
            self._health.begin(provider, model, entry.request.operation)
        except CallFailed:
            purse.give_back(held)
            raise
        row = self._row(entry)
        started = self._clock()
        try:
            seconds = min(self._timeout_seconds, max(0.0, entry.ends_at - started))
            reply = entry.provider.send(entry.request, seconds=seconds)
        except BaseException as error:
            failure = error if isinstance(error, CallFailed) else _bug(error)
            self._health.failed(provider, failure)
            _note_failure(row, failure, worst)
            raise
        else:
            self._health.succeeded(provider)
            self._note_reply(row, entry, reply, worst)
        finally:
            row.latency_ms = round((self._clock() - started) * 1000)
            purse.pay(row, held)
        return Answer(reply, row.cost_usd, row.latency_ms)

    def _hold(self, purse: Purse, amount: Decimal, entry: Entry) -> None:
        try:
            purse.hold(amount, seconds=entry.ends_at - self._clock())
        except TimeoutError:
            raise _too_late() from None

    def _check_time(self, entry: Entry) -> None:
        if self._clock() >= entry.ends_at:
            raise _too_late()

    def _wait_as_asked(self, entry: Entry) -> None:
        request = entry.request
        seconds = self._health.wait_seconds(entry.provider.name, request.model, request.operation)
        if seconds > RETRY_AFTER_CAP_SECONDS or self._clock() + seconds >= entry.ends_at:
            raise CallFailed("asked_to_wait", Remedy.NEXT, retry_after_seconds=seconds, was_made=False)
        if seconds:
            self._sleep(seconds)

    def _row(self, entry: Entry) -> LLMCall:
        request = entry.request
        return LLMCall(
            created_at=timezone.now(),
            trace_id=self._ledger.trace_id,
            operation=request.operation,
            provider=entry.provider.name,
            model=request.model[:100],
            prompt_version=entry.prompt_version[:80],
            attempt=entry.number,
            story_id=entry.story_id or self._ledger.current().story_id,
            narrative_id=storable(entry.narrative_id)[:200],
            prompt_text=storable(f"{request.system}\n\n{request.user}") if self._log_text else "",
        )

    def _note_reply(self, row: LLMCall, entry: Entry, reply: Reply, worst: Decimal | None) -> None:
        usage = reply.usage
        row.cost_usd, row.cost_is_worst_case = worst, usage is None
        if usage is not None:
            row.tokens_input, row.tokens_cached, row.tokens_output = usage.input, usage.cached, usage.output
            row.cost_usd = cost_of(
                usage, provider=entry.provider.name, model=entry.request.model, overrides=self._overrides
            )
        row.reply_text = storable(reply.text) if self._log_text else ""
        try:
            read_reply(reply, entry.wanted)
        except CallFailed as failure:
            row.outcome, row.error_class = CallOutcome.UNUSABLE, failure.reason
        else:
            row.outcome = CallOutcome.SUCCESS


def _note_failure(row: LLMCall, failure: CallFailed, worst: Decimal | None) -> None:
    row.outcome, row.error_class = CallOutcome.FAILED, failure.reason[:80]
    row.cost_usd, row.cost_is_worst_case = (worst, True) if failure.may_be_billed else (NOTHING, False)


def _too_late() -> CallFailed:
    return CallFailed("deadline", Remedy.NEXT, was_made=False)


def _bug(error: BaseException) -> CallFailed:
    return CallFailed(type(error).__name__, Remedy.NEXT, may_be_billed=True)


def _is_worth_repeating(error: BaseException) -> bool:
    if not isinstance(error, CallFailed) or error.remedy != Remedy.REPEAT:
        return False
    return (error.retry_after_seconds or 0.0) <= RETRY_AFTER_CAP_SECONDS
