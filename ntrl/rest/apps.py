"""The rest app."""

from django.apps import AppConfig


class RestConfig(AppConfig):
    """What every endpoint stands on: keys, access, errors, limits, repeated requests."""

    name = "ntrl.rest"
    verbose_name = "REST API"
