"""The one way to a model, for every stage: a chain is walked until an entry gives a usable reply.

gateway = open_gateway(trace_id)
run_stage(stage_with(gateway), trace_id=trace_id, ledger=gateway.ledger)
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from pydantic import BaseModel

from ntrl.llm.calling import Answer, Caller, Entry
from ntrl.llm.chains import usable
from ntrl.llm.errors import CHAIN_FAILED, HOPELESS, CallFailed, NoReply, NoUsableReply, Remedy
from ntrl.llm.health import Health
from ntrl.llm.ledger import ModelLedger
from ntrl.llm.memo import Memo, request_key
from ntrl.llm.models import AlertCode
from ntrl.llm.prices import NOTHING, Overrides
from ntrl.llm.providers import make_providers
from ntrl.llm.providers.base import Provider
from ntrl.llm.replies import read_reply
from ntrl.llm.schemas import strict_schema
from ntrl.llm.types import Attempt, Budgets, Chain, Completion, Operation, Prompt, ProviderConfig, ProviderName, Request

log = logging.getLogger(__name__)

Value = TypeVar("Value")

# Twice the longest reply that a stage asks for usually.
DEFAULT_MAX_OUTPUT_TOKENS = 2_000


class Gateway:
    """The models of one run: knows who is out, what was asked already, and what may be spent. Thread-safe.

    Args:
        ledger: the run's money; give it to `run_stage` as well.
        configs: the providers; those not set up are left out of every chain.
        chains: the entries by operation.
        overrides: prices that the list lacks, by model.
        timeout_seconds: one call may take at most.
        deadline_seconds: a completion may take at most, all its calls and waits together.
        log_text: whether the rows of calls keep prompt and reply.
        clock: monotonic seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        *,
        ledger: ModelLedger,
        configs: Mapping[ProviderName, ProviderConfig],
        chains: Mapping[Operation, Chain],
        overrides: Overrides,
        timeout_seconds: float,
        deadline_seconds: float,
        log_text: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.ledger = ledger
        self.providers: Mapping[ProviderName, Provider] = make_providers(configs)
        self._chains = {operation: usable(chain, configs) for operation, chain in chains.items()}
        self._deadline_seconds = deadline_seconds
        self._clock = clock
        self._health = Health(clock)
        self._memo = Memo[Answer]()
        self._caller = Caller(
            ledger=ledger,
            health=self._health,
            overrides=overrides,
            timeout_seconds=timeout_seconds,
            log_text=log_text,
            clock=clock,
            sleep=sleep,
        )

    def chain(self, operation: Operation) -> Chain:
        """Return the entries that can be asked; empty when the stage has to do without a model."""
        return self._chains[operation]

    def worst_case_usd(self, attempt: Attempt, *, prompt_chars: int, max_output_tokens: int) -> Decimal:
        """What one call costs at most, for a stage's reservation; 0 when the price is not known.

        Args:
            attempt: whom it would go to.
            prompt_chars: of the whole prompt, generously.
            max_output_tokens: as given to `complete`.
        """
        request = Request(attempt.prompt, attempt.model, "", " " * prompt_chars, max_output_tokens)
        return self._caller.worst_case(request, self.providers[attempt.provider]) or NOTHING

    def complete(
        self,
        *,
        operation: Operation,
        prompt: Prompt | Mapping[Operation, Prompt],
        reply: type[Value],
        chain: Chain | None = None,
        max_output_tokens: int = DEFAULT_MAX_OUTPUT_TOKENS,
        story_id: UUID | None = None,
        narrative_id: str = "",
        deadline_seconds: float | None = None,
    ) -> Completion[Value]:
        """Ask the entries of a chain, one after the other, until one gives a usable reply.

        Args:
            operation: chooses the chain.
            prompt: one for all entries, or one for each name that the chain has.
            reply: `str`, or the pydantic model that the reply must fit.
            chain: another chain than the operation's.
            max_output_tokens: bounds the reply; one that is cut off there is not usable.
            story_id: for the row; that of the stage's item when it is not given.
            narrative_id: for the row, when the call is about a narrative.
            deadline_seconds: another deadline than the gateway's.

        Raises:
            NoReply: all failed, at least one for a reason that may pass.
            NoUsableReply: all refused this input.
            OutOfMoney: the budget is spent; the runner puts the item back.
            ValueError: the chain is empty.
        """
        entries = self._chains[operation] if chain is None else chain
        if not entries:
            raise ValueError(f"no provider is set up for {operation}")
        seconds = self._deadline_seconds if deadline_seconds is None else deadline_seconds
        ends_at = self._clock() + seconds
        failures: list[tuple[Attempt, CallFailed]] = []
        for number, attempt in enumerate(entries, start=1):
            filled = prompt if isinstance(prompt, Prompt) else prompt[attempt.prompt]
            entry = Entry(
                request=_request(attempt, filled, reply, max_output_tokens),
                provider=self.providers[attempt.provider],
                number=number,
                prompt_version=f"{filled.name}@{filled.version}",
                wanted=reply,
                story_id=story_id,
                narrative_id=narrative_id,
                ends_at=ends_at,
            )
            try:
                return self._ask(entry, reply, tuple(_words(*failed) for failed in failures))
            except CallFailed as failure:
                failures.append((attempt, failure))
                self._take_out(attempt, failure)
        raise _chain_failed(failures) from None

    def _ask(self, entry: Entry, wanted: type[Value], failures: tuple[str, ...]) -> Completion[Value]:
        parameters = entry.provider.parameters(entry.request)
        key = request_key(entry.provider.name, parameters)
        answer, is_known = self._memo.answer(
            key, lambda: self._caller.call(entry), waiting=lambda: self.ledger.current().idle()
        )
        usage = answer.reply.usage
        return Completion(
            value=read_reply(answer.reply, wanted),
            text=answer.reply.text.strip(),
            provider=entry.provider.name,
            model=entry.request.model,
            prompt_version=entry.prompt_version,
            attempt=entry.number,
            tokens_input=usage.input if usage else 0,
            tokens_cached=usage.cached if usage else 0,
            tokens_output=usage.output if usage else 0,
            cost_usd=NOTHING if is_known else answer.cost_usd,
            latency_ms=0 if is_known else answer.latency_ms,
            failures=failures,
            from_memo=is_known,
        )

    def _take_out(self, attempt: Attempt, failure: CallFailed) -> None:
        """Ask who has no hope no more in this run, and say so once."""
        if failure.remedy not in HOPELESS:
            return
        model = "" if failure.remedy == Remedy.REPLACE_PROVIDER else attempt.model
        operation = attempt.prompt if failure.remedy == Remedy.REPLACE_REQUEST else ""
        subject = f"{attempt.provider} {model}".rstrip()
        if self._health.take_out(attempt.provider, model, operation):
            log.error("%s is out for the rest of this run: %s. Ask: manage.py llm_doctor", subject, failure)
            self.ledger.alert(AlertCode.PROVIDER_DOWN, subject, str(failure))


def open_gateway(trace_id: str) -> Gateway:
    """Make the gateway of one run, as the settings have it. Call it in the thread that will talk to the database."""
    budgets = Budgets(settings.LLM_BUDGET_USD_PER_RUN, settings.LLM_BUDGET_USD_PER_DAY)
    return Gateway(
        ledger=ModelLedger(trace_id=trace_id, budgets=budgets),
        configs=settings.LLM_PROVIDERS,
        chains=settings.LLM_CHAINS,
        overrides=settings.LLM_PRICES,
        timeout_seconds=settings.LLM_TIMEOUT_SECONDS,
        deadline_seconds=settings.LLM_DEADLINE_SECONDS,
        log_text=settings.NTRL_LLM_LOG_TEXT,
    )


def _request(attempt: Attempt, prompt: Prompt, reply: type[Value], max_output_tokens: int) -> Request:
    return Request(
        operation=attempt.prompt,
        model=attempt.model,
        system=prompt.system,
        user=prompt.user,
        max_output_tokens=max_output_tokens,
        response_format=attempt.response_format,
        schema=strict_schema(reply) if issubclass(reply, BaseModel) else {},
    )


def _words(attempt: Attempt, failure: CallFailed) -> str:
    return f"{attempt.provider} {attempt.model}: {failure}"


def _chain_failed(failures: list[tuple[Attempt, CallFailed]]) -> NoReply | NoUsableReply:
    reason = f"{CHAIN_FAILED}{failures[-1][1].reason}"
    words = [_words(*failed) for failed in failures]
    if all(failure.remedy == Remedy.OTHER_INPUT for _, failure in failures):
        return NoUsableReply(reason, words)
    waits = [failure.retry_after_seconds for _, failure in failures if failure.retry_after_seconds]
    # The first who may be asked again is worth a try.
    not_before = timezone.now() + timedelta(seconds=min(waits)) if len(waits) == len(failures) else None
    was_tried = any(failure.tells_of_input for _, failure in failures)
    return NoReply(reason, words, not_before=not_before, was_tried=was_tried)
