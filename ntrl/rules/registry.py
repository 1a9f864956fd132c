"""Which rule sets there are. Each app registers its own when Django starts; this module needs no tables yet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Entries = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RuleSource:
    """Where a set's shipped entries stand, and what compiles entries: it raises ValueError naming key and field."""

    path: Path
    compile: Callable[[Entries], object]


_sources: dict[str, RuleSource] = {}


def register_rules(name: str, path: Path, compile_entries: Callable[[Entries], object]) -> None:
    """Make a rule set known; each app does so for its own when Django starts."""
    _sources[name] = RuleSource(path, compile_entries)


def rule_sets() -> Mapping[str, RuleSource]:
    """The sets that apps have registered, by name."""
    return _sources
