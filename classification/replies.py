"""What a model must reply to be believed: the specification's JSON, each field within bounds."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from classification.taxonomy import Domain, Geography
from ntrl.llm.fields import LenientReply, one_line

# Longer than any name or keyword; what is longer is prose that has got into the wrong field.
PHRASE_MAX_CHARS = 200
# Twice what the prompts ask for: more is a model that repeats itself.
LIST_MAX_PHRASES = 16


def _spelled(value: Any) -> Any:
    """Forgive capitals and spaces around a word of the taxonomy; another word stays what it is, and is refused."""
    return value.strip().lower() if isinstance(value, str) else value


def _place(value: Any) -> Any:
    """Read a geography that is none of the four as `us`, as the mapping does."""
    word = _spelled(value)
    return word if word in tuple(Geography) else Geography.US


Phrase = Annotated[str, Field(max_length=PHRASE_MAX_CHARS), AfterValidator(one_line)]
Phrases = Annotated[list[Phrase], Field(max_length=LIST_MAX_PHRASES)]


class Tags(LenientReply):
    """The specification's tags."""

    geography: Annotated[Geography, BeforeValidator(_place)] = Geography.US
    geography_detail: Phrase = ""
    actors: Phrases = []
    action_type: Phrase = ""
    topic_keywords: Phrases = []


class ClassificationReply(LenientReply):
    """How a model files an article. Only the tags may be missing: a domain is never made up here."""

    domain: Annotated[Domain, BeforeValidator(_spelled)]
    confidence: Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
    tags: Tags = Tags()
