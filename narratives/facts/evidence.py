"""Whether the words that a fact rests on stand in a message. Pure."""

from collections.abc import Sequence

from narratives.facts.messages import Message

# Fewer letters and digits stand in nearly any text, and prove nothing.
FEWEST_SIGNS = 4
# Who speaks for a machine says nothing about the user.
BOT_ROLES = frozenset({"assistant", "bot", "system"})
_PLAIN = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " "})


def stands_in(evidence: str, content: str) -> bool:
    """Whether a text says these very words, whatever its line breaks and the shape of its quotation marks."""
    wanted = _plain(evidence)
    return sum(map(str.isalnum, wanted)) >= FEWEST_SIGNS and wanted in _plain(content)


def message_of(evidence: str, messages: Sequence[Message]) -> Message | None:
    """The last message of a person, or of the news, that says these words."""
    spoken = (message for message in reversed(messages) if message.role.casefold() not in BOT_ROLES)
    return next((message for message in spoken if stands_in(evidence, message.content)), None)


def _plain(text: str) -> str:
    return " ".join(text.translate(_PLAIN).split())
