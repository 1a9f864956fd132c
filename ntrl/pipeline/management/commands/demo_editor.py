"""`manage.py demo_editor`: somebody to sign in as, for the demo only."""

from typing import Any

from django.core.management.base import CommandError

from ntrl.pipeline import demo
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus


class Command(NtrlCommand):
    """Make the demo's editor."""

    help = "Make the demo's editor, or give it a new password, and print how to sign in. Refused on a real database."

    needs_migrated_database = False

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Make it and print it."""
        try:
            demo.enter_demo()
            editor = demo.make_demo_editor()
        except demo.DemoRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.print_json({"username": editor.username, "password": editor.password})
        self.say(f"Sign in to /admin/ as {editor.username} with the password {editor.password}")
        return RunStatus.COMPLETED
