"""Articles that change under their address: read again, a bounded number of times, and what it costs downstream."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from classification.models import StoryClassification
from classification.services import classify_pending
from ingestion.article_stage import ArticlesStage
from ingestion.inbox import Announced, announce, take_from_inbox
from ingestion.models import FeedEntry, Source, StoryBody, StoryRaw
from ingestion.updates import MAX_VERSIONS, WAITS, Reading, is_worth_reading_again
from neutralization.models import Status
from neutralization.services import neutralize_pending
from ntrl.bodies import body_key, get_body, put_body
from ntrl.stages.models import Claim, FailureKind
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions
from tests.support.factories import NOON, a_source, an_entry
from tests.support.fetching import PARAGRAPHS, FakeFetcher, a_page, failure
from tests.support.stages import run

pytestmark = pytest.mark.usefixtures("bodies")
URL = "https://herald.example/bridge"
TITLE = "The bridge will be repaired"
LATER = "The mayor said on Wednesday that the work would cost half a million dollars more than the council was told."
CHANGED = a_page(TITLE, paragraphs=(*PARAGRAPHS, LATER))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


# --- the decision ------------------------------------------------------------------------------------------------


def a_reading(**fields: Any) -> Reading:
    return Reading(**{"read_at": NOON, "feed_updated_at": NOON, "fruitless_reads": 0, "body_version": 1, **fields})


@pytest.mark.parametrize(
    ("known", "updated_at", "expected"),
    [
        pytest.param({}, NOON + MINUTE, True, id="moved"),
        pytest.param({}, NOON, False, id="not moved"),
        pytest.param({}, NOON - MINUTE, False, id="moved back"),
        pytest.param({}, None, False, id="a feed without dates"),
        pytest.param({"feed_updated_at": None}, NOON + MINUTE, True, id="a first date, after our reading"),
        pytest.param({"feed_updated_at": None}, NOON - MINUTE, False, id="a first date, before our reading"),
        pytest.param({"body_version": MAX_VERSIONS - 1}, NOON + MINUTE, True, id="one version is left"),
        pytest.param({"body_version": MAX_VERSIONS}, NOON + MINUTE, False, id="all versions are used"),
        pytest.param({"body_version": 0}, NOON + MINUTE, True, id="a page that could not be had"),
    ],
)
def test_when_an_article_is_worth_reading_again(
    known: dict[str, Any], updated_at: datetime | None, expected: bool
) -> None:
    assert is_worth_reading_again(a_reading(**known), updated_at=updated_at, now=NOON + HOUR) is expected


@pytest.mark.parametrize(("fruitless", "hours"), [(0, 0), (1, 0), (2, 4), (3, 8), (4, 16), (5, 32)])
def test_each_reading_for_nothing_makes_the_next_wait_longer(fruitless: int, hours: int) -> None:
    known = a_reading(fruitless_reads=fruitless)

    def worth(after: timedelta) -> bool:
        return is_worth_reading_again(known, updated_at=NOON + after + MINUTE, now=NOON + after)

    assert worth(hours * HOUR)
    assert not hours or not worth(hours * HOUR - MINUTE)


@given(st.lists(st.integers(1, 3000), max_size=200))
def test_a_feed_whose_dates_always_move_costs_so_many_readings(minutes: list[int]) -> None:
    now, known, readings = NOON, a_reading(), 0
    for pause in minutes:
        now += pause * MINUTE
        if is_worth_reading_again(known, updated_at=now, now=now):
            readings += 1
            known = a_reading(read_at=now, feed_updated_at=now, fruitless_reads=known.fruitless_reads + 1)

    assert readings <= len(WAITS) == 6


# --- through the inbox and the stage -----------------------------------------------------------------------------


def announce_update(at: datetime | None, *, source: Source | None = None, now: datetime | None = None) -> Announced:
    source = source or Source.objects.get()
    return announce(source, [an_entry(URL, TITLE, updated_at=at)], now=now or timezone.now())


def fetch(fetcher: FakeFetcher, **options: Any) -> StageReport:
    return run(ArticlesStage(fetcher, max_items_per_source=25), **options)


def the_story() -> StoryRaw:
    return StoryRaw.objects.get()


@pytest.fixture
def story(db: None) -> StoryRaw:
    """A stored article whose feed says that it was updated at noon."""
    a_source()
    announce_update(NOON)
    fetch(FakeFetcher({URL: a_page(TITLE)}))
    return the_story()


def test_a_changed_text_is_a_new_version_and_the_old_one_stays(story: StoryRaw) -> None:
    assert announce_update(NOON + HOUR) == Announced(new=0, duplicate=0, updated=1)

    report = fetch(FakeFetcher({URL: CHANGED}))

    after = the_story()
    assert (after.body_version, after.raw_content_uri) == (2, body_key(story.id, 2))
    assert after.raw_content_uri == f"raw/{story.id}/body.v2"
    assert (after.feed_updated_at, after.ingested_at) == (NOON + HOUR, story.ingested_at)
    assert get_body(after.raw_content_uri, after.raw_content_hash).endswith(LATER)
    assert len(get_body(after.raw_content_uri)) == after.body_length
    first, second = StoryBody.objects.order_by("version")
    assert get_body(first.uri, first.content_hash) == get_body(story.raw_content_uri, story.raw_content_hash)
    assert (second.version, second.uri, second.content_hash) == (2, after.raw_content_uri, after.raw_content_hash)
    assert dict(report.counts) == {"total": 1, "success": 1, "updated": 1}
    assert not FeedEntry.objects.exists()


def test_an_unchanged_text_moves_only_the_feeds_date(story: StoryRaw) -> None:
    announce_update(NOON + HOUR)

    report = fetch(FakeFetcher({URL: a_page(TITLE)}))

    after = the_story()
    assert (after.feed_updated_at, after.body_fruitless_reads) == (NOON + HOUR, 1)
    kept = ("body_version", "raw_content_uri", "raw_content_hash", "body_length", "is_duplicate", "language")
    assert all(getattr(after, name) == getattr(story, name) for name in kept)
    assert dict(report.counts) == {"total": 1, "success": 1, "unchanged": 1}
    assert (StoryBody.objects.count(), FeedEntry.objects.count()) == (1, 0)
    assert announce_update(NOON + HOUR) == Announced(new=0, duplicate=1)


def test_what_comes_after_is_done_again_for_a_changed_text_only(story: StoryRaw) -> None:
    def work_on() -> tuple[int, int]:
        filed = classify_pending(trace_id="t", options=RunOptions(workers=1))
        made = neutralize_pending(trace_id="t", options=RunOptions(workers=1))
        return filed.total, made.total_processed

    assert work_on() == (1, 1)
    announce_update(NOON + HOUR)
    fetch(FakeFetcher({URL: a_page(TITLE)}))
    assert work_on() == (0, 0)
    announce_update(NOON + 2 * HOUR)
    fetch(FakeFetcher({URL: CHANGED}))
    assert work_on() == (0, 1)

    assert StoryClassification.objects.get().body_version == 1
    old, new = the_story().neutralizations.order_by("version")
    assert (old.body_version, new.body_version) == (1, 2)
    assert (old.is_current, new.is_current, new.status) == (False, True, Status.SUCCESS)
    assert LATER in new.detail_full


def test_a_reading_that_fails_leaves_the_good_version_and_is_tried_again(story: StoryRaw) -> None:
    announce_update(NOON + HOUR)
    fetcher = FakeFetcher({URL: [failure(503), CHANGED]})

    report = fetch(fetcher)

    after = the_story()
    assert (after.raw_content_available, after.body_version, after.body_failure_reason) == (True, 1, "")
    assert (report.counts["update_failed"], report.counts["body_failed"]) == (1, 0)
    fetch(fetcher)
    assert len(fetcher.pages_asked()) == 1
    Claim.objects.update(next_attempt_at=timezone.now())
    fetch(fetcher)
    assert (the_story().body_version, FeedEntry.objects.count(), Claim.objects.count()) == (2, 0, 0)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (failure(404), "http_404"),
        ("<html><body><nav>Home</nav></body></html>", "no_article"),
        (a_page(TITLE, paragraphs=PARAGRAPHS[:2]), "update_truncated"),
        (KeyError("odd"), "KeyError"),
    ],
)
def test_a_page_that_is_of_no_use_any_more_is_not_asked_for_until_its_date_moves(
    story: StoryRaw, reply: Any, reason: str
) -> None:
    announce_update(NOON + HOUR)
    fetcher = FakeFetcher({URL: reply})

    for _ in range(3):
        fetch(fetcher)
        announce_update(NOON + HOUR)

    after = the_story()
    assert (after.body_version, after.body_is_truncated, after.body_failure_reason) == (1, False, "")
    assert get_body(after.raw_content_uri, after.raw_content_hash)
    assert fetcher.pages_asked() == [URL]
    assert Claim.objects.get().reason.startswith(reason)
    assert not FeedEntry.objects.exists()
    announce_update(NOON + 2 * HOUR)
    fetcher.set(URL, CHANGED)
    fetch(fetcher)
    assert (the_story().body_version, Claim.objects.count()) == (2, 0)


def test_tries_are_bounded_for_an_update_too(story: StoryRaw) -> None:
    announce_update(NOON + HOUR)
    fetcher = FakeFetcher({URL: failure(503)})

    for _ in range(7):
        fetch(fetcher)
        Claim.objects.update(next_attempt_at=timezone.now())
        announce_update(NOON + HOUR)

    assert len(fetcher.pages_asked()) == ArticlesStage.max_attempts
    assert Claim.objects.get().failure_kind == FailureKind.QUARANTINE
    assert (FeedEntry.objects.count(), the_story().body_fruitless_reads) == (0, 1)


def test_a_feed_whose_dates_always_move_costs_six_readings_of_an_article(story: StoryRaw) -> None:
    fetcher = FakeFetcher({URL: a_page(TITLE)})

    for day in range(12):
        announce_update(NOON + (day + 1) * HOUR, now=timezone.now() + timedelta(days=2 * day))
        fetch(fetcher)
        StoryRaw.objects.update(body_read_at=timezone.now() + timedelta(days=2 * day))

    assert len(fetcher.pages_asked()) == 6


def test_an_article_has_ten_versions_at_most(story: StoryRaw) -> None:
    pages = [a_page(TITLE, paragraphs=(*PARAGRAPHS, f"{LATER} It was corrected {n} times.")) for n in range(14)]
    fetcher = FakeFetcher({URL: pages})

    for hour in range(14):
        announce_update(NOON + (hour + 1) * HOUR)
        fetch(fetcher)

    assert (the_story().body_version, len(fetcher.pages_asked())) == (MAX_VERSIONS, MAX_VERSIONS - 1)


def test_a_date_in_the_future_hides_no_later_one(story: StoryRaw) -> None:
    announce_update(timezone.now() + timedelta(days=300))
    fetch(FakeFetcher({URL: a_page(TITLE)}))

    known = the_story().feed_updated_at
    assert known is not None
    assert known <= timezone.now()
    assert announce_update(timezone.now()).updated == 1


def test_only_the_storys_own_source_says_that_it_has_changed(story: StoryRaw) -> None:
    assert announce_update(NOON + HOUR, source=a_source("other")) == Announced(new=0, duplicate=1)


def test_an_update_is_announced_once(story: StoryRaw) -> None:
    assert announce_update(NOON + HOUR).updated == 1
    assert announce_update(NOON + 2 * HOUR) == Announced(new=0, duplicate=0)

    fetcher = FakeFetcher({URL: CHANGED})
    fetch(fetcher)
    fetch(fetcher)

    assert fetcher.pages_asked() == [URL]


def test_new_articles_go_before_updates(story: StoryRaw) -> None:
    announce_update(NOON + HOUR)
    new = [an_entry(f"https://herald.example/{age}", published_at=NOON - age * HOUR) for age in (5, 6, 7)]
    announce(story.source, new, now=timezone.now())

    assert [entry.url[-1] for entry in take_from_inbox(source_slugs=[], max_per_source=25)] == ["5", "6", "7", "e"]
    assert [entry.url[-1] for entry in take_from_inbox(source_slugs=[], max_per_source=2)] == ["5", "6"]


def test_an_update_keeps_no_new_article_out(story: StoryRaw) -> None:
    StoryRaw.objects.update(published_at=NOON - timedelta(days=9))
    announce_update(NOON + HOUR)
    announce(a_source("other"), [an_entry("https://other.example/x", TITLE)], now=timezone.now())

    assert len(list(take_from_inbox(source_slugs=[], max_per_source=25))) == 2


def test_an_update_that_another_process_has_read_is_left_alone(story: StoryRaw) -> None:
    announce_update(NOON + HOUR)
    late = ArticlesStage(FakeFetcher(), max_items_per_source=25)
    item = next(late.pending())
    assert late.is_pending(item)

    fetch(FakeFetcher({URL: CHANGED}))
    announce_update(NOON + 2 * HOUR)

    assert not late.is_pending(item)


def test_what_a_killed_reading_left_in_storage_is_overwritten(story: StoryRaw) -> None:
    put_body(story.id, 2, "half of an update that nobody saved")
    announce_update(NOON + HOUR)

    fetch(FakeFetcher({URL: CHANGED}))

    after = the_story()
    assert get_body(after.raw_content_uri, after.raw_content_hash).endswith(LATER)


def test_a_page_that_could_not_be_had_is_tried_when_its_date_moves(db: None) -> None:
    a_source()
    announce_update(NOON)
    fetcher = FakeFetcher({URL: [failure(404), a_page(TITLE)]})
    fetch(fetcher)
    assert the_story().body_version == 0

    announce_update(timezone.now())
    report = fetch(fetcher)

    after = the_story()
    assert report.counts["body_downloaded"] == 1
    assert (after.body_version, after.body_failure_reason, after.raw_content_uri) == (1, "", f"raw/{after.id}/body")
    assert (StoryBody.objects.count(), Claim.objects.count(), FeedEntry.objects.count()) == (1, 0, 0)


def test_a_text_cut_off_before_may_be_replaced_by_another_one_cut_off(db: None) -> None:
    a_source()
    announce_update(NOON)
    fetch(FakeFetcher({URL: a_page(TITLE, paragraphs=PARAGRAPHS[:1])}))
    announce_update(NOON + HOUR)

    fetch(FakeFetcher({URL: a_page(TITLE, paragraphs=PARAGRAPHS[:2])}))

    assert (the_story().body_version, the_story().body_truncation_reason) == (2, "too_short")
    announce_update(NOON + 2 * HOUR)
    fetch(FakeFetcher({URL: a_page(TITLE)}))
    assert (the_story().body_version, the_story().body_truncation_reason) == (3, "")


def test_a_dry_run_says_what_would_be_read_again(story: StoryRaw) -> None:
    announce_update(NOON + HOUR)

    report = fetch(FakeFetcher(), dry_run=True)

    assert report.planned == [f"would fetch {URL} again (Herald)"]
