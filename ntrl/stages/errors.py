"""How a stage says that an item can't be done: try again later, or not as it is. Anything else is a bug."""

from datetime import datetime


class ItemError(Exception):
    """An item was not done.

    Attributes:
        reason: a short code that can be counted ("http_404").
        detail: one readable sentence for editors and logs.
        is_unanswered: whether it was a provider outside that gave nothing of use; its run is then partial.
    """

    is_unanswered = False

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class RetryLater(ItemError):
    """It may succeed later: network, 429, 5xx.

    Attributes:
        not_before: what the other side asked for, if it did.
        was_tried: False when the other side was not even asked, or would have failed any item; then it costs none of
            the item's attempts.
    """

    def __init__(
        self, reason: str, detail: str = "", *, not_before: datetime | None = None, was_tried: bool = True
    ) -> None:
        super().__init__(reason, detail)
        self.not_before = not_before
        self.was_tried = was_tried


class Quarantined(ItemError):
    """It cannot succeed as it is: kept with its reason until its input, the rules or an editor change something."""
