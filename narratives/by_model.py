"""Fingerprints by a language model: what is sent, what may stand of the answer, and what that costs."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from django.conf import settings

from narratives.entities import Aliases
from narratives.fingerprints import BadFingerprint, from_extraction
from narratives.identity import Fingerprint
from narratives.known import Known
from narratives.loaded import LoadedWords
from narratives.replies import NarrativeReply
from ntrl.llm.fields import one_line
from ntrl.llm.gateway import Gateway
from ntrl.llm.prices import BYTES_PER_CHAR, CHARS_PER_TOKEN, cost_of
from ntrl.llm.prompts import load_prompts
from ntrl.llm.schemas import strict_schema
from ntrl.llm.types import Chain, Completion, Operation, Usage
from ntrl.stages.errors import Quarantined

PROMPTS = Path(__file__).parent / "prompts"
# News is told in its first paragraphs; an average article, of 4,800 characters, goes out nearly whole.
SENT_CHARS = 4_000
TITLE_MAX_CHARS = 400
# Three times what a reply takes; one that is longer runs in circles.
MAX_OUTPUT_TOKENS = 700
USUAL_OUTPUT_TOKENS = 180
# A reply that may not stand is asked for once more, with the reason; then an editor sees it.
ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Article:
    """What is sent of a story. `known` are narratives that it may go on with."""

    title: str
    body: str
    known: Sequence[Known] = ()


@dataclass(frozen=True, slots=True)
class ModelReading:
    """A fingerprint that may stand, by whom, and in answer to which prompt."""

    fingerprint: Fingerprint
    model: str
    prompt_version: str


class ModelExtractor:
    """Asks the chain of a run's gateway. Thread-safe.

    Args:
        gateway: of the run; its chain for extraction must not be empty.
        aliases: names of entities.
        loaded: words that readers must not see.
    """

    def __init__(self, gateway: Gateway, aliases: Aliases, loaded: LoadedWords) -> None:
        self._gateway = gateway
        self._aliases = aliases
        self._loaded = loaded
        self._chain = gateway.chain(Operation.EXTRACT_NARRATIVE)
        self._prompt = load_prompts(PROMPTS)[Operation.EXTRACT_NARRATIVE]
        schema = json.dumps(strict_schema(NarrativeReply))
        self._fixed_chars = len(self._prompt.system) + len(self._prompt.user) + len(schema)

    @property
    def identity(self) -> tuple[str, ...]:
        """What an answer depends on besides the article: models, in the chain's order, and the prompt's version."""
        return tuple(f"{attempt.provider} {attempt.model} @{self._prompt.version}" for attempt in self._chain)

    @property
    def names(self) -> str:
        """The chain for people."""
        return names_of(self._chain)

    def extract(self, article: Article, story_id: UUID) -> ModelReading:
        """Ask the chain's models; a fingerprint that may not stand is asked for once more, with the reason.

        Raises:
            Quarantined: the second one may not stand either.
            ChainFailed: nobody gave a usable reply.
            OutOfMoney: the budget is spent.
        """
        review = ""
        for attempt in range(1, ATTEMPTS + 1):
            completion = self._ask(article, review, story_id)
            try:
                fingerprint = self._read(completion.value, article)
            except BadFingerprint as refusal:
                if attempt == ATTEMPTS:
                    raise Quarantined(refusal.reason, refusal.detail) from refusal
                review = review_of(refusal)
            else:
                break
        return ModelReading(fingerprint, completion.model, completion.prompt_version)

    def worst_case_usd(self, article_chars: int) -> Decimal:
        """What the first call may cost; others ask for theirs, since they are rarely made."""
        size = math.ceil((self._fixed_chars + article_chars) * BYTES_PER_CHAR)
        return self._gateway.worst_case_usd(self._chain[0], prompt_chars=size, max_output_tokens=MAX_OUTPUT_TOKENS)

    def estimated_usd(self, article_chars: int) -> Decimal | None:
        """What an article usually costs, without what the provider's cache saves; None when no price is known."""
        usage = Usage((self._fixed_chars + article_chars) // CHARS_PER_TOKEN, USUAL_OUTPUT_TOKENS)
        first = self._chain[0]
        return cost_of(usage, provider=first.provider, model=first.model, overrides=settings.LLM_PRICES)

    def _ask(self, article: Article, review: str, story_id: UUID) -> Completion[NarrativeReply]:
        known = "\n".join(inert(f"{each.nucleus}: {each.focus}") for each in article.known)
        # Cut first as well: a line of a million words is not to be taken apart.
        title = one_line(article.title[: 4 * TITLE_MAX_CHARS])[:TITLE_MAX_CHARS]
        return self._gateway.complete(
            operation=Operation.EXTRACT_NARRATIVE,
            prompt=self._prompt.fill(
                title=title, article=article.body[:SENT_CHARS], known=known or "none", review=review
            ),
            reply=NarrativeReply,
            max_output_tokens=MAX_OUTPUT_TOKENS,
            story_id=story_id,
        )

    def _read(self, reply: NarrativeReply, article: Article) -> Fingerprint:
        fingerprint = from_extraction(reply.model_dump(), body=article.body, aliases=self._aliases)
        return self._loaded.calmed(fingerprint)


def names_of(chain: Chain) -> str:
    """Who is asked in turn, for people."""
    return ", ".join(f"{attempt.provider} {attempt.model}" for attempt in chain)


def review_of(refusal: BadFingerprint) -> str:
    """Tell a model what is wrong with its last reply."""
    return (
        "A checker refused your last reply. Do the task again and mend this:\n"
        f"<review>\n{inert(refusal.detail)}\n</review>"
    )


def inert(text: str) -> str:
    """A text on one line that can't end the place it stands in."""
    return one_line(text).replace("<", "(").replace(">", ")")
