"""A story's class before it is stored, whoever found it."""

from collections.abc import Mapping
from dataclasses import dataclass

from classification.keywords import KeywordResult
from classification.models import Method
from classification.replies import ClassificationReply
from classification.taxonomy import Domain, Geography
from ntrl.llm.types import Completion

# The specification's name for "no model".
KEYWORD_MODEL = "keyword"


@dataclass(frozen=True, slots=True)
class Filing:
    """What will be stored.

    Attributes:
        tags: the specification's; those of a keyword classification also say to editors why this domain won (`scores`).
        confidence: the model's own, 0 to 1; 0.0 by keywords.
        prompt_version: of the prompt that the answer came from; empty by keywords.
        failures: why models did not file it, attempt by attempt, in codes of ours.
        attempt: which entry of the chain filed it, from 1; 0 by keywords.
        provider: who filed it; empty by keywords.
    """

    domain: Domain
    geography: Geography
    confidence: float
    tags: Mapping[str, object]
    method: Method
    model: str = KEYWORD_MODEL
    prompt_version: str = ""
    failures: tuple[str, ...] = ()
    attempt: int = 0
    provider: str = ""


def filed_by_model(done: Completion[ClassificationReply]) -> Filing:
    """Take a model's reply."""
    reply = done.value
    return Filing(
        domain=reply.domain,
        geography=reply.tags.geography,
        confidence=reply.confidence,
        tags=reply.tags.model_dump(mode="json"),
        method=Method.LLM,
        model=done.model,
        prompt_version=done.prompt_version,
        failures=done.failures,
        attempt=done.attempt,
        provider=done.provider,
    )


def filed_by_keywords(result: KeywordResult, *, method: Method, failures: tuple[str, ...] = ()) -> Filing:
    """Take what the keywords say, as `keyword` or as `keyword_fallback` after these failures of models."""
    tags = {
        "geography": result.geography,
        "geography_detail": result.geography_detail,
        "actors": list(result.actors),
        "action_type": "",
        "topic_keywords": list(result.topic_keywords),
        "scores": {domain: round(score, 3) for domain, score in result.scores.items()},
    }
    return Filing(result.domain, result.geography, result.confidence, tags, method, failures=failures)
