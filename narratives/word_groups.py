"""The words of foci in groups, so that an index holds every pair that can be one story, and hardly another. Pure.

Two foci of `own` and `known` words are strongly alike (Jaccard 0.6) when they share `shared_words(own, known)` or more.
So whoever stores a focus of `known` words under all groups of so many, for each `own` that there can be, is found by
whoever asks for the groups of the same size of its own: one look at an index, however many foci share one word.
"""

from collections.abc import Collection, Iterable
from functools import lru_cache
from itertools import combinations

from narratives.fingerprints import FOCUS_MAX_WORDS
from narratives.fingerprints import MOST_FOLDED_WORDS as MOST_WORDS
from narratives.focus import STRONG, fold_words, words_of_name
from narratives.identity import Fingerprint, Identity

# As many characters as the index has; groups that are cut alike are compared as all that is found.
MAX_CHARS = 200
# Changes with what is stored, so that the entries of all narratives are made anew.
FORM = "groups of words 1"


@lru_cache(maxsize=256)
def shared_words(own: int, known: int) -> int:
    """How many words two foci of so many words must share at least to be strongly alike; 0 when they can't be."""
    for shared in range(1, min(own, known) + 1):
        if shared / (own + known - shared) >= STRONG:
            return shared
    return 0


def variants(fingerprint: Fingerprint, identity: Identity) -> set[frozenset[str]]:
    """The sets of words that a focus may come to beside another fingerprint that can tell the same story.

    Whom both name is left out of both foci. The nucleus is among those always: it is the other's nucleus or actor.
    """
    aliases, words = identity.aliases, set(fold_words(fingerprint.narrative_focus))
    nucleus = aliases.key(fingerprint.nucleus_entity)
    actors = sorted(aliases.keys(fingerprint.top_actors) - {nucleus})
    told = [key for key in actors if any(words.issuperset(words_of_name(name)) for name in aliases.names(key))]
    found = set()
    for number in range(len(told) + 1):
        for left_out in combinations(told, number):
            names = {name for key in (nucleus, *left_out) for name in aliases.names(key)}
            found.add(identity.focus.tokens(fingerprint.narrative_focus, without=names))
    return found - {frozenset()}


def stored(focus: frozenset[str]) -> set[str]:
    """The groups that a focus is found by, all its words together among them."""
    known = len(focus)
    groups = {whole(focus)}
    if known <= MOST_WORDS:
        sizes = {shared_words(own, known) for own in range(1, MOST_WORDS + 1)} - {0}
        groups |= {_group(known, words) for size in sizes for words in combinations(sorted(focus), size)}
    return groups


def asked(focus: frozenset[str]) -> set[str]:
    """The groups by which the foci are found that are strongly like this one."""
    own = len(focus)
    groups = {whole(focus)}
    if own <= MOST_WORDS:
        sizes = {known: shared_words(own, known) for known in range(1, MOST_WORDS + 1)}
        groups |= {
            _group(known, words) for known, size in sizes.items() if size for words in combinations(sorted(focus), size)
        }
    return groups


def told_by(words: Collection[str]) -> set[str]:
    """The groups by which the foci are found that a text of these words may tell; a few words, or there are many."""
    groups = set()
    for known in range(1, FOCUS_MAX_WORDS + 1):
        least = min(shared for own in range(1, MOST_WORDS + 1) if (shared := shared_words(own, known)))
        groups |= {_group(known, each) for each in combinations(sorted(words), least)}
    return groups


def whole(focus: Iterable[str]) -> str:
    """The group of all words of a focus: equal foci have it in common."""
    words = sorted(focus)
    return _group(len(words), words)


def _group(known: int, words: Iterable[str]) -> str:
    # No single word of a focus has a space in it.
    return f"{known} {' '.join(words)}"[:MAX_CHARS]
