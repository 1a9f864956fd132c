"""The facts app: its tables may be somebody else's, on the database alias `facts`."""

from typing import Any

from django.apps import AppConfig
from django.core.management.base import CommandError
from django.db.models.signals import pre_migrate


class FactsConfig(AppConfig):
    """What is established, and how far each stream of messages has been read."""

    name = "narratives.facts"
    label = "facts"

    def ready(self) -> None:
        """Keep migrations away from a database that has its tables from elsewhere."""
        pre_migrate.connect(refuse_foreign, sender=self)


def refuse_foreign(*, using: str, **kwargs: Any) -> None:
    """Stop `migrate --database facts` before it writes anything to a database that is not ours.

    Raises:
        CommandError: the database has the facts' tables, and none of our migrations made them.
    """
    from narratives.facts.tables import is_foreign

    if is_foreign(using):
        raise CommandError(
            "FACTS_DATABASE_URL names a database that has its own tables already: nothing is migrated there."
        )
