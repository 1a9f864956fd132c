"""Feeds over real HTTP on loopback, through the guarded fetcher: validators, moves, what is gone, what asks to wait."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from django.utils import timezone

from ingestion.feed_stage import FeedsStage
from ingestion.fetching import GuardedFetcher
from ingestion.health import FIRST_WAIT
from ingestion.models import FeedEntry, Source
from tests.support.factories import a_source
from tests.support.feed_server import FeedServer, Page
from tests.support.fetching import a_feed
from tests.support.stages import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        running.pages["/feed"] = Page(a_feed((f"{running.url}/a", "A", None)), headers={"ETag": '"one"'})
        a_source(rss_url=f"{running.url}/feed")
        yield running


@pytest.fixture(scope="module")
def fetcher() -> Iterator[GuardedFetcher]:
    guarded = GuardedFetcher(allow_networks=[ip_network("127.0.0.0/8")], user_agent="NTRL/test", timeout_seconds=10)
    yield guarded
    guarded.close()


def read(fetcher: GuardedFetcher) -> Source:
    Source.objects.update(next_attempt_at=None)
    run(FeedsStage(fetcher))
    return Source.objects.get()


def test_an_unchanged_feed_is_a_304_until_it_changes(server: FeedServer, fetcher: GuardedFetcher) -> None:
    assert read(fetcher).etag == '"one"'
    assert read(fetcher).etag == '"one"'
    server.pages["/feed"] = Page(a_feed((f"{server.url}/b", "B", None)), headers={"ETag": '"two"'})
    source = read(fetcher)

    assert [validator for _, validator in server.asked] == ["", '"one"', '"one"']
    assert (source.etag, source.health_reason, source.consecutive_failures) == ('"two"', "", 0)
    assert FeedEntry.objects.count() == 2


@pytest.mark.parametrize("status", [301, 308])
def test_a_moved_feed_is_asked_at_its_new_address_from_then_on(
    server: FeedServer, fetcher: GuardedFetcher, status: int
) -> None:
    server.pages["/old"] = Page(status=status, headers={"Location": "/feed"})
    Source.objects.update(rss_url=f"{server.url}/old")

    source = read(fetcher)
    assert (source.rss_url, source.etag) == (f"{server.url}/feed", '"one"')
    assert source.health_reason == f"the feed has moved for good; its address was {server.url}/old until now"
    read(fetcher)

    assert [path for path, _ in server.asked] == ["/old", "/feed", "/feed"]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_detour_is_followed_and_forgotten(server: FeedServer, fetcher: GuardedFetcher, status: int) -> None:
    server.pages["/old"] = Page(status=status, headers={"Location": "/feed"})
    Source.objects.update(rss_url=f"{server.url}/old")

    assert read(fetcher).rss_url == f"{server.url}/old"
    assert FeedEntry.objects.count() == 1


def test_a_feed_that_moved_to_nothing_keeps_its_address(server: FeedServer, fetcher: GuardedFetcher) -> None:
    server.pages["/feed"] = Page(status=301, headers={"Location": "/nothing"})

    source = read(fetcher)

    assert (source.rss_url, source.consecutive_failures) == (f"{server.url}/feed", 1)
    assert source.health_reason.startswith("The server said 404 (not found)")


def test_a_feed_that_is_gone_is_not_asked_again(server: FeedServer, fetcher: GuardedFetcher) -> None:
    server.pages["/feed"] = Page("Closed.", status=410)

    source = read(fetcher)
    read(fetcher)

    assert not source.is_active
    assert "closed for good" in source.health_reason
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_a_server_that_asks_to_wait_is_left_alone_for_so_long(
    server: FeedServer, fetcher: GuardedFetcher, status: int
) -> None:
    server.pages["/feed"] = Page(status=status, headers={"Retry-After": "7200"})

    source = read(fetcher)

    assert source.next_attempt_at is not None
    assert source.last_attempt_at is not None
    assert source.next_attempt_at - source.last_attempt_at == timedelta(hours=2)
    run(FeedsStage(fetcher))
    assert len(server.asked) == 1
    run(FeedsStage(fetcher, source_slugs=["herald"]))
    assert len(server.asked) == 2


def test_a_date_to_wait_for_is_waited_for(server: FeedServer, fetcher: GuardedFetcher) -> None:
    date = (datetime.now(UTC) + timedelta(hours=6)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.pages["/feed"] = Page(status=503, headers={"Retry-After": date})

    source = read(fetcher)

    assert source.next_attempt_at is not None
    assert timedelta(hours=5) < source.next_attempt_at - timezone.now() <= timedelta(hours=6)


def test_a_server_that_is_down_and_comes_back(server: FeedServer, fetcher: GuardedFetcher) -> None:
    Source.objects.update(rss_url="http://127.0.0.1:9/feed")
    source = read(fetcher)
    assert source.health_reason.startswith("The server could not be reached")
    assert source.next_attempt_at is not None
    assert source.next_attempt_at - timezone.now() <= FIRST_WAIT

    Source.objects.update(rss_url=f"{server.url}/feed")
    source = read(fetcher)

    assert (source.consecutive_failures, source.health_reason) == (0, "")


def test_a_redirect_into_a_private_network_is_a_readable_failure(server: FeedServer, fetcher: GuardedFetcher) -> None:
    server.pages["/feed"] = Page(status=301, headers={"Location": "http://169.254.169.254/latest/"})

    source = read(fetcher)

    assert source.rss_url == f"{server.url}/feed"
    assert source.health_reason.startswith("The address leads into a network that is not public")
