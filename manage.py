#!/usr/bin/env python
"""Django's command-line entry point for NTRL."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run a management command; `python manage.py help` lists them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ntrl.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
