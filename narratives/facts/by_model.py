"""Facts found by a language model: what is sent, what counts of its reply, and what that costs."""

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from narratives.facts.evidence import message_of, whole_sentences
from narratives.facts.messages import NEWS_ROLE, Message
from narratives.facts.ports import ExtractedFact, Extraction
from narratives.facts.replies import FactReply, FactsReply, one_line
from ntrl.llm.gateway import Gateway
from ntrl.llm.prices import BYTES_PER_CHAR
from ntrl.llm.prompts import load_prompts
from ntrl.llm.schemas import strict_schema
from ntrl.llm.types import Operation

PROMPTS = Path(__file__).parent / "prompts"
# Of one message; what is longer is pasted from elsewhere, and says little of whom it is about.
CONTENT_MAX_CHARS = 2_000
# Some twenty facts with their evidence; one that is longer runs in circles.
MAX_OUTPUT_TOKENS = 2_000
METHOD = "llm"
UNKNOWN_ROLE = "user"


class ModelExtractor:
    """Asks the chain of a run's gateway. Thread-safe.

    Args:
        gateway: of the run; its chain for facts must not be empty.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._chain = gateway.chain(Operation.EXTRACT_FACTS)
        self._prompt = load_prompts(PROMPTS)[Operation.EXTRACT_FACTS]
        schema = json.dumps(strict_schema(FactsReply))
        self._fixed_chars = len(self._prompt.system) + len(self._prompt.user) + len(schema)

    @property
    def name(self) -> str:
        """The chain for people."""
        return ", ".join(f"{attempt.provider} {attempt.model}" for attempt in self._chain)

    @property
    def identity(self) -> tuple[str, ...]:
        """Models and the prompt's version."""
        return (*(f"{attempt.provider} {attempt.model}" for attempt in self._chain), self._prompt.version)

    def extract(self, messages: Sequence[Message]) -> Extraction:
        """Ask for a chunk's facts, and keep those whose evidence stands in it. Raises ChainFailed, OutOfMoney."""
        answer = self._gateway.complete(
            operation=Operation.EXTRACT_FACTS,
            prompt=self._prompt.fill(article=as_article(messages)),
            reply=FactsReply,
            max_output_tokens=MAX_OUTPUT_TOKENS,
        )
        facts = []
        for fact in answer.value.facts:
            message = message_of(fact.evidence, messages)
            evidence = "" if message is None else _evidence(fact, message)
            if message is not None and evidence:
                facts.append(ExtractedFact(message=message, **{**fact.model_dump(), "evidence": evidence}))
        return Extraction(tuple(facts), METHOD, answer.model, answer.prompt_version)

    def worst_case_usd(self, messages: Sequence[Message]) -> Decimal:
        """What the first attempt may cost; the others ask for theirs."""
        chars = self._fixed_chars + int(len(as_article(messages)) * BYTES_PER_CHAR)
        return self._gateway.worst_case_usd(self._chain[0], prompt_chars=chars, max_output_tokens=MAX_OUTPUT_TOKENS)


def _evidence(fact: FactReply, message: Message) -> str:
    """What a fact rests on: of the news whole sentences that name what it is about, of a conversation the words."""
    if message.role != NEWS_ROLE:
        return fact.evidence
    return whole_sentences(fact.evidence, message.content, fact.entity_name)


def as_article(messages: Sequence[Message]) -> str:
    """The messages as they are sent: a line each with number, speaker and time, then what was said."""
    return "\n\n".join(
        f"[{number}] {one_line(message.role)[:20] or UNKNOWN_ROLE}, {message.at:%Y-%m-%d %H:%M} UTC:\n"
        f"{message.content[:CONTENT_MAX_CHARS].strip()}"
        for number, message in enumerate(messages, start=1)
    )
