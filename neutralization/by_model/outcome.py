"""How a story came out that models have worked on."""

from dataclasses import dataclass

from neutralization.by_model.writing import GARBLED, MadeByModel
from neutralization.lexicon_neutralizer import Neutralized
from neutralization.models import Status
from neutralization.versions import NewVersion
from ntrl.llm.errors import CHAIN_FAILED

# A chain that ended so did reply, with what nobody can read.
UNREADABLE = frozenset(
    CHAIN_FAILED + reason for reason in ("invalid_reply", "empty", "truncated", "garbled", "reply_too_large")
)


@dataclass(frozen=True, slots=True)
class Fallback:
    """What the lexicon made after models had failed, for a reason."""

    reason: str
    detail: str
    made: Neutralized


def judge_by_model(result: MadeByModel) -> NewVersion:
    """A success when all texts passed the audit; else whether they could be read at all."""
    reason = why_failed(result)
    if not reason:
        return NewVersion(Status.SUCCESS, made=result.made)
    status = Status.FAILED_GARBLED if reason == GARBLED else Status.FAILED_AUDIT
    detail = f"after {result.attempts} attempts: {evidence_of(result.made)}"
    return NewVersion(status, reason, detail, result.made)


def why_failed(result: MadeByModel) -> str:
    """The reason, "" for a success."""
    failed = result.made.failed_rules
    if not failed:
        return ""
    return GARBLED if result.garbled else failed[0].rule_id


def is_models_failure(reason: str) -> bool:
    """Whether it was the models that gave nothing, or took too long for it."""
    return reason.startswith(CHAIN_FAILED) or reason == "deadline"


def evidence_of(made: Neutralized) -> str:
    """Each broken rule with the words that break it, as they can be read."""
    found = "; ".join(f"{v.rule_id} on {v.output}: {', '.join(v.evidence)}" for v in made.failed_rules)
    return "".join(char if char.isprintable() else "\ufffd" for char in found)
