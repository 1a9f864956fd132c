"""The neutralization app."""

from pathlib import Path

from django.apps import AppConfig

from neutralization.lexicon import compile_false_positives, compile_lexicon
from ntrl.rules import registry


class NeutralizationConfig(AppConfig):
    """Stage 3: neutral texts."""

    name = "neutralization"

    def ready(self) -> None:
        """Make the app's rule sets known."""
        rules = Path(__file__).parent / "rules"
        registry.register_rules("lexicon", rules / "lexicon.toml", compile_lexicon)
        registry.register_rules("false_positives", rules / "false_positives.toml", compile_false_positives)
