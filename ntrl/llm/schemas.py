"""JSON schemas of pydantic models as the providers' strict modes take them."""

from functools import lru_cache
from typing import Any

from pydantic import BaseModel

# What a schema may say besides its structure. Bounds of numbers and lengths are refused by some; pydantic checks them.
_KEPT = frozenset({"type", "properties", "items", "anyOf", "enum", "const", "$ref", "$defs", "description"})


@lru_cache(maxsize=64)
def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a model: every property required, no other allowed. The same object each time."""
    return _strict(model.model_json_schema())


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}  # nothing may stand beside a reference
    strict = {name: value for name, value in schema.items() if name in _KEPT}
    for name in ("properties", "$defs"):
        if name in strict:
            strict[name] = {key: _strict(value) for key, value in strict[name].items()}
    if "items" in strict:
        strict["items"] = _strict(strict["items"])
    if "anyOf" in strict:
        strict["anyOf"] = [_strict(variant) for variant in strict["anyOf"]]
    if strict.get("type") == "object":
        strict |= {"required": list(strict.get("properties", {})), "additionalProperties": False}
    return strict
