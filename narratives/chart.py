"""A timeline as an inline SVG chart: one bar a day, positions worked out here. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

# In units of the drawing, which the page scales to its column.
WIDTH, HEIGHT = 600.0, 120.0
BAR_MAX_WIDTH = 24.0
# A chart of more days shows the last ones, of which one bar is still to be seen.
MOST_DAYS = 180


@dataclass(frozen=True, slots=True)
class Bar:
    """One day with articles: its place in the drawing, and what is read out of it."""

    day: date
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars, the first and last day shown, and the largest count."""

    bars: tuple[Bar, ...]
    first: date
    last: date
    most: int


def draw(timeline: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Lay out a timeline; None when it has no days."""
    counts = {date.fromisoformat(day["date"]): int(day["article_count"]) for day in timeline}
    if not counts:
        return None
    last = max(counts)
    first = max(min(counts), last - timedelta(days=MOST_DAYS - 1))
    shown = {day: count for day, count in sorted(counts.items()) if day >= first}
    most, slot = max(shown.values()), WIDTH / ((last - first).days + 1)
    width = min(BAR_MAX_WIDTH, slot * 0.8)
    bars = [
        Bar(
            day,
            count,
            x=round((day - first).days * slot + (slot - width) / 2, 2),
            y=round(HEIGHT * (1 - count / most), 2),
            width=round(width, 2),
            height=round(HEIGHT * count / most, 2),
        )
        for day, count in shown.items()
    ]
    return Chart(tuple(bars), first, last, most)
