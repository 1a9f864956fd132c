"""Where facts stand, and whose tables these are."""

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.recorder import MigrationRecorder

FACTS_ALIAS = "facts"
APP = "facts"
TABLES = frozenset({"universal_users", "fact_entities", "user_fact_relationships"})
# The models of those tables, as routers name them; the others of this app stand in the default database.
MODELS = frozenset({"universaluser", "factentity", "userfactrelationship"})


def facts_alias() -> str:
    """The database of facts: that of FACTS_DATABASE_URL, else the default one."""
    return FACTS_ALIAS if FACTS_ALIAS in settings.DATABASES else DEFAULT_DB_ALIAS


def is_foreign(alias: str) -> bool:
    """Whether the alias `facts` leads to tables that no migration of ours has made."""
    if alias != FACTS_ALIAS:
        return False
    connection = connections[alias]
    if not TABLES & set(connection.introspection.table_names()):
        return False
    return not any(app == APP for app, _ in MigrationRecorder(connection).applied_migrations())
