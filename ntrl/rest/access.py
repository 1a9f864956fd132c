"""Who may do what: the scopes of keys, and the caller that a key stands for."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a key allows: to read what is not public, to start runs (which may cost money), to change sources."""

    READ = "read"
    RUN = "run"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sent a valid key. `ident` tells callers apart and holds nothing secret."""

    ident: str
    name: str
    scopes: frozenset[Scope]

    @property
    def is_authenticated(self) -> bool:
        """Always: a caller without a valid key is none."""
        return True
