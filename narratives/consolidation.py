"""Which narratives are one by the identity rule, and which of them stays. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
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


def pair_of(one: Live, other: Live, identity: Identity) -> Pair | None:
    """Two narratives that the table's first row calls the same; None when it does not."""
    verdict = identity.compare(one.fingerprint, other.fingerprint)
    if one.id == other.id or verdict.row is not Row.SAME_NUCLEUS_STRONG_FOCUS:
        return None
    return Pair(*survivor_first(one, other), verdict)


def plan(found: Iterable[Pair]) -> list[Pair]:
    """The merges of one pass, best first: each narrative is in one at most, so that none rests on a merge before it."""
    planned: list[Pair] = []
    taken: set[UUID] = set()
    for pair in sorted(found, key=_rank):
        ids = {pair.survivor.id, pair.loser.id}
        if not ids & taken:
            taken |= ids
            planned.append(pair)
    return planned


def _rank(pair: Pair) -> tuple[float, str, str]:
    return -pair.verdict.components.score, str(pair.survivor.id), str(pair.loser.id)
