#!/usr/bin/env python
"""Django's command-line entry point for NTRL."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from environs import EnvError


def main() -> None:
    """Run a management command; `python manage.py help` lists them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ntrl.settings")
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, EnvError) as error:
        sys.exit(f"The settings can't be used: {error}")
    except BrokenPipeError:
        # Whoever read our output (head, less) has left; let Python's own last flush go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
