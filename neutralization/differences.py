"""Every difference between a body and its neutral text, found by aligning the two word by word."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from ntrl.text.pairing import equal_pairs
from ntrl.text.tokens import Word, words

# One mark, or the blank lines between two paragraphs: a change is shown in the paragraph that it belongs to.
_BETWEEN_WORDS = re.compile(r"\n\s*\n|\S")
# How far a change is moved to find the same effect elsewhere, in code points times its length: a word by thousands, a
# sentence by hundreds, so that no text makes long work.
_MAX_MOVED = 20_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: `old` at `start` of the body is `new` at `full_start` of detail_full, places in code points.

    `spans` are the indexes of the accepted phrases that explain it; empty when none does.
    """

    start: int
    old: str
    full_start: int
    new: str
    spans: tuple[int, ...] = ()

    @property
    def end(self) -> int:
        """Where `old` ends in the body."""
        return self.start + len(self.old)

    @property
    def full_end(self) -> int:
        """Where `new` ends in detail_full."""
        return self.full_start + len(self.new)


def differences(body: str, detail_full: str) -> list[Difference]:
    """Return what differs between the words, marks and blank lines that both texts share; sorted and disjoint."""
    if body == detail_full:
        return []
    old, new = _tokens(body), _tokens(detail_full)
    pairs = equal_pairs([token.text for token in old], [token.text for token in new])
    kept = [(old[left], new[right]) for left, right in pairs]
    edges = Word(0, 0, ""), Word(len(body), len(body), ""), Word(len(detail_full), len(detail_full), "")
    found = []
    for (left, right), (next_left, next_right) in pairwise([(edges[0], edges[0]), *kept, edges[1:]]):
        gone, come = body[left.end : next_left.start], detail_full[right.end : next_right.start]
        if gone != come:
            found.append(trimmed(Difference(left.end, gone, right.end, come)))
    return found


def apply_changes(body: str, changes: Iterable[Difference]) -> str:
    """Return the text that the changes make of the body.

    Raises:
        ValueError: A change is out of order, or other words stand in its place.
    """
    pieces = []
    end = 0
    for change in changes:
        if change.start < end or not body.startswith(change.old, change.start):
            raise ValueError(f"the change at {change.start} is not one of this text")
        pieces += [body[end : change.start], change.new]
        end = change.end
    return "".join([*pieces, body[end:]])


def same_in_other_places(
    change: Difference, body: str, detail_full: str, room: tuple[int, int]
) -> Iterator[Difference]:
    """Yield the changes of the very same effect: of "very very bad" either "very" can be the one that went.

    Args:
        change: A difference between the two texts; only a mere removal or insertion has its like.
        body: The one text.
        detail_full: The other.
        room: How many code points before and after the change are the same in both texts.
    """
    if change.old and change.new:
        return
    text, start, end = (
        (body, change.start, change.end) if change.old else (detail_full, change.full_start, change.full_end)
    )
    for direction, steps in zip((-1, 1), room, strict=True):
        for distance in range(1, min(steps, _MAX_MOVED // (end - start)) + 1):
            by = direction * distance
            # The one letter that the range leaves behind must be that which it takes in at its other end.
            left, right = (start + by, end + by) if by < 0 else (start + by - 1, end + by - 1)
            if text[left] != text[right]:
                break
            if not _cuts_a_word(text, start + by) and not _cuts_a_word(text, end + by):
                yield _moved(change, by, text[start + by : end + by])


def _moved(change: Difference, by: int, words_there: str) -> Difference:
    return replace(
        change,
        start=change.start + by,
        full_start=change.full_start + by,
        old=words_there if change.old else "",
        new=words_there if change.new else "",
    )


def _tokens(text: str) -> list[Word]:
    """Words, each mark by itself, and what parts paragraphs: between them is white space alone."""
    tokens: list[Word] = []
    end = 0
    for word in [*words(text), Word(len(text), len(text), "")]:
        tokens += (Word(m.start(), m.end(), m.group()) for m in _BETWEEN_WORDS.finditer(text, end, word.start))
        tokens.append(word)
        end = word.end
    return tokens[:-1]


def trimmed(change: Difference) -> Difference:
    """Leave out the white space that both sides begin or end with."""
    old, new = change.old, change.new
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head] and old[head].isspace():
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail] and old[-1 - tail].isspace():
        tail += 1
    return Difference(
        change.start + head, old[head : len(old) - tail], change.full_start + head, new[head : len(new) - tail]
    )


def _cuts_a_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()
