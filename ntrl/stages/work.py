"""An item in hand: claimed, waiting for a worker, being computed, or about to be saved."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from ntrl.stages.ledger import Account
from ntrl.stages.models import Claim
from ntrl.stages.stage import Item


@dataclass(slots=True)
class Work(Generic[Item]):
    """An item, its claim, and what its computing needs.

    Attributes:
        begun: when a worker began it, in monotonic seconds; set by the worker.
        account: what its calls to models are paid from.
    """

    item: Item
    key: str
    input_hash: str
    claim: Claim
    taken_at: datetime
    begun: float | None = None
    account: Account | None = None
