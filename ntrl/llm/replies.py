"""From a reply's text to a value that can be used, or the reason why not."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ntrl.llm.errors import CallFailed, Remedy
from ntrl.llm.types import Ending, Reply

Value = TypeVar("Value")

# Of what a validation finds, the first few say what is wrong.
PROBLEMS_NAMED = 3


def read_reply(reply: Reply, wanted: type[Value]) -> Value:
    """Return the text (`wanted` is str), or the pydantic model that it spells.

    JSON may stand in a code fence or between sentences; what it says must fit the model in any case.

    Raises:
        CallFailed: "refused", "truncated", "empty" or "invalid_reply".
    """
    if reply.ending == Ending.REFUSED:
        raise CallFailed("refused", Remedy.OTHER_INPUT)
    if reply.ending == Ending.TRUNCATED:
        raise CallFailed("truncated", Remedy.NEXT)  # another sample may be shorter
    text = reply.text.strip()
    if not text:
        raise CallFailed("empty", Remedy.NEXT)
    if issubclass(wanted, BaseModel):
        return _parsed(text, wanted)
    if wanted is str:
        return text  # type: ignore[return-value]  # Value is str here
    raise TypeError(f"a reply is a str or a pydantic model, not {wanted.__name__}")


def _parsed(text: str, wanted: type[Value]) -> Value:
    assert issubclass(wanted, BaseModel)
    try:
        return wanted.model_validate_json(text[text.find("{") : text.rfind("}") + 1])
    except ValidationError as error:
        raise CallFailed("invalid_reply", Remedy.NEXT, detail=_problems(error, wanted)) from None


def _problems(error: ValidationError, wanted: type[BaseModel]) -> str:
    """Say what is wrong in words of ours and of the schema: the reply's own may be an article's."""
    found = error.errors(include_input=False, include_context=False, include_url=False)
    known = set(wanted.model_fields)
    return ", ".join(
        f"{problem['type']} at {'.'.join(part for part in map(str, problem['loc']) if part in known) or 'top'}"
        for problem in found[:PROBLEMS_NAMED]
    )
