"""The rules of identity as they are now: what ships, merged with editors' rows and aliases."""

import hashlib
from dataclasses import dataclass

from narratives import word_groups
from narratives.entities import add_alias, compile_aliases, fold_name, resolved
from narratives.focus import compile_focus_rules
from narratives.identity import Identity
from narratives.models import EntityAlias
from ntrl.rules.loader import RuleFileError, load_rules


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """The comparison, and one hash of all that it depends on; `focus_hash` leaves the aliases out."""

    identity: Identity
    hash: str
    focus_hash: str


def load_identity() -> IdentityRules:
    """Read the rules; three queries.

    Raises:
        RuleFileError: a shipped file or an editor's row can't be used.
    """
    focus, shipped = load_rules("focus"), load_rules("aliases")
    rows = list(EntityAlias.objects.order_by("key").values_list("key", "entity", "is_enabled"))
    entity_of = dict(compile_aliases(shipped.entries).entity_of)
    for key, entity, is_enabled in rows:
        entity_of.pop(key, None)
        if is_enabled and fold_name(entity):
            try:
                add_alias(entity_of, key, entity)
            except ValueError as problem:
                raise RuleFileError(f"the entity alias {problem}") from problem
    identity = Identity(resolved(entity_of), compile_focus_rules(focus.entries))
    parts = [
        word_groups.FORM,
        focus.hash,
        shipped.hash,
        *(f"{key}={entity}={is_enabled}" for key, entity, is_enabled in rows),
    ]
    return IdentityRules(identity, hashlib.sha256("|".join(parts).encode()).hexdigest(), focus.hash)
