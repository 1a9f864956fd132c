"""Topics of the hour: names and noun phrases that more headlines have than in the days before. Pure, deterministic.

Descriptive only: nothing is chosen, ordered or rated by it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

from ntrl.text import common_words
from ntrl.text.names import NameToken, Vocabulary, name_key, name_tokens, unknown_names

MAX_TOPICS = 20
MAX_WORDS = 3
# One story makes no topic. A single common word needs more, and days before to be compared with.
MIN_STORIES, MIN_STORIES_OF_WORD = 2, 3
# As many times the stories that the days before let expect make news.
MIN_LIFT = 2.0
# Of topics that share a word the weaker goes, when so much of its stories are the stronger one's.
SAME_STORIES = 0.5
# A headline beyond all measure is cut.
MAX_HEADLINE_CHARS = 300
_MIN_WORD_CHARS = 4
# Verbs and adverbs mostly, with which no phrase begins or ends.
_NOT_NOUNS = ("ed", "ing", "ly")
_OUTSIDE = common_words.OPENERS | common_words.NOT_NAMES
_WORD = re.compile(r"[\w.'’ʼ]+")

Term = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A term, and the number of stories whose headline has it; `sample_headline` is the first of them."""

    term: str
    label: str
    count: int
    sample_headline: str


@dataclass(slots=True)
class _Candidate:
    is_name: bool = False
    written: Counter[str] = field(default_factory=Counter)
    stories: dict[int, None] = field(default_factory=dict)
    before: int = 0

    @property
    def label(self) -> str:
        return min(self.written, key=lambda label: (-self.written[label], label))

    def score(self, share: float) -> float:
        """How far its stories are above what the days before let expect, in units of chance."""
        return (len(self.stories) - self.before * share) / sqrt(self.before * share + 1)


def trending(headlines: Sequence[str], before: Sequence[str]) -> list[Topic]:
    """Find the topics of some hours, the strongest first.

    Args:
        headlines: one a story, those first that should be samples.
        before: one a story of the days before.
    """
    found = _candidates(headlines)
    _count(found, headlines, lambda candidate, story: candidate.stories.setdefault(story))
    found = {term: each for term, each in found.items() if len(each.stories) >= MIN_STORIES}
    _count(found, before, _add_before)
    share = len(headlines) / len(before) if before else 0.0
    can_compare = len(before) >= len(headlines)
    news = {term: each for term, each in found.items() if _is_news(term, each, share, can_compare)}
    ordered = sorted(news, key=lambda term: (-news[term].score(share), -len(news[term].stories), -len(term), term))
    return [_topic(news[term], headlines) for term in _unlike(ordered, news)]


def _is_news(term: Term, candidate: _Candidate, share: float, can_compare: bool) -> bool:
    if len(term) == 1 and not candidate.is_name and not (can_compare and len(candidate.stories) >= MIN_STORIES_OF_WORD):
        return False
    return len(candidate.stories) >= MIN_LIFT * candidate.before * share


def _unlike(ordered: Iterable[Term], found: Mapping[Term, _Candidate]) -> list[Term]:
    """Leave out what says again what a stronger topic says."""
    kept: list[Term] = []
    for term in ordered:
        stories = found[term].stories.keys()
        least = SAME_STORIES * len(stories)
        if not any(set(term) & set(other) and len(stories & found[other].stories.keys()) >= least for other in kept):
            kept.append(term)
        if len(kept) == MAX_TOPICS:
            break
    return kept


def _topic(candidate: _Candidate, headlines: Sequence[str]) -> Topic:
    label = candidate.label
    return Topic(label.casefold(), label, len(candidate.stories), headlines[min(candidate.stories)])


def _candidates(headlines: Sequence[str]) -> dict[Term, _Candidate]:
    """Every name and phrase of the headlines."""
    read = [name_tokens(headline[:MAX_HEADLINE_CHARS]) for headline in headlines]
    smalls = frozenset(token.key for tokens in read for token in tokens if not token.has_capital)
    known = Vocabulary(frozenset(), smalls, frozenset())
    found: dict[Term, _Candidate] = {}
    for headline, tokens in zip(headlines, read, strict=True):
        names = {token.start for token in unknown_names(tokens, known)}
        for phrase in _phrases(headline, tokens, names):
            candidate = found.setdefault(tuple(_singular(token.key) for token in phrase), _Candidate())
            candidate.written[" ".join(headline[phrase[0].start : phrase[-1].end].split())] += 1
            candidate.is_name |= all(token.start in names for token in phrase)
    return found


def _phrases(headline: str, tokens: Sequence[NameToken], names: set[int]) -> Iterator[Sequence[NameToken]]:
    """Yield the runs of up to three words side by side that may be a name or a noun phrase."""
    for first in range(len(tokens)):
        for last in range(first, min(first + MAX_WORDS, len(tokens))):
            if last > first and headline[tokens[last - 1].end : tokens[last].start] not in {" ", "-", "‐", "‑"}:
                break
            phrase = tokens[first : last + 1]
            if any(token.key in _OUTSIDE for token in phrase):
                break
            if _may_be_noun(phrase[0], names) and _may_be_noun(phrase[-1], names):
                yield phrase


def _may_be_noun(token: NameToken, names: set[int]) -> bool:
    if token.start in names:
        return len(token.key) > 1
    return len(token.key) >= _MIN_WORD_CHARS and not token.key.endswith(_NOT_NOUNS)


def _count(
    found: Mapping[Term, _Candidate], headlines: Iterable[str], add: Callable[[_Candidate, int], object]
) -> None:
    """Count each term once for each headline that has it."""
    for story, headline in enumerate(headlines):
        words = [_singular(name_key(word)) for word in _words(headline)]
        runs = {
            tuple(words[first:end])
            for first in range(len(words))
            for end in range(first + 1, min(first + MAX_WORDS, len(words)) + 1)
        }
        for term in runs & found.keys():
            add(found[term], story)


def _words(headline: str) -> list[str]:
    return _WORD.findall(headline[:MAX_HEADLINE_CHARS].replace("_", " "))


def _add_before(candidate: _Candidate, _story: int) -> None:
    candidate.before += 1


def _singular(key: str) -> str:
    """So that "rate" and "rates" are one term."""
    return key.removesuffix("s") if len(key) > _MIN_WORD_CHARS and not key.endswith(("ss", "us", "is")) else key
