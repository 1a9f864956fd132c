"""The app of the language models' gateway."""

from django.apps import AppConfig


class LLMConfig(AppConfig):
    """Providers, chains, money, and a row per call."""

    name = "ntrl.llm"
    label = "llm"
    verbose_name = "language models"

    def ready(self) -> None:
        """Register the system checks."""
        from ntrl.llm import checks  # noqa: F401
