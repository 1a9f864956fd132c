"""Classification by a language model: what is sent, what the answer must be, and what that costs."""

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from django.conf import settings

from classification.keywords import BODY_PREFIX_CHARS, TITLE_MAX_CHARS
from classification.replies import ClassificationReply
from ntrl.llm.gateway import Gateway
from ntrl.llm.prices import BYTES_PER_CHAR, CHARS_PER_TOKEN, cost_of
from ntrl.llm.prompts import load_prompts
from ntrl.llm.schemas import strict_schema
from ntrl.llm.types import Completion, Operation, Usage

PROMPTS = Path(__file__).parent / "prompts"
# A feed may put a whole article into its description.
DESCRIPTION_MAX_CHARS = 500
# Three times what a reply takes; one that is longer runs in circles.
MAX_OUTPUT_TOKENS = 600
USUAL_OUTPUT_TOKENS = 150


@dataclass(frozen=True, slots=True)
class Article:
    """What is known of a story. Only the first `BODY_PREFIX_CHARS` of its body are sent."""

    title: str
    description: str
    source: str
    body: str

    def places(self) -> dict[str, str]:
        """The values for the prompts' places, each within its length."""
        return {
            "title": _one_line(self.title, TITLE_MAX_CHARS),
            "description": _one_line(self.description, DESCRIPTION_MAX_CHARS),
            "source": _one_line(self.source, TITLE_MAX_CHARS),
            "article": self.body[:BODY_PREFIX_CHARS],
        }


class ModelClassifier:
    """Asks the chain of a run's gateway. Thread-safe.

    Args:
        gateway: of the run; its chain for classification must not be empty.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._chain = gateway.chain(Operation.CLASSIFY)
        files = load_prompts(PROMPTS)
        self._prompts = {attempt.prompt: files[attempt.prompt] for attempt in self._chain}
        first = self._prompts[self._chain[0].prompt]
        schema = json.dumps(strict_schema(ClassificationReply))
        self._fixed_chars = len(first.system) + len(first.user) + len(schema)

    @property
    def identity(self) -> tuple[str, ...]:
        """What an answer depends on besides the article: models, prompts and their versions, in the chain's order."""
        return tuple(
            f"{attempt.provider} {attempt.model} {attempt.prompt}@{self._prompts[attempt.prompt].version}"
            for attempt in self._chain
        )

    @property
    def names(self) -> str:
        """The chain for people."""
        return ", ".join(f"{attempt.provider} {attempt.model} ({attempt.prompt})" for attempt in self._chain)

    def classify(self, article: Article, story_id: UUID) -> Completion[ClassificationReply]:
        """Ask the chain's models one after the other. Raises ChainFailed, OutOfMoney."""
        places = article.places()
        return self._gateway.complete(
            operation=Operation.CLASSIFY,
            prompt={name: file.fill(**places) for name, file in self._prompts.items()},
            reply=ClassificationReply,
            max_output_tokens=MAX_OUTPUT_TOKENS,
            story_id=story_id,
        )

    def worst_case_usd(self, article_chars: int) -> Decimal:
        """What the first attempt may cost; the others ask for theirs, since they are rarely made."""
        size = self._fixed_chars + math.ceil(article_chars * BYTES_PER_CHAR)
        return self._gateway.worst_case_usd(self._chain[0], prompt_chars=size, max_output_tokens=MAX_OUTPUT_TOKENS)

    def estimated_usd(self, article_chars: int) -> Decimal | None:
        """What an article usually costs, without what the provider's cache saves; None when no price is known."""
        first = self._chain[0]
        usage = Usage((self._fixed_chars + article_chars) // CHARS_PER_TOKEN, USUAL_OUTPUT_TOKENS)
        return cost_of(usage, provider=first.provider, model=first.model, overrides=settings.LLM_PRICES)


def _one_line(text: str, max_chars: int) -> str:
    # Cut first as well: a line of a million words is not to be taken apart.
    return " ".join(text[: 4 * max_chars].split())[:max_chars]
