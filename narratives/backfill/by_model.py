"""Foci by a language model, out of narratives' summaries."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from django.conf import settings

from narratives.backfill.sources import Answer, Estimate
from narratives.by_model import ATTEMPTS, PROMPTS, inert, names_of, review_of
from narratives.entities import Aliases
from narratives.fingerprints import MAX_CHARS, BadFingerprint, check_focus, clean_focus
from narratives.loaded import LoadedWords
from narratives.models import FingerprintMethod
from narratives.stores.base import Unfocused
from ntrl.llm.gateway import Gateway
from ntrl.llm.ledger import ModelLedger
from ntrl.llm.prices import BYTES_PER_CHAR, CHARS_PER_TOKEN, cost_of
from ntrl.llm.prompts import load_prompts
from ntrl.llm.types import Completion, Operation, Usage
from ntrl.stages.errors import Quarantined

# Five words take ten; one that is longer is no phrase.
MAX_OUTPUT_TOKENS = 50
USUAL_OUTPUT_TOKENS = 6
UNNAMED = "not said"


class ByModel:
    """Asks the chain of a run's gateway.

    Args:
        gateway: of the run; its chain for the backfill must not be empty.
        aliases: names of entities.
        loaded: words that readers must not see, here or after an import.
    """

    waits: ClassVar[bool] = True

    def __init__(self, gateway: Gateway, aliases: Aliases, loaded: LoadedWords) -> None:
        self._gateway = gateway
        self._aliases = aliases
        self._loaded = loaded
        self._chain = gateway.chain(Operation.NARRATIVE_FOCUS_BACKFILL)
        self._prompt = load_prompts(PROMPTS)[Operation.NARRATIVE_FOCUS_BACKFILL]
        self._fixed_chars = len(self._prompt.system) + len(self._prompt.user)

    @property
    def name(self) -> str:
        """The chain for people."""
        return f"by language models: {names_of(self._chain)}"

    @property
    def ledger(self) -> ModelLedger:
        """Who pays."""
        return self._gateway.ledger

    @property
    def longest_seconds(self) -> float:
        """Both answers, each within its deadline."""
        return float(ATTEMPTS * settings.LLM_DEADLINE_SECONDS)

    def focus_of(self, narrative: Unfocused) -> Answer:
        """Ask for the focus; a phrase that may not stand is asked for once more, with the reason.

        Raises:
            Quarantined: the second one may not stand either.
            ChainFailed: nobody gave a usable reply.
            OutOfMoney: the budget is spent.
        """
        completion = self._ask(narrative, "")
        try:
            focus = self._read(completion.text, narrative)
        except BadFingerprint as refusal:
            completion = self._ask(narrative, review_of(refusal))
            try:
                focus = self._read(completion.text, narrative)
            except BadFingerprint as again:
                raise Quarantined(again.reason, again.detail) from again
        return Answer(focus, FingerprintMethod.LLM.value, completion.model)

    def worst_case_usd(self, narratives: Sequence[Unfocused]) -> Decimal:
        """What the first calls may cost; others ask for theirs, since they are rarely made."""
        return sum((self._worst_case_usd(len(each.summary)) for each in narratives if each.summary), Decimal(0))

    def estimate(self, narratives: int, summary_chars: int) -> Estimate:
        """What so many narratives usually take, without what the provider's cache saves."""
        first = self._chain[0]
        tokens_input = (narratives * self._fixed_chars + summary_chars) // CHARS_PER_TOKEN
        tokens_output = narratives * USUAL_OUTPUT_TOKENS
        usage = Usage(tokens_input, tokens_output)
        cost = cost_of(usage, provider=first.provider, model=first.model, overrides=settings.LLM_PRICES)
        return Estimate(tokens_input, tokens_output, cost)

    def _worst_case_usd(self, summary_chars: int) -> Decimal:
        size = math.ceil((self._fixed_chars + MAX_CHARS + summary_chars) * BYTES_PER_CHAR)
        return self._gateway.worst_case_usd(self._chain[0], prompt_chars=size, max_output_tokens=MAX_OUTPUT_TOKENS)

    def _ask(self, narrative: Unfocused, review: str) -> Completion[str]:
        nucleus = inert(narrative.nucleus)[:MAX_CHARS] or UNNAMED
        return self._gateway.complete(
            operation=Operation.NARRATIVE_FOCUS_BACKFILL,
            prompt=self._prompt.fill(article=narrative.summary, nucleus=nucleus, review=review),
            reply=str,
            max_output_tokens=MAX_OUTPUT_TOKENS,
            narrative_id=narrative.label,
        )

    def _read(self, reply: str, narrative: Unfocused) -> str:
        focus = clean_focus(reply)
        check_focus(focus, narrative.nucleus, self._aliases)
        self._loaded.check_focus(focus)
        return focus
