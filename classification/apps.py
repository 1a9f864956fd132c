"""The classification app."""

from django.apps import AppConfig


class ClassificationConfig(AppConfig):
    """Stage 2: filing."""

    name = "classification"
