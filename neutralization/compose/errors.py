"""The one error of composing."""


class ComposeError(Exception):
    """A text from which an output can't be made; the message is the reason, for an editor to read."""
