"""Fetching announced articles: what becomes of bodies, failures and doubles, over several runs."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from ingestion.article_stage import ArticlesStage
from ingestion.fetching import Fetched
from ingestion.inbox import announce
from ingestion.models import EntryState, FeedEntry, Source, StoryBody, StoryRaw
from ingestion.services import IngestResult, ingest
from ingestion.source_check import check_sources
from ingestion.urls import story_id, url_hash
from ntrl.bodies import get_body
from ntrl.stages.errors import RetryLater
from ntrl.stages.models import Claim, PipelineLog
from ntrl.stages.report import StageReport
from ntrl.stages.runner import RunOptions
from tests.support.factories import NOON, a_source, an_entry
from tests.support.fetching import PARAGRAPHS, FakeFetcher, a_feed, a_page, failure, not_modified, ok
from tests.support.stages import run

pytestmark = pytest.mark.django_db
URL = "https://herald.example/bridge"
TITLE = "The bridge will be repaired"
HOUR = timedelta(hours=1)
OTHER_PARAGRAPHS = (
    "The ferry company will run one more boat to the islands from April, it said on Monday after a trial last summer.",
    "The boat carries 80 passengers and 12 cars. It was built in 2009 and has served a lake in the north until now.",
    "Islanders have asked for a later crossing for years; the last one leaves at five, before the schools' sports end.",
    "Fares stay as they are for residents, while visitors pay two dollars more on weekends between June and August.",
    "The harbor office will move the pier's fuel pump to make room, and expects the work to be done within six weeks.",
    "A spokesman said that the company had hired four sailors and a mechanic, all of whom live on the islands.",
)


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


def fetch(fetcher: FakeFetcher, **options: Any) -> StageReport:
    """Work off the inbox."""
    return run(ArticlesStage(fetcher, max_items_per_source=options.pop("most", 25)), **options)


def ingest_all(fetcher: FakeFetcher, **options: Any) -> IngestResult:
    """Read the feeds, then fetch."""
    most = options.pop("most", 25)
    return ingest(trace_id="t", options=RunOptions(**options), max_items_per_source=most, fetcher=fetcher)


def announce_one(url: str = URL, title: str = TITLE, *, source: Source | None = None, **fields: Any) -> None:
    source = source or Source.objects.first() or a_source()
    announce(source, [an_entry(url, title, **{"published_at": NOON, **fields})], now=timezone.now())


def make_due() -> None:
    Claim.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def test_an_announced_article_becomes_a_story_with_its_body() -> None:
    announce_one(description="From the feed", author="A. Writer", updated_at=NOON)

    report = fetch(FakeFetcher({URL: a_page(TITLE)}))

    story = StoryRaw.objects.get()
    assert story.id == story_id(url_hash(URL))
    assert (story.original_url, story.original_title, story.original_description) == (URL, TITLE, "From the feed")
    assert (story.published_at, story.feed_updated_at, story.original_author) == (NOON, NOON, "A. Writer")
    assert (story.raw_content_available, story.body_version, story.language) == (True, 1, "en")
    assert (story.is_duplicate, story.body_failure_reason, story.body_is_truncated) == (False, "", False)
    body = get_body(story.raw_content_uri, story.raw_content_hash)
    assert all(paragraph in body for paragraph in PARAGRAPHS)
    assert len(body) == story.body_length
    version = StoryBody.objects.get()
    assert (version.story, version.version, version.uri) == (story, 1, story.raw_content_uri)
    assert version.content_hash == story.raw_content_hash
    assert not FeedEntry.objects.exists()
    assert dict(report.counts) == {"total": 1, "success": 1, "ingested": 1, "body_downloaded": 1}
    log = PipelineLog.objects.get()
    assert (log.stage, log.story_raw_id, log.entry_url) == ("ingest", story.id, URL)


@pytest.mark.parametrize(
    ("reply", "kind", "reason"),
    [
        (failure(404), "quarantine", "http_404"),
        (failure(503), "retry", "http_503"),
        ("<html><body><nav>Home</nav></body></html>", "quarantine", "no_article: no text that could be an article"),
        (ok(a_page(), url="https://herald.example/"), "quarantine", "home_page: redirected to https://herald.example/"),
        (
            ok(a_page(), url="https://consent.herald.example/x?back=bridge"),
            "quarantine",
            "consent_page: redirected to https://consent.herald.example/x?back=bridge",
        ),
        (
            a_page(paragraphs=["We value your privacy", "We and our 812 partners use cookies.", "Accept all cookies"]),
            "quarantine",
            "consent_page: the page asks for consent in place of the article",
        ),
    ],
)
def test_an_article_without_a_body_is_stored_with_the_reason(reply: Any, kind: str, reason: str) -> None:
    announce_one()

    report = fetch(FakeFetcher({URL: reply}))

    story = StoryRaw.objects.get()
    assert (story.raw_content_available, story.body_version, story.body_failure_reason) == (False, 0, reason)
    assert Claim.objects.get().failure_kind == kind
    assert not FeedEntry.objects.exists()
    assert dict(report.counts) == {"total": 1, kind: 1, "ingested": 1, "body_failed": 1}
    assert report.status == "completed"


@pytest.mark.parametrize("reply", [failure(404), failure(503)])
def test_a_dead_link_is_not_tried_again_at_once(reply: Any) -> None:
    announce_one()
    fetcher = FakeFetcher({URL: reply})

    for _ in range(3):
        fetch(fetcher)

    assert fetcher.pages_asked() == [URL]
    assert StoryRaw.objects.count() == 1


def test_a_later_try_fills_the_same_row() -> None:
    announce_one()
    fetcher = FakeFetcher({URL: [failure(503), a_page(TITLE)]})
    fetch(fetcher)
    before = StoryRaw.objects.get()
    make_due()

    report = fetch(fetcher)

    story = StoryRaw.objects.get()
    assert (story.id, story.ingested_at) == (before.id, before.ingested_at)
    assert (story.raw_content_available, story.body_failure_reason, story.body_version) == (True, "", 1)
    assert dict(report.counts) == {"total": 1, "success": 1, "body_downloaded": 1}
    assert (StoryBody.objects.count(), Claim.objects.count()) == (1, 0)


def test_tries_are_bounded() -> None:
    announce_one()
    fetcher = FakeFetcher({URL: failure(503)})

    for _ in range(7):
        fetch(fetcher)
        make_due()

    assert len(fetcher.pages_asked()) == ArticlesStage.max_attempts
    assert Claim.objects.get().failure_kind == "quarantine"
    assert StoryRaw.objects.get().body_failure_reason.endswith("(gave up after 4 attempts)")


def test_a_retry_whose_process_is_killed_is_made_by_the_next_run() -> None:
    announce_one()
    fetcher = FakeFetcher({URL: [failure(503), KeyboardInterrupt(), a_page(TITLE)]})
    fetch(fetcher)
    make_due()
    # What a kill leaves: the claim in a dead process's hands.
    Claim.objects.update(owner="nobody", until=timezone.now() + timedelta(hours=1), heartbeat_at=timezone.now())
    fetcher.set(URL, a_page(TITLE))

    fetch(fetcher)

    assert StoryRaw.objects.get().raw_content_available


def test_a_run_takes_so_many_new_articles_of_a_source_and_the_next_run_the_rest_though_the_feed_is_unchanged() -> None:
    a_source()
    urls = [f"https://herald.example/{number}" for number in range(5)]
    feed = a_feed(*((url, f"Headline {url}", timezone.now() - timedelta(hours=n)) for n, url in enumerate(urls)))
    pages = {url: a_page(f"Headline {url}", paragraphs=[f"{p} {url}" for p in PARAGRAPHS]) for url in urls}
    fetcher = FakeFetcher({"https://herald.example/feed.xml": [ok(feed, etag='"1"'), not_modified()], **pages})

    first = ingest_all(fetcher, most=2)
    assert sorted(fetcher.pages_asked()) == urls[:2]
    second = ingest_all(fetcher, most=2)
    third = ingest_all(fetcher, most=2)
    fourth = ingest_all(fetcher, most=2)

    assert [run.total_ingested for run in (first, second, third, fourth)] == [2, 2, 1, 0]
    assert sorted(fetcher.pages_asked()) == urls
    assert not FeedEntry.objects.exists()


def test_a_limit_leaves_the_rest_in_the_inbox() -> None:
    for number in range(3):
        announce_one(f"{URL}/{number}", f"Headline {number}", published_at=NOON - timedelta(hours=number))
    fetcher = FakeFetcher({f"{URL}/{number}": a_page() for number in range(3)})

    fetch(fetcher, limit=1)

    assert fetcher.pages_asked() == [f"{URL}/0"]
    assert FeedEntry.objects.filter(state=EntryState.PENDING).count() == 2


@pytest.mark.parametrize("best_first", [True, False])
def test_of_one_article_in_two_feeds_the_better_sources_is_stored_and_the_other_counted(best_first: bool) -> None:
    best, other = a_source("best", priority=1), a_source("other", priority=2)
    for source in (best, other) if best_first else (other, best):
        announce_one(source=source)

    report = fetch(FakeFetcher({URL: a_page(TITLE)}))

    assert StoryRaw.objects.get().source == best
    assert report.counts["skipped_duplicate"] == 1


@pytest.mark.parametrize(("hours", "stored"), [(71, 1), (73, 2)])
def test_one_title_within_72_hours_is_one_article(hours: int, stored: int) -> None:
    announce_one("https://herald.example/a")
    announce_one("https://times.example/b", source=a_source("times"), published_at=NOON - timedelta(hours=hours))
    fetcher = FakeFetcher({"https://herald.example/a": a_page(TITLE), "https://times.example/b": a_page(TITLE)})

    fetch(fetcher)

    assert StoryRaw.objects.count() == len(fetcher.pages_asked()) == stored


def test_when_the_better_sources_page_cannot_be_had_the_others_is_fetched_by_the_next_run() -> None:
    best, other = a_source("best", priority=1), a_source("other", priority=2)
    announce_one("https://best.example/a", source=best)
    announce_one("https://other.example/b", source=other)
    fetcher = FakeFetcher({"https://best.example/a": failure(404), "https://other.example/b": a_page(TITLE)})

    fetch(fetcher)
    fetch(fetcher)

    assert fetcher.pages_asked() == ["https://best.example/a", "https://other.example/b"]
    assert not StoryRaw.objects.get(original_url="https://other.example/b").is_duplicate


def test_a_page_that_names_another_stored_address_as_its_own_is_a_duplicate() -> None:
    announce_one("https://herald.example/a", "One headline", published_at=NOON - HOUR)
    fetch(FakeFetcher({"https://herald.example/a": a_page("One headline", paragraphs=OTHER_PARAGRAPHS)}))
    announce_one("https://herald.example/b", "Another headline")

    fetch(FakeFetcher({"https://herald.example/b": a_page(canonical="https://herald.example/a")}))

    first, second = StoryRaw.objects.order_by("original_url")
    assert (second.is_duplicate, second.duplicate_of) == (True, first)
    assert second.raw_content_available


def test_a_page_whose_address_a_stored_one_named_as_its_own_is_a_duplicate() -> None:
    announce_one("https://herald.example/b", "Another headline", published_at=NOON - HOUR)
    fetch(FakeFetcher({"https://herald.example/b": a_page(canonical="https://herald.example/a")}))
    announce_one("https://herald.example/a", "One headline")

    fetch(FakeFetcher({"https://herald.example/a": a_page("One headline", paragraphs=OTHER_PARAGRAPHS)}))

    assert StoryRaw.objects.get(original_url="https://herald.example/a").is_duplicate


def test_an_article_that_another_process_stored_meanwhile_is_not_fetched_again() -> None:
    announce_one()
    fetcher = FakeFetcher({URL: a_page(TITLE)})
    late = ArticlesStage(fetcher, max_items_per_source=25)
    item = next(late.pending())
    assert late.is_pending(item)

    fetch(fetcher)

    assert not late.is_pending(item)


def test_a_date_in_the_future_becomes_the_time_of_arrival() -> None:
    announce_one(published_at=timezone.now() + timedelta(days=300))

    fetch(FakeFetcher({URL: a_page(TITLE)}))

    assert StoryRaw.objects.get().published_at <= timezone.now()


@pytest.mark.parametrize(
    ("paragraphs", "reason"),
    [
        (PARAGRAPHS[:1], "too_short"),
        ((*PARAGRAPHS, "To continue reading this article, subscribe now."), "paywall_notice"),
        ((*PARAGRAPHS, "The council will meet again on …"), "ends_midway"),
        (PARAGRAPHS, ""),
    ],
)
def test_an_article_that_is_cut_off_is_stored_with_the_reason(paragraphs: Sequence[str], reason: str) -> None:
    announce_one()

    fetch(FakeFetcher({URL: a_page(TITLE, paragraphs=paragraphs)}))

    story = StoryRaw.objects.get()
    assert (story.body_is_truncated, story.body_truncation_reason) == (bool(reason), reason)
    assert story.raw_content_available
    assert StoryBody.objects.get().is_truncated == bool(reason)
    # Only a whole text is compared with others.
    assert bool(StoryBody.objects.get().signature) == (not reason)


def test_the_title_of_an_article_that_is_cut_off_keeps_nobody_out() -> None:
    best, other = a_source("best", priority=1), a_source("other", priority=2)
    announce_one("https://best.example/a", source=best)
    fetch(FakeFetcher({"https://best.example/a": a_page(TITLE, paragraphs=PARAGRAPHS[:1])}))
    announce_one("https://other.example/b", source=other)

    fetch(FakeFetcher({"https://other.example/b": a_page(TITLE)}))

    whole = StoryRaw.objects.get(source=other)
    assert not whole.is_duplicate
    assert StoryRaw.objects.get(source=best).duplicate_of == whole


def test_an_article_too_short_or_in_another_language_is_stored_as_what_it_is() -> None:
    announce_one("https://herald.example/short", "Short")
    announce_one("https://herald.example/de", "Deutsch")
    german = [
        "Der Stadtrat hat am Dienstagabend beschlossen, die alte Brücke über den Fluss nach zwei Jahren zu sanieren.",
        "Bei einer Prüfung im vergangenen Herbst waren Risse in drei Pfeilern gefunden worden, heißt es im Bericht.",
        "Die Arbeiten beginnen im Mai und sollen im Herbst enden. Der Verkehr wird über die Nordbrücke geleitet.",
        "Die Sanierung kostet vier Millionen Euro, die Hälfte davon zahlt das Land. Zwei Mitglieder stimmten dagegen.",
        "Die Anwohner hatten einen Fußweg entlang der Gleise verlangt, darüber will der Rat im nächsten Jahr reden.",
    ]

    fetch(
        FakeFetcher(
            {
                "https://herald.example/short": a_page("Short", paragraphs=PARAGRAPHS[:1]),
                "https://herald.example/de": a_page("Deutsch", paragraphs=german),
            }
        )
    )

    assert StoryRaw.objects.get(original_title="Short").body_is_truncated
    assert StoryRaw.objects.get(original_title="Deutsch").language == "de"


def test_a_bug_of_ours_keeps_the_story_and_its_reason() -> None:
    announce_one()

    report = fetch(FakeFetcher({URL: KeyError("odd")}))

    assert (report.counts["bug"], report.status) == (1, "partial")
    assert StoryRaw.objects.get().body_failure_reason == "KeyError: 'odd'"


def test_the_report_of_an_ingestion_has_each_sources_share() -> None:
    a_source("herald")
    a_source("times")
    feed = a_feed((URL, TITLE, NOON), ("https://herald.example/gone", "Gone", NOON))
    fetcher = FakeFetcher(
        {
            "https://herald.example/feed.xml": feed,
            "https://times.example/feed.xml": failure(500),
            URL: a_page(TITLE),
        }
    )

    result = ingest_all(fetcher)

    assert (result.total_ingested, result.total_body_downloaded, result.total_body_failed) == (2, 1, 1)
    assert result.sources_processed == 2
    herald, times = result.source_results
    assert (herald.source_slug, herald.ingested, herald.body_downloaded, herald.body_failed) == ("herald", 2, 1, 1)
    assert (times.source_slug, times.ingested, len(times.errors)) == ("times", 0, 1)
    assert times.errors[0].startswith("http_500")


class Closing(FakeFetcher):
    """Notes that it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


def test_an_ingestion_closes_the_fetcher_it_made_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    own, lent = Closing(), Closing()
    monkeypatch.setattr("ingestion.services.default_fetcher", lambda: own)

    ingest_all(lent)
    assert (own.closed, lent.closed) == (False, False)
    ingest(trace_id="t", options=RunOptions())
    assert own.closed


def test_a_check_of_sources_closes_the_fetcher_it_made_also_when_left_early(monkeypatch: pytest.MonkeyPatch) -> None:
    a_source("herald")
    a_source("times")
    own = Closing({f"https://{slug}.example/feed.xml": failure(500) for slug in ("herald", "times")})
    monkeypatch.setattr("ingestion.services.default_fetcher", lambda: own)

    checks = check_sources()
    next(checks)
    assert not own.closed
    checks.close()
    assert own.closed


def test_a_worker_that_comes_late_overwrites_no_body() -> None:
    """It hung past its deadline, its article was tried again, the page has changed since: the stored text stays."""
    announce_one()
    now = [0.0]

    class Hanging(FakeFetcher):
        def fetch(self, url: str, **named: Any) -> Fetched:
            fetch(FakeFetcher({URL: a_page(TITLE)}), force=True)
            now[0] += ArticlesStage.deadline_seconds
            return super().fetch(url, **named)

    hanging = Hanging({URL: a_page(TITLE, paragraphs=OTHER_PARAGRAPHS)})
    stage = ArticlesStage(hanging, max_items_per_source=25, clock=lambda: now[0])
    (item,) = stage.pending()

    with pytest.raises(RetryLater, match="deadline"):
        stage.compute(item)

    story = StoryRaw.objects.get()
    assert PARAGRAPHS[0] in get_body(story.raw_content_uri, story.raw_content_hash)


def test_a_dry_run_fetches_no_page() -> None:
    announce_one()
    fetcher = FakeFetcher()

    report = fetch(fetcher, dry_run=True)

    assert report.planned == [f"would fetch {URL} (Herald)"]
    assert (fetcher.asked, StoryRaw.objects.count()) == ([], 0)
