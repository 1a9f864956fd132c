"""Which narratives are one by the identity rule, and which of them stays. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from uuid import UUID

from narratives.identity import Fingerprint, Identity, Row, Verdict


@dataclass(frozen=True, slots=True)
class Live:
    """A narrative as consolidation sees it."""

    id: UUID
    fingerprint: Fingerprint
    article_count: int
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """Two narratives that are one: `loser` goes into `survivor`."""

    survivor: Live
    loser: Live
    verdict: Verdict


def survivor_first(one: Live, other: Live) -> tuple[Live, Live]:
    """The one that stays, then the one that goes: more stories, then older, then smaller id."""
    first, second = sorted((one, other), key=lambda live: (-live.article_count, live.first_at, str(live.id)))
    return first, second


def pairs(group: Sequence[Live], identity: Identity) -> list[Pair]:
    """The pairs among narratives of one nucleus that the table's first row calls the same, best first."""
    found = []
    for one, other in _sharing_a_word(group, identity):
        verdict = identity.compare(one.fingerprint, other.fingerprint)
        if verdict.row is Row.SAME_NUCLEUS_STRONG_FOCUS:
            found.append(Pair(*survivor_first(one, other), verdict))
    return sorted(found, key=lambda pair: (-pair.verdict.components.score, str(pair.survivor.id), str(pair.loser.id)))


def plan(groups: Iterable[Sequence[Live]], identity: Identity) -> list[Pair]:
    """The merges of one pass: each narrative takes part in one at most, so that none rests on a merge before it."""
    planned: list[Pair] = []
    taken: set[UUID] = set()
    for group in groups:
        for pair in pairs(group, identity):
            ids = {pair.survivor.id, pair.loser.id}
            if not ids & taken:
                taken |= ids
                planned.append(pair)
    return planned


def _sharing_a_word(group: Sequence[Live], identity: Identity) -> list[tuple[Live, Live]]:
    """The pairs that can have a strong focus at all: an entity of a thousand stories has half a million pairs."""
    by_word: dict[str, list[int]] = {}
    for index, live in enumerate(group):
        for word in identity.focus.tokens(live.fingerprint.narrative_focus):
            by_word.setdefault(word, []).append(index)
    near = {pair for indexes in by_word.values() for pair in combinations(indexes, 2)}
    return [(group[one], group[other]) for one, other in sorted(near)]
