"""Which database facts are read from, and which migrations may run there."""

from typing import Any

from django.db.models import Model

from narratives.facts.tables import APP, FACTS_ALIAS, MODELS, facts_alias, is_foreign


class FactsRouter:
    """Sends the facts' three tables to the alias `facts`, when there is one, and nothing else there."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """The facts' database for facts; a row that is at hand says where the rows beside it are."""
        concrete = model._meta.concrete_model or model
        if model._meta.app_label != APP or concrete._meta.model_name not in MODELS:
            return None
        instance = hints.get("instance")
        return facts_alias() if instance is None or instance._state.db is None else instance._state.db

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool | None:
        """On `facts` only the facts' tables, and none where they are somebody else's; elsewhere no opinion."""
        if db != FACTS_ALIAS:
            return None
        if app_label != APP or (model_name is not None and model_name not in MODELS):
            return False
        return model_name is None or not is_foreign(db)
