"""Whether the words that a fact rests on stand in a message, and in which whole sentences. Pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from narratives.facts.messages import Message
from narratives.facts.replies import EVIDENCE_MAX_CHARS, one_line
from ntrl.text.sentences import sentences

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


def whole_sentences(evidence: str, content: str, about: str) -> str:
    """The sentences of a text that hold these words, whole, when they name what the fact is about; else nothing.

    A part of a sentence may leave out who says so, or that it is denied.

    Args:
        evidence: words of the text.
        content: the text.
        about: a name that must stand in the sentences, whatever its capitals.
    """
    found = (one_line(each) for each in _covering(_plain(evidence), content)) if stands_in(evidence, content) else ()
    named = re.compile(rf"(?<!\w){re.escape(_plain(about))}(?!\w)", re.IGNORECASE)
    return next((each for each in found if _is_told(each) and named.search(_plain(each))), "")


def _covering(wanted: str, content: str) -> Iterator[str]:
    """The sentences from the one in which the words begin to the one in which they end, wherever they stand."""
    ranges = sentences(content)
    texts = [_plain(content[start:end]) for start, end in ranges]
    ends = list(accumulate(len(text) + 1 for text in texts))
    joined = " ".join(texts)
    begin = joined.find(wanted)
    while begin >= 0:
        first = next(number for number, end in enumerate(ends) if begin < end)
        last = next(number for number, end in enumerate(ends) if begin + len(wanted) <= end)
        yield content[ranges[first][0] : ranges[last][1]]
        begin = joined.find(wanted, ends[last])


def _is_told(text: str) -> bool:
    """Whether it can stand alone on a page: short enough, and no question."""
    return len(text) <= EVIDENCE_MAX_CHARS and "?" not in text


def _plain(text: str) -> str:
    return " ".join(text.translate(_PLAIN).split())
