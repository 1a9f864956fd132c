"""What a model must reply to be believed: a list of facts, each within bounds; one that is not is left out alone."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

# A sentence or two; evidence that is longer points at nothing.
EVIDENCE_MAX_CHARS = 600
NAME_MAX_CHARS = 200
WORD_MAX_CHARS = 50
# More facts in one chunk are a model that repeats itself.
MOST_FACTS = 60
_WORD = re.compile(r"[a-z][a-z0-9_]*")


def one_line(text: str) -> str:
    """Put a phrase on one line, without what databases refuse (NUL, halves of characters) or pages hide."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(shown.encode(errors="replace").decode().split())


def _word(value: Any) -> Any:
    """Write a kind as tables have them: small letters, words joined by low lines."""
    return "_".join(value.strip().lower().replace("-", " ").split()) if isinstance(value, str) else value


def _check_word(value: str) -> str:
    if not _WORD.fullmatch(value):
        raise ValueError("not a word of small letters, digits and low lines")
    return value


def _check_text(value: str) -> str:
    value = one_line(value)
    if not value:
        raise ValueError("empty")
    return value


Word = Annotated[str, BeforeValidator(_word), Field(max_length=WORD_MAX_CHARS), AfterValidator(_check_word)]


class FactReply(BaseModel):
    """One fact, with the words that say so."""

    entity_type: Word
    entity_name: Annotated[str, Field(max_length=NAME_MAX_CHARS), AfterValidator(_check_text)]
    relationship_type: Word
    confidence: Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
    evidence: Annotated[str, Field(max_length=EVIDENCE_MAX_CHARS), AfterValidator(_check_text)]


def _usable(value: Any) -> Any:
    """Leave out facts that are none; what is no list at all is refused as a whole."""
    return [fact for fact in value[:MOST_FACTS] if _is_fact(fact)] if isinstance(value, list) else value


def _is_fact(value: Any) -> bool:
    try:
        FactReply.model_validate(value)
    except ValidationError:
        return False
    return True


class FactsReply(BaseModel):
    """What a chunk of messages says."""

    facts: Annotated[list[FactReply], BeforeValidator(_usable)]
