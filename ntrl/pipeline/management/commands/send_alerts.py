"""`manage.py send_alerts`: tell people now."""

from typing import Any
from uuid import uuid4

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from ntrl.pipeline.alerting import channels
from ntrl.pipeline.outbox import NotSent, send_now
from ntrl.pipeline.watching import watch
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus


class Command(NtrlCommand):
    """Send alerts."""

    help = (
        "Close runs that have died, and send the messages on alerts that wait, by mail and webhook, as the watch does "
        "every 5 minutes. For machines without qcluster, and with --test to see whether messages arrive."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the trial."""
        super().add_arguments(parser)
        parser.add_argument("--test", action="store_true", help="send one message of trial by each channel instead")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Send."""
        if options["test"]:
            return self._try_channels()
        counts = watch(timezone.now())
        self.print_json(counts)
        self.say(", ".join(f"{name.replace('_', ' ')} {number}" for name, number in counts.items()))
        return RunStatus.PARTIAL if counts["failed"] or counts["given_up"] else RunStatus.COMPLETED

    def _try_channels(self) -> RunStatus:
        if not channels():
            raise CommandError("No channel is set up: set NTRL_ALERT_EMAILS or NTRL_ALERT_WEBHOOK_URL.")
        results = {}
        for channel in channels():
            document = {"id": str(uuid4()), "event": "test", "code": "test", "meaning": "this is a trial"}
            try:
                send_now(channel, document)
                results[str(channel)] = "sent"
            except NotSent as problem:
                results[str(channel)] = str(problem)
        self.print_json(results)
        for name, result in results.items():
            self.say(f"{name}: {result}")
        return RunStatus.COMPLETED if set(results.values()) == {"sent"} else RunStatus.FAILED
