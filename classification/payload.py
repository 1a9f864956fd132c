"""Reads what a keyword's or place's rule says, and names key and field when it says it wrong."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from classification.phrases import Phrase, spellings

# Above this one word would decide a story alone, whatever else it says.
MAX_WEIGHT = 10.0
_FIELDS = frozenset({"weight", "case", "forms", "not_near", "only_near"})


@dataclass(frozen=True, slots=True)
class Payload:
    """A rule's fields, checked. Word lists are as the rule gives them."""

    weight: float
    exact: bool
    forms: tuple[str, ...]
    not_near: tuple[str, ...]
    only_near: tuple[str, ...]


def split_key(key: str) -> tuple[str, str]:
    """Return group and phrase of a rule's key, "group/phrase".

    Raises:
        ValueError: either is missing.
    """
    group, _, phrase = key.partition("/")
    if not group or not phrase:
        raise ValueError(f"{key}: key must be group/phrase")
    return group, phrase


def read_payload(
    key: str, fields: Mapping[str, object], *, more_fields: Iterable[str] = (), exact: bool = False
) -> Payload:
    """Check a rule's fields.

    Args:
        key: the rule's, for messages.
        fields: as the rule file or an editor gives them.
        more_fields: names that the caller reads itself.
        exact: whether letter case matters when the rule does not say.

    Raises:
        ValueError: naming key and field.
    """
    unknown = sorted(set(fields) - _FIELDS - set(more_fields))
    if unknown:
        raise ValueError(f"{key}: unknown field {unknown[0]}")
    case = fields.get("case", "exact" if exact else "any")
    if case not in ("exact", "any"):
        raise ValueError(f'{key}: case must be "exact" or "any"')
    return Payload(
        weight=_weight(key, fields.get("weight", 1)),
        exact=case == "exact",
        forms=_strings(key, "forms", fields),
        not_near=_strings(key, "not_near", fields),
        only_near=_strings(key, "only_near", fields),
    )


def phrases_of(key: str, phrase: str, payload: Payload) -> list[Phrase]:
    """Return every spelling of a rule.

    Raises:
        ValueError: a phrase or form holds no word; naming key and field.
    """
    try:
        return list(
            spellings(
                key,
                (phrase, *payload.forms),
                exact=payload.exact,
                not_near=payload.not_near,
                only_near=payload.only_near,
            )
        )
    except ValueError as error:
        raise ValueError(f"{key}: forms: {error}") from error


def _weight(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key}: weight must be a number")
    if not (math.isfinite(value) and 0 < value <= MAX_WEIGHT):
        raise ValueError(f"{key}: weight must be above 0 and at most {MAX_WEIGHT:g}")
    return float(value)


def _strings(key: str, field: str, fields: Mapping[str, object]) -> tuple[str, ...]:
    value = fields.get(field, ())
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) and item.strip() for item in value):
        raise ValueError(f"{key}: {field} must be a list of words")
    return tuple(value)
