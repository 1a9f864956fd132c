"""Who acts in a story: the proper names it repeats, places left out."""

import re
from collections import Counter

from classification.geography import PLACE_KINDS, Gazetteer
from classification.phrases import find, tokenize

MAX_ACTORS = 5
# No name is longer; a page's menu glued together may be.
ACTOR_MAX_CHARS = 80

# Two to four capitalized words in a row; the look-behind keeps the search linear on text without spaces.
_NAME = re.compile(r"(?<![\w’'-])[A-Z][\w’'-]*+(?: [A-Z][\w’'-]*+){1,3}")
# Words that are capitalized because they begin a sentence.
_OPENERS = frozenset(
    {"a", "after", "an", "and", "as", "at", "before", "but", "by", "for", "from", "he", "her", "his", "if", "in", "it"}
    | {"its", "mr", "mrs", "ms", "no", "not", "now", "on", "one", "our", "she", "since", "so", "some", "that", "the"}
    | {"their", "these", "they", "this", "under", "we", "what", "when", "where", "while", "why", "with", "you"}
)


def actors_of(text: str, gazetteer: Gazetteer) -> tuple[str, ...]:
    """Return at most `MAX_ACTORS` names of two words or more, the most frequent first."""
    names = Counter(name for name in map(_without_opener, _NAME.findall(text)) if _is_name(name, gazetteer))
    return tuple(name for name, _ in names.most_common(MAX_ACTORS))


def _without_opener(name: str) -> str:
    first, _, rest = name.partition(" ")
    begins_anew = first.lower() in _OPENERS or first.endswith(("'s", "’s"))
    return (rest if begins_anew else name).removesuffix("'s").removesuffix("’s")


def _is_name(name: str, gazetteer: Gazetteer) -> bool:
    if " " not in name or len(name) > ACTOR_MAX_CHARS:
        return False
    tokens = tokenize(name)
    return not any(
        hit.end - hit.start == len(tokens) and gazetteer.places[hit.key].kind in PLACE_KINDS
        for hit in find(tokens, gazetteer.index)
    )
