"""Without a model: whether an article goes on with a story, by the rare terms that it shares with it. Pure.

It stands in for a model that is shown the candidates and words one story alike; whether two fingerprints let an article
go on stays with `narratives.identity`.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from narratives.stems import stem
from ntrl.text import common_words

# News is told in its first paragraphs.
READ_CHARS = 2_000
MAX_TERMS = 250
# How like the story's articles an article must be: so much on the same day, more with each day of silence, since the
# same names soon make other news; never more than the cap, so that a story may come back at any age.
NEEDED = 0.09
NEEDED_MORE_PER_DAY = 0.9
NEEDED_AT_MOST = 0.5
_WORD = re.compile(r"[^\W\d_]{2,}")
# Longer ones are no words, but addresses or damage.
_MAX_WORD_CHARS = 40

Vector = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An article that shares rare terms, with the narrative it is in."""

    narrative_id: UUID
    terms: Mapping[str, int]
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Continued:
    """The narrative that an article goes on with, how like it is, and how like it had to be."""

    narrative_id: UUID
    likeness: float
    needed: float


def terms_of(title: str, body: str) -> dict[str, int]:
    """Count the stems of an article's open words, the most frequent at most `MAX_TERMS`."""
    counts: Counter[str] = Counter()
    for match in _WORD.finditer(f"{title}\n{body[:READ_CHARS]}"):
        word = match.group().lower()
        if word not in common_words.OPENERS and len(word) <= _MAX_WORD_CHARS:
            counts[stem(word)] += 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MAX_TERMS])


def vector(terms: Mapping[str, int], stories_with: Mapping[str, int], stories: int) -> Vector:
    """Weigh terms by how rare they are (TF-IDF), to length 1; empty when none is rarer than every story.

    Args:
        terms: stem to count.
        stories_with: in how many stories each stem stands; a stem that is missing stands in one.
        stories: how many stories there are.
    """
    weights = {
        term: (1 + math.log(count)) * math.log((stories + 1) / max(1, stories_with.get(term, 1)))
        for term, count in terms.items()
    }
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {term: weight / length for term, weight in weights.items() if weight > 0} if length else {}


def probes(terms: Mapping[str, int], stories_with: Mapping[str, int], *, most: int, stories_at_most: int) -> list[str]:
    """The terms to look neighbours up by: the rarest that another story has, of so many stories in all at most."""
    shared = [term for term in terms if stories_with.get(term, 1) >= 2]
    asked, stories = [], 0
    for term in sorted(shared, key=lambda term: (stories_with[term], term))[:most]:
        stories += stories_with[term]
        if stories > stories_at_most:
            break
        asked.append(term)
    return asked


def rarest(terms: Mapping[str, int], stories_with: Mapping[str, int], stories: int, most: int) -> list[str]:
    """The weightiest terms of a story, by which later ones find it."""
    weights = vector(terms, stories_with, stories)
    return sorted(weights, key=lambda term: (-weights[term], term))[:most]


def needed(apart: timedelta) -> float:
    """How like a story's articles an article must be, given the time to the nearest of them."""
    return min(NEEDED_AT_MOST, NEEDED * (1 + NEEDED_MORE_PER_DAY * (apart / timedelta(days=1))))


def choose(
    terms: Mapping[str, int],
    published_at: datetime,
    neighbours: Sequence[Neighbour],
    stories_with: Mapping[str, int],
    stories: int,
) -> list[Continued]:
    """The narratives that the article may go on with, the likeliest first; none when it is like no story.

    Likeness is that to the nearest article of a story.
    """
    own = vector(terms, stories_with, stories)
    by_narrative: dict[UUID, list[Neighbour]] = {}
    for neighbour in neighbours:
        by_narrative.setdefault(neighbour.narrative_id, []).append(neighbour)
    found = []
    for narrative_id, members in by_narrative.items():
        likeness = max(cosine(own, vector(member.terms, stories_with, stories)) for member in members)
        least = needed(min(abs(published_at - member.published_at) for member in members))
        if likeness >= least:
            found.append(Continued(narrative_id, likeness, least))
    return sorted(found, key=lambda each: (-each.likeness / each.needed, str(each.narrative_id)))


def cosine(one: Vector, other: Vector) -> float:
    """How far two vectors of length 1 point the same way, from 0 to 1."""
    if len(one) > len(other):
        one, other = other, one
    return min(1.0, sum(weight * other[term] for term, weight in sorted(one.items()) if term in other))
