"""The stages app."""

from django.apps import AppConfig


class StagesConfig(AppConfig):
    """The runner's tables."""

    name = "ntrl.stages"
