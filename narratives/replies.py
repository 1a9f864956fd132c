"""What a model must reply to be read: the decision record's extraction, each field within bounds."""

import math
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from ntrl.llm.fields import LenientReply, one_line

# Longer than any name or phrase; what is longer is prose that has got into the wrong field.
PHRASE_MAX_CHARS = 200
# Twice what the prompt asks for: more is a model that repeats itself.
LIST_MAX_PHRASES = 16
# A paragraph, generously.
SUMMARY_MAX_CHARS = 2_000


def _by_actor(value: Any, info: ValidationInfo) -> dict[str, int]:
    """Read numbers in the actors' order, or by actor. One that is missing or none does no harm, and is left out."""
    if isinstance(value, list):
        value = dict(zip(info.data.get("actors", []), value, strict=False))
    weights = value.items() if isinstance(value, dict) else ()
    return {one_line(str(name)): round(number) for name, number in weights if _is_number(number)}


def _is_number(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


Phrase = Annotated[str, Field(max_length=PHRASE_MAX_CHARS), AfterValidator(one_line)]
Phrases = Annotated[list[Phrase], Field(max_length=LIST_MAX_PHRASES)]
# No provider's strict schema has a mapping whose names are free, so a list is asked for.
_Weights = Annotated[
    dict[str, int], BeforeValidator(_by_actor), WithJsonSchema({"type": "array", "items": {"type": "integer"}})
]


class NarrativeReply(LenientReply):
    """The reply of extract_narrative. Only nucleus and focus may not be missing; whether they may stand is said later.

    Nobody reads tensions and summary yet: what no audit has passed is neither stored nor shown.
    """

    actors: Phrases = []
    actor_salience: _Weights = {}
    nucleus_entity: Phrase
    narrative_focus: Phrase
    actions: Phrases = []
    tensions: Phrases = []
    summary: Annotated[str, Field(max_length=SUMMARY_MAX_CHARS)] = ""
