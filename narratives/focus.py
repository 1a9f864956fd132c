"""What is happening: focus phrases folded to sets of words, so that "price rally" and "surge in prices" are one."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from narratives.entities import fold_name
from narratives.stems import stem

# At or above this two foci of one nucleus are one story (design).
STRONG = 0.6
EQUAL = 1.0
# A focus is a phrase; what is longer was never one, and is cut before any work.
MAX_FOCUS_CHARS = 300
NEGATION = "not"
_WORD = re.compile(r"[^\W_]+")
_KINDS = ("stop", "negation", "contrary", "synonym", "antonym")


@dataclass(frozen=True, slots=True)
class FocusRules:
    """The tables of words, by stem.

    Attributes:
        stop: stems that say nothing of an event.
        negation: stems that turn an event into its contrary.
        classes: the stems of a word or phrase to the name of its synonyms.
        contraries: the name of an event to the name of what it means when it is negated.
        antonyms: pairs of names that stand against each other, both ways round.
        longest_phrase: words of the longest phrase in `classes`.
    """

    stop: frozenset[str]
    negation: frozenset[str]
    classes: Mapping[tuple[str, ...], str]
    contraries: Mapping[str, str]
    antonyms: frozenset[tuple[str, str]]
    longest_phrase: int

    def tokens(self, focus: str, *, without: Iterable[str] = ()) -> frozenset[str]:
        """Fold a focus to its set of words.

        Args:
            focus: any phrase.
            without: folded names to leave out: the entity is not part of what happens to it. When nothing else would
                be left, they stay.
        """
        words = fold_words(focus)
        rest = _leave_out(words, without)
        return self._tokens(rest) or self._tokens(words)

    def _tokens(self, words: list[str]) -> frozenset[str]:
        stems = [stem(word) for word in words]
        found, index = set(), 0
        while index < len(stems):
            length, name = self._class_at(stems, index)
            index += length
            if name:
                found.add(name)
        return self._told_plainly(found)

    def _told_plainly(self, found: set[str]) -> frozenset[str]:
        denied = found & self.contraries.keys() if NEGATION in found else set()
        if not denied:
            return frozenset(found)
        return frozenset(found - denied - {NEGATION} | {self.contraries[name] for name in denied})

    def _class_at(self, stems: list[str], index: int) -> tuple[int, str]:
        for length in range(min(self.longest_phrase, len(stems) - index), 0, -1):
            name = self.classes.get(tuple(stems[index : index + length]))
            if name:
                return length, name
        one = stems[index]
        if one in self.negation:
            return 1, NEGATION
        return 1, "" if one in self.stop else one

    def similarity(self, one: Collection[str], other: Collection[str]) -> float:
        """Jaccard of two sets of words: 1.0 when equal, 0 when either is empty or they say the contrary."""
        if not one or not other or self.are_opposed(one, other):
            return 0.0
        return len(set(one) & set(other)) / len(set(one) | set(other))

    def are_opposed(self, one: Collection[str], other: Collection[str]) -> bool:
        """Whether an antonym pair stands against each other, or just one side is negated."""
        if (NEGATION in one) != (NEGATION in other):
            return True
        only_one, only_other = set(one) - set(other), set(other) - set(one)
        return any(pair in self.antonyms for pair in product(only_one, only_other))


def compile_focus_rules(entries: Mapping[str, Mapping[str, Any]]) -> FocusRules:
    """Read the entries `stop/…`, `negation/…`, `synonym/…` (each `words`), `contrary/…` and `antonym/…`.

    Raises:
        ValueError: names the entry and what is wrong with it.
    """
    kinds: dict[str, dict[str, Mapping[str, Any]]] = {kind: {} for kind in _KINDS}
    for key, payload in entries.items():
        kind, _, name = key.partition("/")
        if kind not in kinds or not name:
            raise ValueError(f"{key!r}: its name must begin with one of {', '.join(_KINDS)} and a slash")
        kinds[kind][key] = payload
    classes = _classes(kinds["synonym"])
    return FocusRules(
        stop=_stems_of(kinds["stop"]),
        negation=_stems_of(kinds["negation"]),
        classes=classes,
        contraries=dict(_contraries(kinds["contrary"], classes)),
        antonyms=frozenset(_antonyms(kinds["antonym"], classes)),
        longest_phrase=max(map(len, classes), default=1),
    )


def fold_words(text: str) -> list[str]:
    """The words of a phrase, in small letters and without accents, a possessive ending apart."""
    plain = unicodedata.normalize("NFKD", text[:MAX_FOCUS_CHARS].replace("’", "'").replace("'s", ""))
    folded = "".join(char for char in plain if not unicodedata.combining(char)).casefold()
    return _WORD.findall(folded)


def words_of_name(name: str) -> list[str]:
    """The words by which a folded name is found among those of a focus."""
    return _WORD.findall(name)


def _leave_out(words: list[str], names: Iterable[str]) -> list[str]:
    """Take names out of a phrase, longer ones first, where they stand as whole words."""
    text = f" {' '.join(words)} "
    for name in sorted(names, key=len, reverse=True):
        phrase = " ".join(words_of_name(name))
        while phrase and f" {phrase} " in text:
            text = text.replace(f" {phrase} ", " ")
    return text.split()


def _listed(key: str, payload: Mapping[str, Any], field: str) -> list[str]:
    words = payload.get(field)
    if not isinstance(words, list) or not words or not all(isinstance(w, str) and fold_name(w) for w in words):
        raise ValueError(f"{key!r}: {field} must be a list of words")
    return words


def _stems(phrase: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in fold_words(phrase))


def _stems_of(entries: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(stem(word) for key, payload in entries.items() for word in _listed(key, payload, "words"))


def _classes(entries: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, ...], str]:
    classes: dict[tuple[str, ...], str] = {}
    for key, payload in entries.items():
        words = _listed(key, payload, "words")
        name = "_".join(_stems(words[0]))
        for word in words:
            stems = _stems(word)
            if classes.get(stems, name) != name:
                raise ValueError(f"{key!r}: {word!r} is a synonym of {classes[stems]!r} already")
            classes[stems] = name
    return classes


def _contraries(
    entries: Mapping[str, Mapping[str, Any]], classes: Mapping[tuple[str, ...], str]
) -> Iterator[tuple[str, str]]:
    for key, payload in entries.items():
        means = payload.get("means")
        if not isinstance(means, str) or not _stems(means):
            raise ValueError(f"{key!r}: means must be a word")
        for word in _listed(key, payload, "of"):
            yield _name(classes, word), _name(classes, means)


def _antonyms(
    entries: Mapping[str, Mapping[str, Any]], classes: Mapping[tuple[str, ...], str]
) -> Iterator[tuple[str, str]]:
    for key, payload in entries.items():
        for one, other in product(_listed(key, payload, "one"), _listed(key, payload, "other")):
            names = _name(classes, one), _name(classes, other)
            yield from (names, names[::-1])


def _name(classes: Mapping[tuple[str, ...], str], word: str) -> str:
    stems = _stems(word)
    return classes.get(stems, "_".join(stems))
