"""The classification app."""

from pathlib import Path

from django.apps import AppConfig

from classification.keywords import compile_gazetteer, compile_keywords
from ntrl.rules import registry


class ClassificationConfig(AppConfig):
    """Stage 2: filing."""

    name = "classification"

    def ready(self) -> None:
        """Make the app's rule sets known."""
        rules = Path(__file__).parent / "rules"
        registry.register_rules("keywords", rules / "keywords.toml", compile_keywords)
        registry.register_rules("gazetteer", rules / "gazetteer.toml", compile_gazetteer)
