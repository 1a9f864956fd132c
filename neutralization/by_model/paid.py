"""Replies that were paid for. One that its story had no use for, since another call failed, is not paid for again."""

import hashlib
from dataclasses import dataclass, field

from ntrl.llm.types import Operation, Prompt


@dataclass(frozen=True, slots=True)
class PaidReply:
    """A usable reply, under the key of its call."""

    key: str
    text: str = field(repr=False)
    model: str


def call_key(operation: Operation, prompt: Prompt, identity: str) -> str:
    """Hash what a reply depends on: the words sent, and who was asked."""
    return hashlib.sha256("\0".join((operation, prompt.system, prompt.user, identity)).encode()).hexdigest()
