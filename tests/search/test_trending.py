"""Topics as they are read from stories: their window, the days before, and how long an answer is kept."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from neutralization.models import StoryNeutralized
from search.trending import KEPT_SECONDS, trending
from tests.search.make import a_shown_story
from tests.support.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def terms(hours: int = 24, *, later: timedelta = timedelta(0)) -> list[str]:
    return [topic.term for topic in trending(window_hours=hours, now=NOON + later).topics]


def test_only_the_window_counts() -> None:
    a_shown_story("Storm Alma reaches the coast", hours_ago=2)
    a_shown_story("Ferries wait for Storm Alma", hours_ago=30)
    assert terms(24) == []
    assert terms(48) == ["storm alma"]


def test_what_the_days_before_were_full_of_is_no_topic() -> None:
    for number in range(6):
        a_shown_story(f"Okafor visits town {number}", hours_ago=30 + number)
    for number in range(2):
        a_shown_story(f"Okafor returns from town {number}", hours_ago=1 + number)
    assert "okafor" not in terms()


def test_stories_of_the_future_and_those_not_shown_are_left_out() -> None:
    a_shown_story("Storm Alma reaches the coast", hours_ago=-2)
    a_shown_story("Ferries wait for Storm Alma")
    hidden = a_shown_story("After Storm Alma")
    StoryNeutralized.objects.filter(story=hidden).update(is_current=False)
    assert terms() == []


def test_an_answer_is_kept_for_a_while() -> None:
    a_shown_story("Storm Alma reaches the coast")
    a_shown_story("Ferries wait for Storm Alma", hours_ago=23.95)
    assert terms() == ["storm alma"]
    assert terms(later=timedelta(seconds=KEPT_SECONDS - 1)) == ["storm alma"]
    assert terms(later=timedelta(seconds=KEPT_SECONDS)) == []
    # A clock that goes back finds nothing of its future.
    assert terms() == ["storm alma"]
