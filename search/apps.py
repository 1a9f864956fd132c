"""The search app."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class SearchConfig(AppConfig):
    """Finding shown stories by their words, and the topics of the hour."""

    name = "search"

    def ready(self) -> None:
        """Take the triggers away before migrations, and make them again, and what they missed, after them."""
        pre_migrate.connect(_before_migrations, sender=self, dispatch_uid="search.before_migrations")
        post_migrate.connect(_after_migrations, sender=self, dispatch_uid="search.after_migrations")


def _before_migrations(using: str, plan: list[Any], **kwargs: Any) -> None:
    from search.triggers import remove

    if plan:
        remove(connections[using])


def _after_migrations(using: str, **kwargs: Any) -> None:
    from search.index import bring_up_to_date
    from search.models import Document
    from search.triggers import are_installed

    connection = connections[using]
    if are_installed(connection):
        return
    if Document._meta.db_table in connection.introspection.table_names():
        bring_up_to_date(using)
