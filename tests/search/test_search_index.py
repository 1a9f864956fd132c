"""The index says what is shown, whoever writes, and says so again where triggers were away."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connection
from django.db.migrations import Migration

from classification.models import StoryClassification
from classification.taxonomy import FeedCategory
from neutralization.models import Status, StoryNeutralized
from neutralization.versions import show_again
from search import triggers
from search.index import Drift, bring_up_to_date, drift
from search.models import Document
from search.selectors import SearchRequest, search
from tests.search.make import a_shown_story
from tests.support.factories import NOON, a_source, a_story, a_version, file_under

TRUE = Drift(missing=0, wrong=0, has_triggers=True)
pytestmark = pytest.mark.django_db


def found(query: str) -> list[str]:
    return [hit.version.feed_title for hit in search(SearchRequest(query), now=NOON).hits]


def titles(story_id: object) -> list[str]:
    return list(Document.objects.filter(story=story_id).values_list("version__feed_title", flat=True))


def test_a_story_is_found_as_soon_as_it_is_shown() -> None:
    a_shown_story("Council repairs a bridge")
    assert found("bridge") == ["Council repairs a bridge"]
    assert drift() == TRUE


def test_what_is_not_shown_is_not_found() -> None:
    story = a_story()
    a_version(story, status=Status.FAILED_AUDIT)
    assert Document.objects.count() == 0


def test_a_new_version_takes_the_place_of_the_old_one_and_gives_it_back() -> None:
    story = a_shown_story("Council repairs a bridge")
    first = story.neutralizations.get()
    StoryNeutralized.objects.filter(pk=first.pk).update(is_current=False)
    assert titles(story.pk) == []
    a_version(story, feed_title="Council repairs a tunnel", detail_title="About a tunnel")
    assert (found("bridge"), found("tunnel")) == ([], ["Council repairs a tunnel"])
    show_again(first)
    assert (found("bridge"), found("tunnel")) == (["Council repairs a bridge"], [])
    assert drift() == TRUE


def test_class_time_source_and_duplicates_are_followed() -> None:
    story = a_shown_story(category=None)
    assert Document.objects.get().feed_category == ""
    file_under(story, FeedCategory.US)
    assert Document.objects.get().feed_category == "us"
    StoryClassification.objects.update(feed_category=FeedCategory.SPORTS)
    assert Document.objects.get().feed_category == "sports"
    StoryClassification.objects.all().delete()
    assert Document.objects.get().feed_category == ""
    story.published_at, story.source = NOON - timedelta(days=3), a_source("other")
    story.save()
    document = Document.objects.get()
    assert (document.published_at, document.source_id) == (story.published_at, story.source_id)
    story.is_duplicate = True
    story.save(update_fields=["is_duplicate"])
    assert found("bridge") == []
    type(story).objects.update(is_duplicate=False)
    assert found("bridge") == ["Council repairs a bridge"]
    assert drift() == TRUE


def test_a_story_that_is_deleted_is_gone() -> None:
    story = a_shown_story()
    story.delete()
    assert Document.objects.count() == 0
    assert drift() == TRUE


def test_a_version_that_is_deleted_past_django_is_gone() -> None:
    a_shown_story()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM neutralization_storyneutralized")
    assert Document.objects.count() == 0


def test_a_text_beyond_all_measure_is_indexed_in_part() -> None:
    words = " ".join(f"w{number}" for number in range(300_000))
    a_shown_story("The longest", full=words)
    assert found("w7") == ["The longest"]
    assert found("w299999") == []


def test_odd_texts_are_indexed() -> None:
    a_shown_story("Ω≈ç√ 🙂 \u202eright to left\u0301 " + "x" * 5_000, brief="\ufeff", full="\u2028 …")
    assert len(found("right")) == 1


def test_what_was_written_without_triggers_is_made_good() -> None:
    kept, gone, moved = a_shown_story("Kept bridge"), a_shown_story("Gone bridge"), a_shown_story("Moved bridge")
    triggers.remove(connection)
    assert not drift().has_triggers
    StoryNeutralized.objects.filter(story=gone).update(is_current=False)
    StoryClassification.objects.filter(story=moved).update(feed_category=FeedCategory.US)
    a_shown_story("New bridge")
    connection.check_constraints()  # else PostgreSQL alters no table in this transaction
    assert bring_up_to_date() == Drift(missing=2, wrong=2, has_triggers=False)
    assert sorted(found("bridge")) == ["Kept bridge", "Moved bridge", "New bridge"]
    assert Document.objects.get(story=moved).feed_category == "us"
    assert Document.objects.get(story=kept).feed_category == "world"
    assert drift() == TRUE
    assert bring_up_to_date() == TRUE


def test_migrations_run_without_triggers_and_leave_none_away() -> None:
    a_shown_story("First bridge")
    plan = [(Migration("one", "search"), False)]
    emit_pre_migrate_signal(0, False, "default", plan=plan)
    assert not triggers.are_installed(connection)
    a_shown_story("Second bridge")
    connection.check_constraints()
    emit_post_migrate_signal(0, False, "default", plan=plan)
    assert drift() == TRUE
    assert sorted(found("bridge")) == ["First bridge", "Second bridge"]
    emit_pre_migrate_signal(0, False, "default", plan=[])
    assert triggers.are_installed(connection)


def test_the_command_compares_and_makes_good() -> None:
    a_shown_story("First bridge")
    out = StringIO()
    call_command("reindex_search", "--dry-run", "--json", stdout=out)
    assert '"missing": 0' in out.getvalue()
    Document.objects.all().delete()
    with pytest.raises(SystemExit) as stopped:
        call_command("reindex_search", "--dry-run", stdout=StringIO())
    assert stopped.value.code == 3
    assert found("bridge") == []
    call_command("reindex_search", stdout=StringIO())
    assert found("bridge") == ["First bridge"]
    call_command("reindex_search", "--all", stdout=out)
    assert "missing: 1; wrong: 1" in out.getvalue()
    assert found("bridge") == ["First bridge"]
