"""Storing a brief: one is current, an empty one replaces none, reading costs the same however many stories."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from briefs.assembling import EmptyBrief, assemble_and_store, assemble_anew
from briefs.models import BriefExclusion, DailyBrief, DailyBriefItem
from briefs.services import AnotherAssembles, BriefResult, assemble_brief
from classification.services import correct_classification
from classification.taxonomy import Domain, FeedCategory, Geography
from ingestion.models import StoryRaw
from neutralization.models import Status
from ntrl.stages.claims import take
from ntrl.stages.models import Claim, PipelineLog, RunStatus, StageRun
from ntrl.stages.owner import this_process
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

    # The candidates; where none qualifies, the brief before; on PostgreSQL the lock.
    assert reading_queries(10) == reading_queries(1000) <= 3


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
    assert result.report.failures[0].startswith("daily: empty_brief")
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


def test_a_correction_keeps_the_briefs_day_run_and_time_and_brings_in_no_news() -> None:
    moved, not_yet_filed = publishable(), a_story()
    a_version(not_yet_filed)
    before = store()
    after_midnight = NOON + timedelta(hours=13)
    news = publishable(published_at=NOON + timedelta(hours=1), ingested_at=NOON + timedelta(hours=1))
    late = publishable(published_at=NOON - timedelta(hours=1), ingested_at=NOON + timedelta(hours=1))

    brief = assemble_anew(story_id=moved.id, now=after_midnight)

    assert brief is not None
    assert DailyBrief.objects.get(is_current=True) == brief != before
    kept = ("brief_date", "trace_id", "cutoff_time", "stories_until")
    assert [getattr(brief, name) for name in kept] == [getattr(before, name) for name in kept]
    assert brief.assembled_at == after_midnight
    assert brief.rendered["brief_date"] == "2026-03-01"
    assert stories_in(brief, "world") == [str(moved.id)]
    for beyond in (news, late):
        assert assemble_anew(story_id=beyond.id, now=after_midnight) is None

    file_under(not_yet_filed)
    again = assemble_anew(story_id=not_yet_filed.id, now=after_midnight)
    assert again is not None
    assert set(stories_in(again, "world")) == {str(moved.id), str(not_yet_filed.id)}


def test_an_assembly_gathers_what_had_reached_us_by_its_time() -> None:
    shown = publishable()
    publishable(published_at=NOON, ingested_at=NOON + timedelta(seconds=1))

    brief = store()

    assert (stories_in(brief, "world"), brief.stories_until) == ([str(shown.id)], NOON)


def test_the_database_refuses_a_section_that_there_is_none_of() -> None:
    publishable()
    store()

    with pytest.raises(IntegrityError), transaction.atomic():
        DailyBriefItem.objects.update(section="gossip")


class Waits(threading.Event):
    """A stop event that is never set; notes how long it was waited for, and may do something meanwhile."""

    def __init__(self, *meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._meanwhile = iter(meanwhile)

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0)
        next(self._meanwhile, lambda: None)()
        return self.is_set()


def another_assembles() -> Claim:
    claim = take(
        stage="brief_assemble",
        item_key="daily",
        input_hash="theirs",
        code_version="1",
        owner=str(this_process()),
        lease=timedelta(minutes=5),
        now=timezone.now(),
    )
    assert claim is not None
    return claim


def by_service_until(stop: threading.Event) -> BriefResult:
    return assemble_brief(trace_id="t", options=RunOptions(workers=1, stop=stop), now=NOON)


def test_the_service_waits_for_another_that_assembles() -> None:
    publishable()
    theirs = another_assembles()
    stop = Waits(lambda: None, theirs.delete)

    result = by_service_until(stop)

    assert result.brief == DailyBrief.objects.get(is_current=True)
    assert (result.report.status, result.report.stopped, len(stop.seconds)) == (RunStatus.COMPLETED, "", 2)


def test_the_service_says_so_when_another_does_not_let_go() -> None:
    publishable()
    another_assembles()
    stop = Waits()

    with pytest.raises(AnotherAssembles, match="another process is assembling the brief"):
        by_service_until(stop)

    assert sum(stop.seconds) == 10
    assert not DailyBrief.objects.exists()


def test_the_command_says_so_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("briefs.services.SECONDS_BETWEEN_TRIES", 0.01)
    another_assembles()

    with pytest.raises(CommandError, match="another process is assembling the brief"):
        call_command("assemble_brief")


def test_a_dry_run_waits_for_nobody() -> None:
    another_assembles()
    stop = Waits()

    result = assemble_brief(trace_id="t", options=RunOptions(workers=1, stop=stop, dry_run=True))

    assert (result.brief, stop.seconds) == (None, [])


def test_whoever_waits_for_another_can_be_stopped() -> None:
    publishable()
    another_assembles()
    stop = Waits(lambda: stop.set())

    result = by_service_until(stop)

    assert (result.brief, result.report.stopped, len(stop.seconds)) == (None, "asked to stop", 1)


def one_behind_the_other(first: Callable[[], object], second: Callable[[], object]) -> None:
    """Do both in transactions of their own connections; the second begins while the first has not committed."""
    if not connection.features.has_select_for_update:
        pytest.skip("the database lets one transaction write at a time")
    done = threading.Event()

    def ahead() -> None:
        try:
            with transaction.atomic():
                first()
                done.set()
                time.sleep(0.3)
        finally:
            connection.close()

    def behind() -> None:
        done.wait(5)
        try:
            second()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(ahead), pool.submit(behind)]:
            future.result(timeout=20)


@pytest.mark.django_db(transaction=True)
def test_two_that_assemble_at_once_both_store_theirs_and_one_is_current() -> None:
    publishable()
    store()

    one_behind_the_other(store, store)

    assert DailyBrief.objects.count() == 3
    assert DailyBrief.objects.filter(is_current=True).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_correction_is_not_lost_to_a_run_that_assembles_meanwhile(is_first: bool) -> None:
    moved = publishable()
    store()
    # A cutoff of its own: what is made anew must be the brief that is current when the turn has come.
    assembling = partial(store, cutoff_time=CUTOFF - timedelta(hours=1), trace_id="run")
    correcting = partial(correct_classification, story=moved, domain=Domain.SPORTS_COMPETITION, geography=Geography.US)

    one_behind_the_other(*((correcting, assembling) if is_first else (assembling, correcting)))

    brief = DailyBrief.objects.get(is_current=True)
    assert stories_in(brief, "sports") == [str(moved.id)]
    assert (brief.cutoff_time, brief.trace_id) == (CUTOFF - timedelta(hours=1), "run")


@pytest.mark.django_db(transaction=True)
def test_whether_a_brief_would_be_empty_is_judged_when_its_turn_has_come() -> None:
    story = publishable()

    def store_then_withdraw() -> None:
        store()
        DailyBriefItem.objects.all().delete()
        story.neutralizations.all().delete()

    def refused() -> None:
        with pytest.raises(EmptyBrief):
            store()

    one_behind_the_other(store_then_withdraw, refused)

    assert DailyBrief.objects.get().total_stories == 1
