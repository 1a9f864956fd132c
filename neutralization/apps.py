"""The neutralization app."""

from django.apps import AppConfig


class NeutralizationConfig(AppConfig):
    """Stage 3: neutral texts."""

    name = "neutralization"
