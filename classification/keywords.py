"""The keyword classifier: which of the 20 domains a story speaks of, and where it plays. No model, no default."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from classification.geography import Gazetteer, compile_gazetteer, locate
from classification.mapping import feed_category
from classification.payload import phrases_of, read_payload, split_key
from classification.phrases import PhraseIndex, Token, build_index, find, tokenize
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
ACTING_SHARE = 0.6
# The specification gives a keyword classification no confidence: it is no probability.
CONFIDENCE = 0.0
MAX_TOPIC_KEYWORDS = 8
MAX_ACTORS = 5
ACTOR_MAX_CHARS = 80


@dataclass(frozen=True, slots=True)
class Keyword:
    """A compiled rule: a phrase speaks for a domain with this weight."""

    phrase: str
    domain: Domain
    weight: float


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
        by_key[key] = Keyword(phrase, Domain(group), payload.weight)
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
    title_tokens, body_tokens = tokenize(title), tokenize(body)
    evidence = _evidence(((title_tokens, TITLE_WEIGHT), (body_tokens, 1.0)), keywords)
    if not evidence:
        return None
    where = locate(title_tokens, body_tokens, source_country=source_country, gazetteer=gazetteer)
    scores = _scores(evidence, keywords)
    domain = _best(scores, where.geography)
    ranked = sorted(scores, key=lambda d: (-scores[d], tuple(Domain).index(d)))
    return KeywordResult(
        domain=domain,
        geography=where.geography,
        geography_detail=where.detail,
        actors=_actors(body),
        topic_keywords=_topic_keywords(evidence, domain, keywords),
        scores=MappingProxyType({d: round(scores[d], 3) for d in ranked}),
    )


def _evidence(texts: Sequence[tuple[Sequence[Token], float]], keywords: Keywords) -> dict[str, float]:
    """Return each hit rule's worth: repeated hits add less and less."""
    hits: dict[str, float] = {}
    for tokens, factor in texts:
        for hit in find(tokens, keywords.index):
            hits[hit.key] = hits.get(hit.key, 0.0) + factor
    return {key: keywords.by_key[key].weight * math.log2(1 + count) for key, count in hits.items()}


def _scores(evidence: Mapping[str, float], keywords: Keywords) -> dict[Domain, float]:
    scores: dict[Domain, float] = {}
    for key, worth in evidence.items():
        domain = keywords.by_key[key].domain
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


def _topic_keywords(evidence: Mapping[str, float], domain: Domain, keywords: Keywords) -> tuple[str, ...]:
    own = [key for key in evidence if keywords.by_key[key].domain is domain]
    own.sort(key=lambda key: (-evidence[key], key))
    return tuple(keywords.by_key[key].phrase for key in own[:MAX_TOPIC_KEYWORDS])


# Two to four capitalized words in a row: people, firms and offices rather than the first word of a sentence.
_NAME = re.compile(r"[A-Z][\w’'-]*(?: [A-Z][\w’'-]*){1,3}")


def _actors(body: str) -> tuple[str, ...]:
    names = Counter(match for match in _NAME.findall(body) if len(match) <= ACTOR_MAX_CHARS)
    return tuple(name for name, _ in names.most_common(MAX_ACTORS))
