"""The topics of the last hours, read from the headlines of stories that are shown; kept for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache

from search import topics
from search.models import Document
from search.topics import Topic

# What is usual is learnt from the days before the window.
BEFORE = timedelta(days=7)
# Of the window, and of the days before; the newest count. Reading them all takes a third of a second.
MAX_HEADLINES = 5_000
# Clients ask often, and a topic of the hour is none of the minute.
KEPT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Trending:
    """Topics, the strongest first, and when they were worked out."""

    topics: tuple[Topic, ...]
    generated_at: datetime
    window_hours: int


def trending(*, window_hours: int, now: datetime) -> Trending:
    """The topics of stories published in the last hours. Two queries; none when they were asked for a moment ago."""
    key = f"search.trending:{window_hours}"
    kept: Trending | None = cache.get(key)
    if kept is not None and timedelta(0) <= now - kept.generated_at < timedelta(seconds=KEPT_SECONDS):
        return kept
    since = now - timedelta(hours=window_hours)
    found = topics.trending(_headlines(since, now), _headlines(since - BEFORE, since))
    made = Trending(tuple(found), now, window_hours)
    cache.set(key, made, KEPT_SECONDS)
    return made


def _headlines(since: datetime, until: datetime) -> list[str]:
    shown = Document.objects.filter(published_at__gt=since, published_at__lte=until)
    return list(shown.order_by("-published_at", "-pk").values_list("version__feed_title", flat=True)[:MAX_HEADLINES])
