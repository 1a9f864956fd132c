"""The project's settings with the apps alone that keep models' books: a process starts in a third of the time."""

from ntrl.settings import *  # noqa: F403

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "ntrl.accounts",
    "ntrl.stages",
    "ntrl.rules",
    "ntrl.llm",
]
