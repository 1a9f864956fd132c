"""A process that asks the models of a loopback server until it is killed; for tests of what then stands in the rows.

Usage: python -m tests.support.llm_child [COMMAND [ARG ...]] (addresses and keys of the providers from the environment)
With a command it is that command. Else it says first what stands in the rows already, spent and set aside; at last how
its run ended.
"""

import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.support.llm_settings")
django.setup()

from django.core.management import call_command  # noqa: E402

from ntrl.llm.gateway import Gateway, open_gateway  # noqa: E402
from ntrl.llm.prices import NOTHING  # noqa: E402
from ntrl.llm.spending import cost_table, set_aside  # noqa: E402
from ntrl.llm.types import Operation, Prompt  # noqa: E402
from ntrl.stages.records import new_trace_id  # noqa: E402
from ntrl.stages.runner import RunOptions, run_stage  # noqa: E402
from tests.support.llm import PROMPT, Filed  # noqa: E402
from tests.support.stages import FakeStage  # noqa: E402


class Asking(FakeStage):
    """Two calls an item."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__([f"{os.getpid()} {number}" for number in range(5_000)])
        self.gateway = gateway

    def compute(self, item: str) -> Any:
        for number in range(2):
            prompt = Prompt("classify", "v1", PROMPT.system, f"{item} {number}")
            self.gateway.complete(operation=Operation.CLASSIFY, prompt=prompt, reply=Filed)
        return super().compute(item)


def work() -> None:
    """Ask, until the items or the money end."""
    spent = sum((row.cost_usd for row in cost_table()), NOTHING)
    sys.stdout.write(f"{spent} {set_aside()}\n")
    sys.stdout.flush()
    gateway = open_gateway(new_trace_id())
    report = run_stage(
        Asking(gateway), trace_id=gateway.ledger.trace_id, options=RunOptions(workers=5), ledger=gateway.ledger
    )
    sys.stdout.write(f"{report.status} {report.stopped}\n")


if __name__ == "__main__":
    call_command(*sys.argv[1:]) if sys.argv[1:] else work()
