"""The lexicon: entries as editors write them, checked and compiled for one pass over a body."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from neutralization.matching import PhraseIndex
from neutralization.taxonomy import Action, Category
from ntrl.text.fold import fold

# In a list of neighbours: any number, with its currency sign.
NUMBER = "#"
# In such a list: a number with no singular noun after it that would need the article ("a whopping 40 percent of").
BARE_NUMBER = "##"

_TEXT_FIELDS = ("category", "action", "replacement", "case", "example")
_LIST_FIELDS = ("forms", "replacements", "not_before", "not_after", "only_before", "only_after", "not_with")
_FLAG_FIELDS = ("attributive_only", "standalone", "verb_only", "sentence_start", "whole_sentence", "without_figure")
_FIELDS = frozenset(_TEXT_FIELDS + _LIST_FIELDS + _FLAG_FIELDS)

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule: its forms, what is done to them, and where it holds."""

    key: str
    category: Category
    action: Action
    forms: tuple[str, ...]
    replacements: tuple[str, ...]
    not_before: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()
    not_with: frozenset[str] = frozenset()
    upper_only: bool = False
    attributive_only: bool = False
    standalone: bool = False
    verb_only: bool = False
    sentence_start: bool = False
    whole_sentence: bool = False
    without_figure: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A surface form as the entry writes it, and its own replacement."""

    entry: Entry
    text: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Compiled entries; made by `compile_lexicon`."""

    entries: tuple[Entry, ...]
    index: PhraseIndex[Form]


@dataclass(frozen=True, slots=True)
class FalsePositive:
    """An established term and why it isn't manipulation."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class FalsePositives:
    """Compiled terms; made by `compile_false_positives`."""

    index: PhraseIndex[FalsePositive]


def compile_lexicon(entries: Mapping[str, Mapping[str, object]]) -> Lexicon:
    """Check and compile entries, key to payload.

    A payload has `category`, `action`, `forms` and either `replacements` (one a form) or `replacement` (for all);
    a removing entry has neither. Conditions: `not_before`, `not_after`, `only_before`, `only_after` (neighbouring
    words; "#" is a number, "##" one that needs no article before it), `not_with` (words that give their sentence
    another sense), `case = "upper"`, `attributive_only` (an adjective before its noun), `standalone` (no noun follows
    that it describes), `verb_only` (nothing before it makes a noun of it), `sentence_start`, `whole_sentence` (the
    sentence goes, unless it holds a number, a quotation or a name), `without_figure` (no figure in its sentence says
    how much: "soared 40 percent" is a fact in strong words, "soared" alone is a feeling).

    Raises:
        ValueError: A payload can't be used; names key and field.
    """
    compiled = tuple(_entry(key, payload) for key, payload in entries.items())
    forms = (
        (form, Form(entry, form, replacement))
        for entry in compiled
        for form, replacement in zip(entry.forms, entry.replacements, strict=True)
    )
    return Lexicon(compiled, PhraseIndex(forms))


def compile_false_positives(entries: Mapping[str, Mapping[str, object]]) -> FalsePositives:
    """Check and compile established terms, key to payload with `forms` and `reason`.

    Raises:
        ValueError: A payload can't be used; names key and field.
    """
    pairs = []
    for key, payload in entries.items():
        _refuse_unknown(key, payload, {"forms", "reason"})
        term = FalsePositive(key, _text(key, payload, "reason"))
        pairs += [(form, term) for form in _forms(key, payload)]
    return FalsePositives(PhraseIndex(pairs))


def _entry(key: str, payload: Mapping[str, object]) -> Entry:
    _refuse_unknown(key, payload, _FIELDS)
    forms = _forms(key, payload)
    case = _text(key, payload, "case", default="any")
    if case not in {"any", "upper"}:
        raise ValueError(f"{key}: case: {case!r} is neither 'any' nor 'upper'")
    action = _choice(key, payload, "action", Action)
    return Entry(
        key=key,
        category=_choice(key, payload, "category", Category),
        action=action,
        forms=forms,
        replacements=_replacements(key, payload, action, len(forms)),
        not_before=_neighbours(key, payload, "not_before"),
        not_after=_neighbours(key, payload, "not_after"),
        only_before=_neighbours(key, payload, "only_before"),
        only_after=_neighbours(key, payload, "only_after"),
        not_with=frozenset(_neighbours(key, payload, "not_with")),
        upper_only=case == "upper",
        attributive_only=_flag(key, payload, "attributive_only"),
        standalone=_flag(key, payload, "standalone"),
        verb_only=_flag(key, payload, "verb_only"),
        sentence_start=_flag(key, payload, "sentence_start"),
        whole_sentence=_flag(key, payload, "whole_sentence"),
        without_figure=_flag(key, payload, "without_figure"),
    )


def _refuse_unknown(key: str, payload: Mapping[str, object], known: Set[str]) -> None:
    unknown = sorted(set(payload) - known)
    if unknown:
        raise ValueError(f"{key}: {unknown[0]}: no such field")


def _text(key: str, payload: Mapping[str, object], field: str, default: str | None = None) -> str:
    value = payload.get(field, default)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key}: {field}: needs a text, not {value!r}")
    return value


def _flag(key: str, payload: Mapping[str, object], field: str) -> bool:
    value = payload.get(field, False)
    if not isinstance(value, bool):
        raise ValueError(f"{key}: {field}: needs true or false, not {value!r}")
    return value


def _texts(key: str, payload: Mapping[str, object], field: str) -> tuple[str, ...]:
    value = payload.get(field, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise ValueError(f"{key}: {field}: needs a list of texts, none of them blank, not {value!r}")
    return tuple(value)


def _neighbours(key: str, payload: Mapping[str, object], field: str) -> tuple[str, ...]:
    return tuple(fold(text) for text in _texts(key, payload, field))


def _forms(key: str, payload: Mapping[str, object]) -> tuple[str, ...]:
    forms = _texts(key, payload, "forms")
    if not forms:
        raise ValueError(f"{key}: forms: needs at least one")
    return forms


def _choice(key: str, payload: Mapping[str, object], field: str, choices: type[E]) -> E:
    value = _text(key, payload, field)
    try:
        return choices(value)
    except ValueError:
        known = ", ".join(choices)
        raise ValueError(f"{key}: {field}: {value!r} is none of {known}") from None


def _replacements(key: str, payload: Mapping[str, object], action: Action, forms_count: int) -> tuple[str, ...]:
    if action is Action.REMOVED:
        extra = next((field for field in ("replacement", "replacements") if field in payload), None)
        if extra:
            raise ValueError(f"{key}: {extra}: an entry that removes has none")
        return ("",) * forms_count
    if ("replacement" in payload) == ("replacements" in payload):
        raise ValueError(f"{key}: replacement: needs either replacement or replacements")
    if "replacement" in payload:
        return (_text(key, payload, "replacement"),) * forms_count
    replacements = _texts(key, payload, "replacements")
    if len(replacements) != forms_count:
        raise ValueError(f"{key}: replacements: {len(replacements)} for {forms_count} forms")
    return replacements
