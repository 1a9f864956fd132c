"""Storing a brief: one is current, an empty one replaces none, reading costs the same however many stories."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from briefs.assembling import EmptyBrief, assemble_and_store
from briefs.models import BriefExclusion, DailyBrief, DailyBriefItem
from briefs.services import BriefResult, assemble_brief
from classification.services import correct_classification
from classification.taxonomy import Domain, FeedCategory, Geography
from ingestion.models import StoryRaw
from neutralization.models import Status
from ntrl.stages.models import Claim, PipelineLog, RunStatus, StageRun
from ntrl.stages.runner import RunOptions
from tests.support.factories import (
    NOON,
    a_source,
    a_story,
    a_story_without_body,
    a_version,
    file_under,
    publishable,
)

pytestmark = pytest.mark.django_db
CUTOFF = NOON - timedelta(hours=24)


def store(*, allow_empty: bool = False, **changes: Any) -> DailyBrief:
    return assemble_and_store(
        **{"cutoff_time": CUTOFF, "now": NOON, "allow_empty": allow_empty, "trace_id": "t", **changes}
    )


def by_service(**changes: Any) -> BriefResult:
    options = RunOptions(workers=1, dry_run=changes.pop("dry_run", False))
    return assemble_brief(trace_id="t", options=options, **{"now": NOON, **changes})


def stories_in(brief: DailyBrief, section: str) -> list[str]:
    rendered = {part["name"]: part["stories"] for part in brief.rendered["sections"]}
    return [story["id"] for story in rendered[section]]


def test_items_name_the_version_shown_and_copy_its_words() -> None:
    story = publishable()
    shown = a_version(story, is_current=False, version=9)
    story.neutralizations.update(is_current=False)
    story.neutralizations.filter(pk=shown.pk).update(is_current=True, feed_title="The ninth title")
    a_version(story, version=10, status=Status.FAILED_AUDIT)

    brief = store()

    item = DailyBriefItem.objects.get()
    assert (item.brief, item.neutralized_id, item.story_id) == (brief, shown.pk, story.id)
    assert (item.feed_title, item.section, item.section_order, item.position) == ("The ninth title", "world", 0, 0)
    assert (item.original_url, item.source_name, item.published_at) == (
        story.original_url,
        story.source.name,
        story.published_at,
    )


def test_a_later_version_changes_no_brief_that_is_stored() -> None:
    story = publishable()
    brief = store()
    before = DailyBrief.objects.values().get()
    story.neutralizations.update(is_current=False)
    a_version(story, feed_title="Changed")

    assert DailyBrief.objects.values().get() == before
    assert DailyBriefItem.objects.get(brief=brief).feed_title != "Changed"


def test_stories_left_out_are_kept_with_their_reasons() -> None:
    shown = publishable()
    unfiled = a_story()
    a_version(unfiled)
    no_body = a_story_without_body()
    a_version(no_body, status=Status.SKIPPED, failure_reason="no_body")
    double = publishable(is_duplicate=True, duplicate_of=shown)
    old_but_new_here = publishable(published_at=CUTOFF - timedelta(hours=1))
    publishable(published_at=CUTOFF - timedelta(hours=1), ingested_at=CUTOFF - timedelta(minutes=1))
    odd = a_story()
    file_under(odd)
    a_version(odd, status=Status.FAILED_AUDIT, failure_reason="grounding.names")

    brief = store()

    assert brief.total_stories == 1
    assert {row.story_id: (row.reason, row.detail) for row in BriefExclusion.objects.all()} == {
        unfiled.id: ("not_classified", "waits for a classification run"),
        no_body.id: ("skipped", "no_body"),
        double.id: ("duplicate", f"duplicate of {shown.id}"),
        old_but_new_here.id: ("older_than_cutoff", "published 2026-02-28 11:00 UTC"),
        odd.id: ("failed_audit", "grounding.names"),
    }


def test_the_same_stories_make_the_same_document_but_for_id_and_time() -> None:
    for category in FeedCategory:
        publishable(category=category)
    first = store()
    second = store(now=NOON + timedelta(minutes=5))

    varying = {"id", "assembled_at"}
    assert {key: value for key, value in first.rendered.items() if key not in varying} == {
        key: value for key, value in second.rendered.items() if key not in varying
    }
    assert first.rendered["id"] == str(first.id) != str(second.id) == second.rendered["id"]


def test_the_brief_before_is_current_no_more_and_stays_readable() -> None:
    publishable()
    first = store()

    second = store()

    assert DailyBrief.objects.get(is_current=True) == second
    assert DailyBrief.objects.get(pk=first.pk).rendered["total_stories"] == 1
    assert DailyBriefItem.objects.filter(brief=first).count() == 1


def test_an_empty_brief_never_takes_the_place_of_a_full_one_unless_asked() -> None:
    story = publishable()
    full = store()
    story.neutralizations.all().delete()

    with pytest.raises(EmptyBrief, match="the brief before stays"):
        store()
    assert DailyBrief.objects.get() == full

    empty = store(allow_empty=True)
    assert DailyBrief.objects.get(is_current=True) == empty
    assert empty.rendered["is_empty"]


def test_the_first_brief_and_one_after_an_empty_one_may_be_empty() -> None:
    assert store().total_stories == 0
    assert store().total_stories == 0


def reading_queries(number: int) -> int:
    """How many statements that read are needed to assemble a brief of so many stories."""
    source = StoryRaw.objects.first().source if StoryRaw.objects.exists() else a_source()  # type: ignore[union-attr]
    for _ in range(number - StoryRaw.objects.count()):
        publishable(source)
    with CaptureQueriesContext(connection) as queries:
        assert store().total_stories == number
    return sum(query["sql"].lstrip("( ").startswith("SELECT") for query in queries)


def test_a_brief_of_a_thousand_stories_takes_as_many_reading_queries_as_one_of_ten() -> None:
    reading_queries(1)  # the first has no brief before it

    # The candidates, and the brief before.
    assert reading_queries(10) == reading_queries(1000) == 2


def test_the_service_reports_what_was_stored() -> None:
    publishable()

    result = by_service()

    assert result.brief == DailyBrief.objects.get(is_current=True)
    assert result.report.status == RunStatus.COMPLETED
    assert dict(result.report.counts) == {"total": 1, "success": 1, "stories": 1, "sections": 1}
    assert PipelineLog.objects.get().stage == "brief_assemble"
    assert (result.brief.cutoff_time, result.brief.trace_id) == (CUTOFF, "t")


def test_a_refused_empty_brief_is_reported_and_tried_again_by_the_next_run() -> None:
    story = publishable()
    full = store()
    story.neutralizations.all().delete()

    result = by_service()

    assert result.brief is None
    assert result.report.failures == ["daily: empty_brief"]
    assert DailyBrief.objects.get() == full
    assert not Claim.objects.exists()
    assert by_service(now=NOON + timedelta(minutes=1), allow_empty=True).brief is not None


def test_a_dry_run_stores_no_brief() -> None:
    publishable()

    result = by_service(dry_run=True)

    assert (result.brief, DailyBrief.objects.count(), StageRun.objects.count()) == (None, 0, 0)
    assert result.report.planned == ["would assemble the brief of the stories since 2026-02-28 12:00 UTC"]


def test_an_editors_correction_moves_a_story_to_its_section_at_once() -> None:
    moved, stays = publishable(), publishable()
    before = store()

    correct_classification(story=moved, domain=Domain.SPORTS_COMPETITION, geography=Geography.US)

    brief = DailyBrief.objects.get(is_current=True)
    assert brief != before
    assert (brief.cutoff_time, brief.total_stories) == (before.cutoff_time, 2)
    assert stories_in(brief, "sports") == [str(moved.id)]
    assert stories_in(brief, "world") == [str(stays.id)]


def test_filing_a_story_that_was_not_filed_brings_it_in() -> None:
    publishable()
    store()
    unfiled = a_story()
    a_version(unfiled)

    correct_classification(story=unfiled, domain=Domain.TECHNOLOGY, geography=Geography.US)

    assert stories_in(DailyBrief.objects.get(is_current=True), "technology") == [str(unfiled.id)]


def test_a_correction_of_another_times_story_leaves_the_brief_alone() -> None:
    publishable()
    brief = store()
    old = publishable(published_at=CUTOFF - timedelta(days=3), ingested_at=CUTOFF - timedelta(days=3))

    correct_classification(story=old, domain=Domain.TECHNOLOGY, geography=Geography.US)

    assert DailyBrief.objects.get() == brief


def test_a_correction_before_the_first_brief_makes_none() -> None:
    correct_classification(story=publishable(), domain=Domain.TECHNOLOGY, geography=Geography.US)

    assert not DailyBrief.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_that_assemble_at_once_both_store_theirs_and_one_is_current() -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("the database lets one transaction write at a time")
    publishable()
    store()
    stored = threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                store()
                stored.set()
                time.sleep(0.3)
        finally:
            connection.close()

    def close_behind() -> None:
        stored.wait(5)
        try:
            store()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(slow), pool.submit(close_behind)]:
            future.result(timeout=20)

    assert DailyBrief.objects.count() == 3
    assert DailyBrief.objects.filter(is_current=True).count() == 1
