"""The briefs app."""

from django.apps import AppConfig


class BriefsConfig(AppConfig):
    """Stage 4: the daily brief, and the readers' pages."""

    name = "briefs"
