"""The shipped rules, compiled without a database."""

from pathlib import Path

from narratives.entities import compile_aliases
from narratives.focus import compile_focus_rules
from narratives.identity import Fingerprint, Identity
from ntrl.rules.loader import shipped_entries
from tests.conftest import ROOT

RULES = Path(ROOT / "narratives" / "rules")
ALIASES = compile_aliases(shipped_entries(RULES / "aliases.toml"))
FOCUS = compile_focus_rules(shipped_entries(RULES / "focus.toml"))
IDENTITY = Identity(ALIASES, FOCUS)


def a_print(nucleus: str, focus: str, actors: str = "", actions: str = "") -> Fingerprint:
    """A fingerprint; actors and actions divided by commas."""
    return Fingerprint(nucleus, focus, _parts(actors), _parts(actions))


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
