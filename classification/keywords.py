"""The keyword classifier: which of the 20 domains a story speaks of, and where it plays. No model, no default."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from classification.actors import actors_of
from classification.geography import Gazetteer, compile_gazetteer, locate
from classification.mapping import feed_category
from classification.payload import phrases_of, read_payload, split_key
from classification.phrases import PhraseIndex, Story, build_index, read_story
from classification.taxonomy import Domain, FeedCategory, Geography

__all__ = ["Gazetteer", "KeywordResult", "Keywords", "classify", "compile_gazetteer", "compile_keywords"]

# The specification's prefix: what an article is about stands in its first paragraphs.
BODY_PREFIX_CHARS = 2_000
# Longer than any real headline; a feed may put a whole article into its title.
TITLE_MAX_CHARS = 400
# One hit in the title counts as so many in the body.
TITLE_WEIGHT = 3.0
# Domains that lead to one feed category support each other by this share of their score.
KIN_SHARE = 0.5
# Politics, courts and police act on every subject, so their words fill stories about health, climate or trade too:
# what is acted on goes before who acts.
ACTING_DOMAINS = frozenset({Domain.GOVERNANCE_POLITICS, Domain.LAW_JUSTICE, Domain.CRIME_PUBLIC_SAFETY})
ACTING_SHARE = 0.5
# The specification gives a keyword classification no confidence: it is no probability.
CONFIDENCE = 0.0
MAX_TOPIC_KEYWORDS = 8


@dataclass(frozen=True, slots=True)
class Keyword:
    """A compiled rule: its forms speak for a domain with this weight."""

    domain: Domain
    weight: float


class Evidence(NamedTuple):
    """A form that stands in the story, and what it is worth for its domain."""

    form: str
    domain: Domain
    worth: float


@dataclass(frozen=True, slots=True)
class Keywords:
    """Compiled keywords by rule key."""

    index: PhraseIndex
    by_key: Mapping[str, Keyword]


@dataclass(frozen=True, slots=True)
class KeywordResult:
    """What the keywords say of a story. `scores` holds every domain with evidence, the best first."""

    domain: Domain
    geography: Geography
    geography_detail: str
    actors: tuple[str, ...]
    topic_keywords: tuple[str, ...]
    scores: Mapping[Domain, float]
    confidence: float = CONFIDENCE


def compile_keywords(entries: Mapping[str, Mapping[str, object]]) -> Keywords:
    """Build the classifier from rules with keys such as "sports_competition/touchdown".

    Raises:
        ValueError: naming the key and field that are wrong.
    """
    by_key: dict[str, Keyword] = {}
    phrases = []
    for key, fields in entries.items():
        group, phrase = split_key(key)
        if group not in tuple(Domain):
            raise ValueError(f"{key}: unknown domain {group}")
        payload = read_payload(key, fields)
        by_key[key] = Keyword(Domain(group), payload.weight)
        phrases.extend(phrases_of(key, phrase, payload))
    return Keywords(build_index(phrases), MappingProxyType(by_key))


def classify(
    title: str, body: str, *, source_country: str, keywords: Keywords, gazetteer: Gazetteer
) -> KeywordResult | None:
    """Say what a story is about, or None when no keyword stands in it.

    Args:
        title: any title of the story, also its feed's; may be empty.
        body: its text; only the first `BODY_PREFIX_CHARS` are read.
        source_country: the publisher's ISO 3166 code; empty is read as the United States.
        keywords: from `compile_keywords`.
        gazetteer: from `compile_gazetteer`.
    """
    title, body = title[:TITLE_MAX_CHARS], body[:BODY_PREFIX_CHARS]
    story = read_story(title, body)
    evidence = _evidence(story, keywords)
    if not evidence:
        return None
    where = locate(story, source_country=source_country, gazetteer=gazetteer)
    scores = _scores(evidence)
    domain = _best(scores, where.geography)
    ranked = sorted(scores, key=lambda d: (-scores[d], tuple(Domain).index(d)))
    return KeywordResult(
        domain=domain,
        geography=where.geography,
        geography_detail=where.detail,
        actors=actors_of(body, gazetteer),
        topic_keywords=_topic_keywords(evidence, domain),
        scores=MappingProxyType({d: round(scores[d], 3) for d in ranked}),
    )


def _evidence(story: Story, keywords: Keywords) -> list[Evidence]:
    """Return what each form that stands in the story is worth: repeated, it adds less and less."""
    hits: dict[tuple[str, str], float] = {}
    for hit, weight in story.hits(keywords.index, title_weight=TITLE_WEIGHT):
        hits[hit.key, hit.form] = hits.get((hit.key, hit.form), 0.0) + weight
    rules = keywords.by_key
    return [
        Evidence(form, rules[key].domain, rules[key].weight * math.log2(1 + count))
        for (key, form), count in hits.items()
    ]


def _scores(evidence: Iterable[Evidence]) -> dict[Domain, float]:
    scores: dict[Domain, float] = {}
    for _, domain, worth in evidence:
        share = ACTING_SHARE if domain in ACTING_DOMAINS else 1.0
        scores[domain] = scores.get(domain, 0.0) + share * worth
    return scores


def _best(scores: Mapping[Domain, float], geography: Geography) -> Domain:
    """Return the best domain of the best feed category; the specification's order settles ties."""
    kin: dict[FeedCategory, float] = {}
    for domain, score in scores.items():
        category = feed_category(domain, geography)
        kin[category] = kin.get(category, 0.0) + score

    def strength(domain: Domain) -> tuple[float, float]:
        score = scores[domain]
        others = kin[feed_category(domain, geography)] - score
        return score + KIN_SHARE * others, score

    return max((d for d in Domain if d in scores), key=strength)


def _topic_keywords(evidence: Iterable[Evidence], domain: Domain) -> tuple[str, ...]:
    own = sorted((-item.worth, item.form) for item in evidence if item.domain is domain)
    return tuple(form for _, form in own[:MAX_TOPIC_KEYWORDS])
