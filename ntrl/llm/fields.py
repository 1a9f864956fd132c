"""What the models of replies are built from."""

from typing import Any

from pydantic import BaseModel, model_validator


class LenientReply(BaseModel):
    """A reply, or a part of one, whose nulls are read as left out."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        return {name: value for name, value in data.items() if value is not None} if isinstance(data, dict) else data


def one_line(text: str) -> str:
    """Put a phrase on one line, without what databases refuse (NUL) or pages hide."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
