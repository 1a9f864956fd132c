"""What a model must reply to be believed: the specification's JSON, each field within bounds."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from classification.taxonomy import Domain, Geography

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


def _one_line(text: str) -> str:
    """Put a phrase on one line, without what databases refuse (NUL) or pages hide."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


Phrase = Annotated[str, Field(max_length=PHRASE_MAX_CHARS), AfterValidator(_one_line)]
Phrases = Annotated[list[Phrase], Field(max_length=LIST_MAX_PHRASES)]


class _Reply(BaseModel):
    """A part of a reply. Null is read as left out."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        return {name: value for name, value in data.items() if value is not None} if isinstance(data, dict) else data


class Tags(_Reply):
    """The specification's tags."""

    geography: Annotated[Geography, BeforeValidator(_place)] = Geography.US
    geography_detail: Phrase = ""
    actors: Phrases = []
    action_type: Phrase = ""
    topic_keywords: Phrases = []


class ClassificationReply(_Reply):
    """How a model files an article. Only the tags may be missing: a domain is never made up here."""

    domain: Annotated[Domain, BeforeValidator(_spelled)]
    confidence: Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
    tags: Tags = Tags()
