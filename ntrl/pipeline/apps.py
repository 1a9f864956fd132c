"""The pipeline app."""

from django.apps import AppConfig


class PipelineConfig(AppConfig):
    """The scheduled run and what joins the stages."""

    name = "ntrl.pipeline"

    def ready(self) -> None:
        """Register the system checks."""
        from ntrl import checks  # noqa: F401
