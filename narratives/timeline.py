"""What is derived of a narrative's members: counts, timeline, entities, theme. Recomputed, never added up. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from narratives import lifecycle

# As many names as a page shows of a narrative, and of one day.
MAX_ENTITIES = 10
MAX_ENTITIES_OF_DAY = 5


@dataclass(frozen=True, slots=True)
class Member:
    """One article of a narrative: when it was published, who is in it, and its domain ("" when it has none)."""

    published_at: datetime
    entities: tuple[str, ...] = ()
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Derived:
    """Everything about a narrative that follows from its members and the time."""

    article_count: int
    first_at: datetime | None
    last_at: datetime | None
    velocity: float
    state: lifecycle.State
    entities: tuple[str, ...]
    theme: str
    timeline: tuple[Mapping[str, Any], ...]


def derive(members: Iterable[Member], now: datetime, *, woken_at: datetime | None = None) -> Derived:
    """Work out all of it; the order of the members does not matter.

    Args:
        members: the articles.
        now: the time that the state is of.
        woken_at: when an editor reactivated the narrative, which counts as a sign of life.
    """
    every = sorted(members, key=lambda member: (member.published_at, member.entities, member.domain))
    times = [member.published_at for member in every]
    pace = lifecycle.pace(times, now)
    if woken_at is not None and (pace.last_at is None or woken_at > pace.last_at):
        pace = replace(pace, last_at=woken_at)
    return Derived(
        article_count=len(every),
        first_at=times[0] if times else None,
        last_at=times[-1] if times else None,
        velocity=pace.velocity,
        state=lifecycle.state(pace, now),
        entities=_most_frequent((name for member in every for name in member.entities), MAX_ENTITIES),
        theme=next(iter(_most_frequent((member.domain for member in every if member.domain), 1)), ""),
        timeline=tuple(_timeline(every)),
    )


def _timeline(members: list[Member]) -> Iterable[Mapping[str, Any]]:
    """One entry for each day that has articles, and no other."""
    days: dict[date, list[Member]] = {}
    for member in members:
        days.setdefault(member.published_at.astimezone(UTC).date(), []).append(member)
    times = [member.published_at for member in members]
    for day, of_day in days.items():
        end = datetime.combine(day + timedelta(days=1), time(), UTC) - timedelta(microseconds=1)
        yield {
            "date": day.isoformat(),
            "article_count": len(of_day),
            "entities": list(_most_frequent((n for m in of_day for n in m.entities), MAX_ENTITIES_OF_DAY)),
            "velocity": lifecycle.pace(times, end).velocity,
        }


def _most_frequent(names: Iterable[str], most: int) -> tuple[str, ...]:
    counts = Counter(names)
    return tuple(sorted(counts, key=lambda name: (-counts[name], name))[:most])
