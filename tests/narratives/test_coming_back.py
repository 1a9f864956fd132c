"""A narrative's comebacks and its count of stories, as its history tells them, whatever comes late or goes away."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from ingestion.models import StoryRaw
from narratives.lifecycle import State
from narratives.models import EventKind, Narrative
from narratives.services import editing
from narratives.services.derived import refresh_active
from narratives.services.importing import import_documents
from tests.narratives.make import assign, days, fingerprinted, narrative_of

pytestmark = pytest.mark.django_db


def come(number: float) -> StoryRaw:
    """An article of the one story, put in on its day."""
    return come_at(days(number))


def come_at(at: datetime) -> StoryRaw:
    """An article of the one story, put in when it is published."""
    story = fingerprinted("Kraken", "bank charter bid", at=at)
    assign(at)
    return story


def told(narrative: Narrative) -> tuple[int, int]:
    """How often it came back, by its count and by its history."""
    narrative.refresh_from_db()
    return narrative.reactivated_count, narrative.events.filter(kind=EventKind.REACTIVATED).count()


def test_what_an_editor_woke_is_awake() -> None:
    now = timezone.now()
    narrative = narrative_of(come_at(now - timedelta(days=20)))
    refresh_active(now)
    narrative.refresh_from_db()
    editing.reactivate(narrative=narrative, by=None)
    come_at(now + timedelta(days=1))
    assert told(narrative) == (1, 1)
    come_at(now + timedelta(days=20))
    assert told(narrative) == (2, 2)


def test_an_article_that_comes_in_late_wakes_nobody() -> None:
    narrative = narrative_of(come(0))
    come(30)
    come(12)
    assert told(narrative) == (1, 1)


def test_an_imported_narrative_that_slept_comes_back() -> None:
    document = {"_id": "65a0", "nucleus_entity": "Kraken", "narrative_focus": "bank charter bid"}
    import_documents([{**document, "last_updated": days(-1)}])
    narrative = narrative_of(come(0))
    assert narrative.imported_id == "65a0"
    assert told(narrative) == (1, 1)


def test_a_merge_and_its_undoing_are_no_sleep() -> None:
    stories = [fingerprinted("Kraken", f"matter{n} subject{n}", at=timezone.now()) for n in range(2)]
    assign()
    survivor, loser = (narrative_of(story) for story in stories)
    editing.merge(survivor=survivor, losers=[loser], by=None)
    loser.refresh_from_db()
    editing.unmerge(loser=loser, by=None)
    loser.refresh_from_db()
    assert loser.state == State.EMERGING
    assert {event.kind for event in loser.events.all()} == {EventKind.CREATED, EventKind.MERGED, EventKind.UNMERGED}


@pytest.mark.parametrize("days_later", [1, 30])
def test_what_is_deleted_or_a_double_is_not_counted(days_later: int) -> None:
    narrative = narrative_of(come(0))
    gone, double = come(0.1), come(0.2)
    refresh_active(days(days_later))
    gone.delete()
    StoryRaw.objects.filter(pk=double.pk).update(is_duplicate=True)
    refresh_active(days(days_later))
    narrative.refresh_from_db()
    assert (narrative.article_count, [day["article_count"] for day in narrative.timeline_data]) == (1, [1])
