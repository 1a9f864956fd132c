"""`manage.py create_api_key`: a key for the REST API."""

from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import CommandParser

from ntrl.rest.access import Scope
from ntrl.rest.keys import HEADER, create_key
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus

MAX_NAME_CHARS = 50  # the column's


def key_name(text: str) -> str:
    """Read a key's name from the command line."""
    if not 0 < len(text.strip()) <= MAX_NAME_CHARS or not text.isprintable():
        raise ArgumentTypeError(f"a name has 1 to {MAX_NAME_CHARS} characters")
    return text.strip()


class Command(NtrlCommand):
    """Make a key."""

    help = (
        "Make a key for the REST API and print it, once: only its hash is kept. Keys are listed and revoked in the "
        "admin, under API keys."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add name and scopes."""
        super().add_arguments(parser)
        parser.add_argument("name", type=key_name, help="who or what will use it, for the list of keys")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            choices=list(Scope),
            help="what it allows: read what is not public, run stages, edit sources; repeatable",
        )

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Make it."""
        row, key = create_key(name=options["name"], scopes=map(Scope, options["scope"]))
        self.print_json({"name": row.name, "prefix": row.prefix, "scopes": row.scopes, "key": key})
        self.say(f"{HEADER}: {key}")
        self.say("Keep it: it can't be shown again.")
        return RunStatus.COMPLETED
