"""The state of a narrative, from what was published when. Pure: the same counts and times give the same state."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DORMANT_AFTER = timedelta(days=7)
COOLING_AFTER = timedelta(days=3)
HOT_WINDOW = timedelta(days=7)
HOT_ARTICLES = 7
VELOCITY_WINDOW = timedelta(hours=48)
# Articles a day over the window of velocity.
HOT_VELOCITY = 3.0
RISING_VELOCITY = 1.5
_DAYS_OF_VELOCITY = 2


class State(StrEnum):
    """Where a narrative stands. `merged` is a tombstone's, and no count leads to it."""

    EMERGING = "emerging"
    RISING = "rising"
    HOT = "hot"
    COOLING = "cooling"
    DORMANT = "dormant"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Pace:
    """How many articles came lately, and when the last one did (None: there are none)."""

    in_hot_window: int
    in_velocity_window: int
    last_at: datetime | None

    @property
    def velocity(self) -> float:
        """Articles a day, over the last two days."""
        return self.in_velocity_window / _DAYS_OF_VELOCITY


def pace(times: list[datetime], now: datetime) -> Pace:
    """Count the articles up to `now`, given when each was published."""
    past = [at for at in times if at <= now]
    return Pace(
        in_hot_window=sum(at > now - HOT_WINDOW for at in past),
        in_velocity_window=sum(at > now - VELOCITY_WINDOW for at in past),
        last_at=max(past, default=None),
    )


def comes_back(published_at: datetime, signs_of_life: Iterable[datetime | None]) -> bool:
    """Whether an article wakes a narrative: nothing was heard of it for so long that it slept.

    Args:
        published_at: of the article.
        signs_of_life: when its articles came and an editor last woke it, None for neither; without any it sleeps.
    """
    last = max((at for at in signs_of_life if at is not None), default=None)
    return last is None or published_at - last >= DORMANT_AFTER


def state(pace: Pace, now: datetime) -> State:
    """The state that these counts and times mean; the first rule that holds decides."""
    if pace.last_at is None or now - pace.last_at >= DORMANT_AFTER:
        return State.DORMANT
    if now - pace.last_at >= COOLING_AFTER:
        return State.COOLING
    if pace.in_hot_window >= HOT_ARTICLES or pace.velocity >= HOT_VELOCITY:
        return State.HOT
    return State.RISING if pace.velocity >= RISING_VELOCITY else State.EMERGING
