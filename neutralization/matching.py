"""Find many phrases in one text in a single pass: on word boundaries, in every case, over line breaks."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from ntrl.text.fold import fold
from ntrl.text.tokens import WORD_CHARS

T = TypeVar("T")

_TOKEN = re.compile(rf"[{WORD_CHARS}]+|[^{WORD_CHARS}\s]")
# Characters that no reader sees: soft hyphen, zero-width space and joiners.
_INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060))
_HYPHENS = frozenset("-‐‑")
# Marks that make one word, name or address of what stands on both sides.
_JOINS = frozenset("'./@&")
# Marks that make a tag or a name of the word after them.
_SIGILS = frozenset("@#$")
_PARAGRAPH_BREAK = "\n\n"


class Token(NamedTuple):
    """A word or a single punctuation mark; `text` is folded, `gap` is what kind of space stands before it."""

    start: int
    end: int
    text: str
    gap: str

    @property
    def is_word(self) -> bool:
        """Whether this is a word or a number."""
        return self.text[0].isalnum()


def tokenize(text: str) -> list[Token]:
    """Return the tokens of `text` in order, with ranges of `text` itself."""
    tokens = []
    end = 0
    for found in _TOKEN.finditer(fold(text)):
        key = found.group()
        visible = key if key.isascii() else key.translate(_INVISIBLE)
        if visible:
            tokens.append(Token(found.start(), found.end(), visible, _gap(text, end, found.start())))
            end = found.end()
    return tokens


def _gap(text: str, end: int, start: int) -> str:
    if end == start:
        return ""
    return _PARAGRAPH_BREAK if text.count("\n", end, start) > 1 else " "


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """An occurrence: tokens `first` to `last` inclusive, code points `start` to `end`, and the phrase's value."""

    first: int
    last: int
    start: int
    end: int
    value: T


@dataclass(slots=True)
class _Node(Generic[T]):
    children: dict[str, "_Node[T]"] = field(default_factory=dict)
    values: list[T] = field(default_factory=list)


class PhraseIndex(Generic[T]):
    """Phrases with a value each, as a tree over tokens: a search costs the text's length times the longest phrase."""

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        """Index `phrases`, pairs of (phrase, value). One phrase may have several values; a blank one is never found."""
        self._root: _Node[T] = _Node()
        for phrase, value in phrases:
            node = self._root
            for position, token in enumerate(tokenize(phrase)):
                node = node.children.setdefault(_edge(position, token), _Node())
            if node is not self._root:
                node.values.append(value)

    def find(self, text: str, tokens: list[Token]) -> Iterator[Match[T]]:
        """Yield every occurrence, also overlapping ones, in order of their first token.

        Args:
            text: The text searched.
            tokens: Its tokens.
        """
        for first, token in enumerate(tokens):
            if token.text not in self._root.children or _joined_before(text, tokens, first):
                continue
            for last, value in self._walk(tokens, first):
                if not _joined_after(text, tokens, last):
                    yield Match(first, last, token.start, tokens[last].end, value)

    def _walk(self, tokens: list[Token], first: int) -> Iterator[tuple[int, T]]:
        node = self._root
        for last in range(first, len(tokens)):
            following = node.children.get(_edge(last - first, tokens[last]))
            if following is None:
                return
            node = following
            for value in node.values:
                yield last, value


def _edge(position: int, token: Token) -> str:
    return token.gap + token.text if position else token.text


def _joined_before(text: str, tokens: list[Token], index: int) -> bool:
    """Tell whether the word is the later part of a compound, an address or a tag ("non-radical", "#radical")."""
    token = tokens[index]
    if not index or token.gap or not token.is_word:
        return False
    mark = tokens[index - 1]
    if mark.text in _SIGILS:
        return True
    return index > 1 and not mark.gap and tokens[index - 2].is_word and _joins(text, mark)


def _joined_after(text: str, tokens: list[Token], index: int) -> bool:
    """Tell whether the word goes on after a hyphen or apostrophe; a possessive 's is no part of it."""
    if index + 2 >= len(tokens) or not tokens[index].is_word:
        return False
    mark, word = tokens[index + 1], tokens[index + 2]
    if mark.gap or word.gap or not word.is_word or not _joins(text, mark):
        return False
    return not (mark.text == "'" and word.text == "s")


def _joins(text: str, mark: Token) -> bool:
    return text[mark.start] in _HYPHENS or mark.text in _JOINS
