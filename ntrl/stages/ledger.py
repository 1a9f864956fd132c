"""Who pays for what a stage's items use: the seam between the runner and whatever costs money.

A process that is killed must not have spent what no row tells: before an item is handed to a worker, the main thread
commits a reservation; what its calls cost comes back through a queue and is committed as it comes.
"""

from concurrent.futures import Future
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Protocol
from uuid import UUID


class OutOfMoney(Exception):
    """There is no money for an item, or for the rest of it. It goes back as it was, and its stage stops.

    Attributes:
        may_come_back: other processes have set it aside and may not need it: who has not begun waits for them.
    """

    def __init__(self, reason: str, *, may_come_back: bool = False) -> None:
        super().__init__(reason)
        self.may_come_back = may_come_back


class Account(Protocol):
    """The money of one item."""

    def charging(self) -> AbstractContextManager[None]:
        """Entered by the worker: what is bought inside is paid from this account."""
        ...


class Ledger(Protocol):
    """Keeps the accounts of one run. Only the main thread calls it."""

    def open(self, *, stage: str, item_key: str, story_id: UUID | None, worst_case_usd: Decimal) -> Account:
        """Commit a reservation. Raises OutOfMoney when it does not fit what may be spent."""
        ...

    def close(self, account: Account) -> None:
        """Give back what is left of a reservation. The worker has ended, or never begun."""
        ...

    def news(self) -> Future[None]:
        """A future that is done as soon as a worker has sent something."""
        ...

    def write(self) -> None:
        """Commit what workers have sent."""
        ...
