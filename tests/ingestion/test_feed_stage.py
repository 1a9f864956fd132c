"""Reading feeds: what a reply brings, validators, and a source's health."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ingestion.feed_stage import FeedsStage
from ingestion.fetching import Fetched, Redirect
from ingestion.health import FIRST_WAIT, LONGEST_WAIT
from ingestion.models import FeedEntry, Source
from ntrl.stages.models import Claim, PipelineLog
from ntrl.stages.report import StageReport
from tests.support.factories import a_source
from tests.support.fetching import FakeFetcher, a_feed, failure, not_modified, ok
from tests.support.stages import run

pytestmark = pytest.mark.django_db
FEED = "https://herald.example/feed.xml"
THREE = a_feed(*((f"https://herald.example/{number}", f"Headline {number}", None) for number in range(3)))


def read(fetcher: FakeFetcher, *slugs: str, **options: Any) -> tuple[StageReport, FeedsStage]:
    stage = FeedsStage(fetcher, source_slugs=slugs)
    return run(stage, **options), stage


def the_source() -> Source:
    return Source.objects.get()


def make_due() -> None:
    Source.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def test_what_a_feed_announces_waits_in_the_inbox() -> None:
    a_source()

    report, stage = read(FakeFetcher({FEED: ok(THREE, etag='"one"', last_modified="Sun, 01 Mar 2026 12:00:00 GMT")}))

    assert FeedEntry.objects.count() == 3
    assert dict(report.counts) == {"total": 1, "success": 1, "announced": 3}
    assert dict(stage.by_source["herald"]) == {"announced": 3, "skipped_duplicate": 0}
    source = the_source()
    assert (source.etag, source.last_modified) == ('"one"', "Sun, 01 Mar 2026 12:00:00 GMT")
    assert (source.consecutive_failures, source.health_reason, source.next_attempt_at) == (0, "", None)
    assert source.last_success_at is not None
    assert source.last_success_at == source.last_attempt_at
    log = PipelineLog.objects.get()
    assert (log.stage, log.status, log.entry_url) == ("feeds", "completed", FEED)


def test_validators_are_sent_and_a_304_keeps_them_and_the_inbox() -> None:
    a_source()
    fetcher = FakeFetcher({FEED: [ok(THREE, etag='"one"'), not_modified()]})
    read(fetcher)
    entries = list(FeedEntry.objects.values())

    report, _ = read(fetcher)

    assert fetcher.asked[1] == (FEED, "feed", '"one"', "")
    assert report.counts["not_modified"] == 1
    assert list(FeedEntry.objects.values()) == entries
    assert (the_source().etag, the_source().consecutive_failures) == ('"one"', 0)


def test_a_reply_without_validators_forgets_the_old_ones() -> None:
    a_source(etag='"old"', last_modified="x")

    read(FakeFetcher({FEED: ok(THREE)}))

    assert (the_source().etag, the_source().last_modified) == ("", "")


@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        (failure(404), "http_404", "The server said 404 (not found)"),
        (failure(503), "http_503", "The server said 503 (service unavailable)"),
        (ok(""), "empty_document", "The document is empty"),
        (
            ok("<!doctype html><html><body>Subscribe now</body></html>"),
            "html_instead_of_feed",
            "A web page came in place of the feed (a web page)",
        ),
    ],
)
def test_a_feed_that_cannot_be_read_says_why_on_its_source_and_backs_off(reply: Any, code: str, words: str) -> None:
    a_source(etag='"kept"')
    before = timezone.now()

    report, stage = read(FakeFetcher({FEED: reply}))

    source = the_source()
    assert source.health_reason.startswith(f"{words}; next try after ")
    assert (source.consecutive_failures, source.last_success_at, source.etag) == (1, None, '"kept"')
    assert source.next_attempt_at is not None
    assert before + FIRST_WAIT <= source.next_attempt_at <= timezone.now() + FIRST_WAIT
    assert source.is_active
    assert stage.errors["herald"].startswith(code)
    assert (report.counts["failed"], report.status) == (1, "completed")
    assert not Claim.objects.exists(), "the source keeps its health itself"


@pytest.mark.parametrize(
    ("asked_seconds", "wait"),
    [(None, FIRST_WAIT * 4), (7200, timedelta(hours=2)), (5, FIRST_WAIT * 4), (10**9, LONGEST_WAIT)],
)
def test_a_failure_waits_longer_each_time_and_no_shorter_than_asked(
    asked_seconds: float | None, wait: timedelta
) -> None:
    a_source(consecutive_failures=2)

    read(FakeFetcher({FEED: failure(429, retry_after_seconds=asked_seconds)}))

    source = the_source()
    assert source.next_attempt_at is not None
    assert source.last_attempt_at is not None
    assert source.next_attempt_at - source.last_attempt_at == wait
    assert source.consecutive_failures == 3
    assert source.health_reason == (
        f"The server said 429 (too many requests); 3 failures in a row; "
        f"next try after {source.next_attempt_at:%Y-%m-%d %H:%M} UTC"
    )


def test_a_success_ends_the_row_of_failures() -> None:
    a_source(consecutive_failures=4, health_reason="http_503", next_attempt_at=timezone.now() - timedelta(hours=1))

    read(FakeFetcher({FEED: THREE}))

    source = the_source()
    assert (source.consecutive_failures, source.health_reason, source.next_attempt_at) == (0, "", None)


def test_only_sources_that_are_on_and_due_are_read_the_best_first() -> None:
    a_source("worse", priority=9)
    a_source("best", priority=1)
    a_source("off", is_active=False)
    a_source("waits", next_attempt_at=timezone.now() + timedelta(hours=1))
    fetcher = FakeFetcher()

    read(fetcher, workers=1)

    assert [url for url, *_ in fetcher.asked] == ["https://best.example/feed.xml", "https://worse.example/feed.xml"]


def test_one_asked_for_by_name_is_due_though_it_waits_but_not_when_it_is_off() -> None:
    a_source("waits", next_attempt_at=timezone.now() + timedelta(hours=1))
    a_source("off", is_active=False)
    a_source("other")
    fetcher = FakeFetcher()

    read(fetcher, "waits", "off")

    assert [url for url, *_ in fetcher.asked] == ["https://waits.example/feed.xml"]


def test_what_is_odd_in_a_feed_that_yields_entries_is_a_warning_not_a_failure() -> None:
    a_source()
    feed = a_feed(("https://herald.example/a", "Good", None), ("javascript:void(0)", "Nowhere", None))

    read(FakeFetcher({FEED: feed}))

    assert FeedEntry.objects.get().url == "https://herald.example/a"
    assert the_source().consecutive_failures == 0
    assert "cannot be used: 1" in the_source().health_reason


def test_a_valid_feed_without_entries_is_no_failure() -> None:
    a_source()

    report, _ = read(FakeFetcher({FEED: a_feed()}))

    assert report.counts["success"] == 1
    assert the_source().consecutive_failures == 0
    assert the_source().health_reason, "but it says so"


def test_a_bug_of_ours_is_said_on_the_source_too() -> None:
    a_source()

    report, _ = read(FakeFetcher({FEED: KeyError("odd")}))

    assert report.counts["bug"] == 1
    assert the_source().health_reason.startswith(
        "Reading the feed ended in a bug of NTRL's (KeyError: 'odd'); next try"
    )
    assert Claim.objects.get().failure_kind == "bug"


def test_after_a_bug_the_feed_is_read_again_when_its_wait_is_over_for_it_may_say_something_else_by_then() -> None:
    a_source()
    fetcher = FakeFetcher({FEED: [KeyError("odd"), THREE]})
    read(fetcher)
    read(fetcher)
    assert len(fetcher.asked) == 1

    make_due()
    read(fetcher)

    assert FeedEntry.objects.count() == 3
    assert (the_source().health_reason, Claim.objects.count()) == ("", 0)


def test_what_an_editor_changes_meanwhile_stays() -> None:
    a_source()

    class Editor(FakeFetcher):
        def fetch(self, *args: Any, **named: Any) -> Any:
            changed.append(1)
            return super().fetch(*args, **named)

    changed: list[int] = []
    stage = FeedsStage(Editor({FEED: THREE}))
    item = next(stage.pending())
    reply = stage.compute(item)
    Source.objects.update(name="Renamed", is_active=False, priority=1)

    stage.save(item, reply)

    source = the_source()
    assert (source.name, source.is_active, source.priority) == ("Renamed", False, 1)
    assert source.last_success_at is not None


def test_a_source_that_another_process_has_read_meanwhile_is_not_read_again() -> None:
    a_source()
    fetcher = FakeFetcher({FEED: THREE})
    late = FeedsStage(fetcher)
    item = next(late.pending())
    assert late.is_pending(item)

    read(fetcher)

    assert not late.is_pending(item)
    assert late.is_pending(next(late.pending()))


def test_a_dry_run_names_the_feeds_and_asks_none() -> None:
    a_source()
    fetcher = FakeFetcher()

    report, _ = read(fetcher, dry_run=True)

    assert report.planned == [f"would read {FEED} (Herald)"]
    assert fetcher.asked == []


def test_a_second_failure_waits_twice_as_long_as_the_first() -> None:
    a_source()
    fetcher = FakeFetcher({FEED: failure(500)})

    read(fetcher)
    read(fetcher)
    assert len(fetcher.asked) == 1
    make_due()
    read(fetcher)

    assert the_source().consecutive_failures == 2


MOVED = "https://herald.example/new.xml"


def moved(*redirects: tuple[int, str], text: str = THREE) -> Fetched:
    """A feed after redirects."""
    followed = tuple(Redirect(status, url) for status, url in redirects)
    return replace(ok(text, url=redirects[-1][1], etag='"new"'), redirects=followed)


@pytest.mark.parametrize(
    ("redirects", "address"),
    [
        ([(301, MOVED)], MOVED),
        ([(308, "https://herald.example/x"), (301, MOVED)], MOVED),
        ([(301, MOVED), (302, "https://cdn.example/today.xml")], MOVED),
        ([(302, MOVED)], FEED),
        ([(307, MOVED), (301, "https://cdn.example/feed.xml")], FEED),
    ],
)
def test_a_feed_that_has_moved_for_good_is_stored_under_its_new_address(
    redirects: list[tuple[int, str]], address: str
) -> None:
    a_source()

    read(FakeFetcher({FEED: moved(*redirects)}))

    source = the_source()
    assert (source.rss_url, source.etag, source.consecutive_failures) == (address, '"new"', 0)
    assert (FEED in source.health_reason) == (address != FEED)
    assert FeedEntry.objects.count() == 3


@pytest.mark.parametrize("text", ["", "<!doctype html><html><title>Parked</title></html>"])
def test_a_new_address_without_a_feed_is_not_stored(text: str) -> None:
    a_source()

    read(FakeFetcher({FEED: moved((301, MOVED), text=text)}))

    assert (the_source().rss_url, the_source().consecutive_failures) == (FEED, 1)


def test_a_feed_that_has_moved_to_another_sources_address_stays_and_says_so() -> None:
    a_source()
    a_source("twin", rss_url=MOVED, is_active=False)

    report, _ = read(FakeFetcher({FEED: moved((301, MOVED))}))

    source = Source.objects.get(slug="herald")
    assert report.counts["success"] == 1
    assert (source.rss_url, FeedEntry.objects.count()) == (FEED, 3)
    assert source.health_reason == (
        f"the feed has moved to {MOVED}, which is the address of the source twin: switch one of them off"
    )


def test_a_feed_that_is_gone_switches_its_source_off_and_says_why() -> None:
    a_source()
    fetcher = FakeFetcher({FEED: failure(410)})

    report, stage = read(fetcher)

    source = the_source()
    assert not source.is_active
    assert source.health_reason.startswith("The server said 410 (gone): this feed is closed for good")
    assert "What it announced before is still fetched." in source.health_reason
    assert source.closed_at == source.last_attempt_at
    assert report.counts["switched_off"] == 1
    assert stage.errors["herald"].startswith("http_410")
    read(fetcher, "herald")
    assert len(fetcher.asked) == 1


def test_what_was_odd_stays_said_while_the_feed_does_not_change_and_goes_with_it() -> None:
    a_source()
    fetcher = FakeFetcher({FEED: [ok(a_feed(), etag='"one"'), not_modified(), ok(THREE)]})
    read(fetcher)
    odd = the_source().health_reason
    read(fetcher)
    assert the_source().health_reason == odd != ""

    read(fetcher)

    assert the_source().health_reason == ""


def test_a_304_ends_a_failure_and_its_reason() -> None:
    a_source(etag='"one"')
    fetcher = FakeFetcher({FEED: [failure(503), not_modified()]})
    read(fetcher)
    make_due()

    read(fetcher)

    source = the_source()
    assert (source.consecutive_failures, source.next_attempt_at, source.health_reason) == (0, None, "")
    assert source.etag == '"one"'


def test_a_failure_of_one_asked_by_name_brings_the_next_attempt_no_nearer() -> None:
    tomorrow = timezone.now() + timedelta(hours=20)
    a_source(consecutive_failures=1, next_attempt_at=tomorrow)

    read(FakeFetcher({FEED: failure(503)}), "herald")

    assert (the_source().next_attempt_at, the_source().consecutive_failures) == (tomorrow, 2)


def test_entries_that_may_not_be_followed_are_left_out_and_named() -> None:
    a_source()
    private = [(f"http://10.0.0.{number}/", f"Inside {number}", None) for number in range(1, 6)]

    read(FakeFetcher({FEED: a_feed(("https://herald.example/a", "Good", None), ("", "Nowhere", None), *private)}))

    source = the_source()
    assert FeedEntry.objects.get().url == "https://herald.example/a"
    assert source.consecutive_failures == 0
    assert "without a link: 1" in source.health_reason
    assert "entries left out: 5 (“Inside 1” leads to 10.0.0.1, which is not a public address, " in source.health_reason
    assert source.health_reason.endswith(", …)")


def test_an_endless_feed_is_read_up_to_its_newest_entries_and_says_so() -> None:
    a_source()
    items = "".join(f"<item><title>{n}</title><link>https://h.example/{n}</link></item>" for n in range(1_200))

    read(FakeFetcher({FEED: f"<rss version='2.0'><channel>{items}</channel></rss>"}))

    assert FeedEntry.objects.count() == 1_000
    assert "1200 entries; only the newest 1000 are read" in the_source().health_reason


def test_what_an_old_address_said_is_not_the_health_of_a_new_one() -> None:
    a_source()
    stage = FeedsStage(FakeFetcher({FEED: [ok(THREE, etag='"old"'), failure(410)]}))
    item = next(stage.pending())
    replies = [stage.compute(item), stage.compute(item)]
    Source.objects.update(rss_url=MOVED)

    outcomes = [stage.save(item, reply).outcome for reply in replies]

    source = the_source()
    assert outcomes == ["skipped", "skipped"]
    assert (source.rss_url, source.etag, source.is_active, source.last_attempt_at) == (MOVED, "", True, None)
    assert not FeedEntry.objects.exists()
