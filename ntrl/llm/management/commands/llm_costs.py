"""`manage.py llm_costs`: what language models have cost."""

from argparse import ArgumentTypeError
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from ntrl.llm.prices import NOTHING
from ntrl.llm.spending import CostRow, cost_table, set_aside
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus

_LINE = "{:<10}  {:<24}  {:<36}  {:>6}  {:>6}  {:>10}  {:>10}  {:>8}  {:>12}"


def day(text: str) -> date:
    """Read a day from the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day such as 2026-11-21") from None


class Command(NtrlCommand):
    """Show the costs."""

    help = (
        "Show what calls to language models have cost, by day (UTC), operation and model, at list prices, and what is "
        "set aside for calls under way or lost when a process died."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the choice of days."""
        super().add_arguments(parser)
        parser.add_argument("--since", type=day, metavar="DAY", help="from this day on, such as 2026-11-21")

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Print the table."""
        rows, reserved = cost_table(options["since"]), set_aside(options["since"])
        spent = sum((row.cost_usd for row in rows), NOTHING)
        self.print_json(
            {
                "rows": [{**asdict(row), "cost_usd": f"{row.cost_usd:f}"} for row in rows],
                "spent_usd": f"{spent:f}",
                "set_aside_usd": f"{reserved:f}",
                "total_usd": f"{spent + reserved:f}",
            }
        )
        if rows:
            heads = ("day", "operation", "model", "calls", "failed", "input", "cached", "output", "USD")
            self.say(self.style.MIGRATE_HEADING(_LINE.format(*heads)))
            for row in rows:
                self.say(_line(row))
        else:
            self.say("No calls to language models.")
        if rows or reserved:
            self.say(f"Total {spent:.6f} USD; set aside for calls under way or lost {reserved:.6f} USD.")
        return RunStatus.COMPLETED


def _line(row: CostRow) -> str:
    # A plus: some of the calls have no known price.
    cost = f"{row.cost_usd:.6f}{'+' if row.without_price else ''}"
    numbers = (row.calls, row.failed, row.tokens_input, row.tokens_cached, row.tokens_output, cost)
    return _LINE.format(str(row.day), row.operation, f"{row.provider} {row.model}", *numbers)
