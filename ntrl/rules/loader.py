"""The one loader of rules: shipped files merged with editors' rows, and one hash per set.

A shipped file is TOML. A table whose values are all tables is a group, and its name prefixes their keys with "/";
any other table, also an empty one, is an entry under its stable key.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from ntrl.rules.models import Rule
from ntrl.rules.registry import Entries, rule_sets

# What was last made of each set, with the hash of its entries: compiling checks them.
_compiled: dict[str, tuple[str, object]] = {}
_CURE = "correct it, or switch it off, under Rules in the admin"


class RuleFileError(Exception):
    """A shipped file or an editor's row can't be used; says which and why."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The entries in force (key to payload, in key order) and the hash that outputs store beside them.

    Sets of one name and hash are equal, so that what is made of one can be kept for the next. `compiled` is what the
    set's own app makes of the entries.
    """

    name: str
    entries: Entries = field(compare=False)
    hash: str
    compiled: object = field(default=None, compare=False)


def load_rules(name: str) -> RuleSet:
    """Merge a set's shipped entries with the database's rows (one query), and check what comes of it.

    Raises:
        RuleFileError: the shipped file, or a row, can't be used.
        KeyError: no such set.
    """
    entries = _merged(name, Rule.objects.filter(rule_set=name))
    digest = hash_of(entries)
    return RuleSet(name, entries, digest, _compile(name, entries, digest))


def checked_entries(name: str, rows: Iterable[Rule]) -> Entries:
    """The entries in force when these are the editors' rows of a set, in key order.

    Raises:
        RuleFileError: the shipped file, or a row, can't be used.
        KeyError: no such set.
    """
    entries = _merged(name, rows)
    _compile(name, entries, hash_of(entries))
    return entries


def _merged(name: str, rows: Iterable[Rule]) -> Entries:
    entries: dict[str, Mapping[str, Any]] = dict(shipped_entries(rule_sets()[name].path))
    for row in rows:
        if not isinstance(row.payload, Mapping):
            raise RuleFileError(f"the rule {row}: its payload is not an object with fields; {_CURE}")
        if not row.is_enabled:
            entries.pop(row.key, None)
        elif row.payload or row.key not in entries:
            entries[row.key] = row.payload
    return {key: entries[key] for key in sorted(entries)}


def _compile(name: str, entries: Entries, digest: str) -> object:
    last, compiled = _compiled.get(name, ("", None))
    if last == digest:
        return compiled
    try:
        compiled = rule_sets()[name].compile(entries)
    except (ValueError, ArithmeticError) as error:  # arithmetic: a number too large to be one
        raise RuleFileError(f"the rule {name}: {error}; {_CURE}") from error
    _compiled[name] = digest, compiled
    return compiled


@lru_cache
def shipped_entries(path: Path) -> Entries:
    """Read a shipped file, once a process."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # a ValueError too: bytes that are not UTF-8
        raise RuleFileError(f"{path.name}: {error}") from error
    return dict(_flatten(document, "", path.name))


def hash_of(entries: Entries) -> str:
    """SHA-256 hex over the entries in key order; the same rules have the same hash, whatever file they came from."""
    canonical = json.dumps({key: entries[key] for key in sorted(entries)}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _flatten(table: Mapping[str, Any], prefix: str, file: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if not isinstance(value, Mapping):
            raise RuleFileError(f"{file}: {key!r} is not a table")
        if value and all(isinstance(inner, Mapping) for inner in value.values()):
            yield from _flatten(value, f"{key}/", file)
        elif any(isinstance(inner, date | time) for inner in value.values()):
            raise RuleFileError(f"{file}: {key!r} holds a date or time: write it in quotes")
        else:
            yield key, value
