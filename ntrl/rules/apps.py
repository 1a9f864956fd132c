"""The rules app."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    """Rules as data."""

    name = "ntrl.rules"
