"""The narratives app."""

from pathlib import Path

from django.apps import AppConfig

from narratives.entities import compile_aliases
from narratives.focus import compile_focus_rules
from ntrl.rules import registry


class NarrativesConfig(AppConfig):
    """Which stories run through the news."""

    name = "narratives"

    def ready(self) -> None:
        """Make the app's rule sets known."""
        rules = Path(__file__).parent / "rules"
        registry.register_rules("focus", rules / "focus.toml", compile_focus_rules)
        registry.register_rules("aliases", rules / "aliases.toml", compile_aliases)
