"""Who is who: names folded to keys, aliases resolved, whole words only."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_WORD = re.compile(r"[^\W_]+(?:['’ʼ.&\-‐‑][^\W_]+)*")
_ARTICLES = frozenset({"the", "a", "an"})
# A longer name is no name.
MAX_NAME_CHARS = 200


def fold_name(name: str) -> str:
    """Fold a name: small letters, no accents, no article in front, no full stops, one space between words."""
    words = fold_text(name[:MAX_NAME_CHARS]).split()
    while len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    return " ".join(words)


def fold_text(text: str) -> str:
    """Fold a text as names are folded, articles kept, so that a folded name is found in it on whole words."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(_without_marks(match.group()) for match in _WORD.finditer(plain.casefold()))


def has_words(phrase: str, text: str) -> bool:
    """Whether one folded name stands in another folded text, on whole words."""
    return bool(phrase) and f" {phrase} " in f" {text} "


@dataclass(frozen=True, slots=True)
class Aliases:
    """Which folded names mean which entity; resolved once, so that a lookup is one step.

    Attributes:
        entity_of: folded alias to folded entity.
        names_of: folded entity to all its folded names.
    """

    entity_of: Mapping[str, str]
    names_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def key(self, name: str) -> str:
        """What a name is compared by; "" when it holds no word."""
        folded = fold_name(name)
        return self.entity_of.get(folded, folded)

    def keys(self, names: Iterable[str]) -> frozenset[str]:
        """The keys of several names."""
        return frozenset(filter(None, map(self.key, names)))

    def names(self, key: str) -> tuple[str, ...]:
        """Every folded name of an entity, given its key."""
        return self.names_of.get(key, (key,))


def compile_aliases(entries: Mapping[str, Mapping[str, Any]]) -> Aliases:
    """Read `entity = { aliases = [...] }` into lookups.

    Raises:
        ValueError: an entry without names, or one name that would mean two entities; names the entry.
    """
    entity_of: dict[str, str] = {}
    for entity, payload in entries.items():
        names = payload.get("aliases")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError(f"{entity!r}: aliases must be a list of names")
        for name in names:
            add_alias(entity_of, name, entity)
    return resolved(entity_of)


def add_alias(entity_of: dict[str, str], alias: str, entity: str) -> None:
    """Add one pair of names.

    Raises:
        ValueError: a name without a word, or an alias that means another entity already.
    """
    short, whole = fold_name(alias), fold_name(entity)
    if not short or not whole:
        raise ValueError(f"{entity!r}: {alias!r} holds no word")
    if entity_of.get(short, whole) != whole:
        raise ValueError(f"{entity!r}: {alias!r} means {entity_of[short]!r} already")
    if short != whole:
        entity_of[short] = whole


def resolved(entity_of: Mapping[str, str]) -> Aliases:
    """Follow aliases of aliases to their end; a ring ends where it began."""
    final: dict[str, str] = {}
    for alias in entity_of:
        seen, entity = {alias}, entity_of[alias]
        while entity in entity_of and entity not in seen:
            seen.add(entity)
            entity = entity_of[entity]
        final[alias] = min(seen) if entity in seen else entity
    final = {alias: entity for alias, entity in final.items() if alias != entity}
    names: dict[str, list[str]] = {}
    for alias, entity in sorted(final.items()):
        names.setdefault(entity, [entity]).append(alias)
    return Aliases(final, {entity: tuple(all_names) for entity, all_names in names.items()})


def _without_marks(word: str) -> str:
    word = word.replace(".", "").replace("’", "'").replace("ʼ", "'").replace("‐", "-").replace("‑", "-")
    return word.removesuffix("'s")
