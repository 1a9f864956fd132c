"""How much of what a text is about a sentence says: weights of its words."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from neutralization.compose import vocabulary as v
from neutralization.compose.passages import Passage

_WORD = re.compile(r"\w+(?:[’'-]\w+)*")
# So many of the heaviest words are what a text is about.
_TOPIC_WORDS = 8


@dataclass(frozen=True, slots=True)
class Salience:
    """Weights of a text's words, by their folded form; `total` is the weight of its heaviest ones."""

    weights: Mapping[str, float]
    total: float

    def of(self, text: str) -> float:
        """How much of the text's topic `text` covers: about 0 to 1, more when it says more."""
        return sum(self.weights.get(word, 0.0) for word in content(text)) / self.total


def content(text: str) -> set[str]:
    """The words that carry meaning, folded so that a plural or a possessive is its noun."""
    return {_fold(word) for word in _WORD.findall(text) if _carries_meaning(word)}


def _carries_meaning(word: str) -> bool:
    low = word.lower().replace("’", "'")
    return low not in v.STOPWORDS and (len(low) > 2 or low.isdecimal())


def _fold(word: str) -> str:
    low = word.lower().replace("’", "'").removesuffix("'s")
    return low[:-1] if len(low) > 4 and low.endswith("s") and not low.endswith("ss") else low


def salience(found: Sequence[Passage]) -> Salience:
    """Weigh words by the number of sentences that hold them; the first sentences count more."""
    counts: Counter[str] = Counter()
    for place, passage in enumerate(found):
        share = 2.0 if place < 3 else 1.0
        for word in content(passage.text):
            counts[word] += share  # type: ignore[assignment]
    weights = {word: log2(1 + count) for word, count in counts.items()}
    return Salience(weights, _heaviest(weights.values()))


def _heaviest(weights: Iterable[float]) -> float:
    return sum(sorted(weights, reverse=True)[:_TOPIC_WORDS]) or 1.0
