"""What can go wrong with a store of messages or of facts, in words for people."""

from ntrl.stages.errors import RetryLater


class StoreError(RetryLater):
    """A store can't be used as it is now. `detail` holds no word of an address's credentials."""

    def __init__(self, detail: str) -> None:
        super().__init__("store", detail)


class UnknownBot(StoreError):
    """A store has nothing under a bot's name."""
