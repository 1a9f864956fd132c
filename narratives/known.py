"""Which narratives a model is shown, so that it words a story as it was worded before. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A publisher's title and the beginning of its description: whom an article is about stands there.
READ_CHARS = 600
# A name has at most so many words: "Organization of the Petroleum Exporting Countries" has six.
NAME_WORDS = 6
_WORD = re.compile(r"\w[\w'’.&-]*")


@dataclass(frozen=True, slots=True)
class Known:
    """A narrative as a model is shown it."""

    nucleus: str
    focus: str


def possible_names(text: str) -> Iterator[str]:
    """Yield every run of words that begins and ends with a capital or a figure: each name is among them."""
    words = [match.group() for match in _WORD.finditer(text[:READ_CHARS])]
    for start, first in enumerate(words):
        if not _may_bound(first):
            continue
        for end in range(start + 1, min(start + NAME_WORDS, len(words)) + 1):
            if _may_bound(words[end - 1]):
                yield " ".join(words[start:end]).rstrip(".'’")


def _may_bound(word: str) -> bool:
    return word[0].isupper() or word[0].isdigit()
