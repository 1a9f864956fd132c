"""`ingest`, and what `run_pipeline`, `classify` and `neutralize` refuse: as a shell calls them."""

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from ipaddress import ip_network
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django.fixtures import Settings

from ingestion.models import StoryRaw
from ntrl.pipeline.models import PipelineRunSummary
from ntrl.stages.models import Claim
from tests.support.factories import NOON, a_source, a_story_without_body
from tests.support.feed_server import FeedServer, Page
from tests.support.fetching import a_feed, a_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


@pytest.fixture
def site(settings: Settings) -> Iterator[FeedServer]:
    """A publisher whose one article is gone."""
    settings.NTRL_FETCH_ALLOW_NETWORKS = [ip_network("127.0.0.0/8")]
    settings.NTRL_FETCH_PAUSE_SECONDS = 0
    with FeedServer() as running:
        running.pages["/feed"] = Page(a_feed((f"{running.url}/gone", "Headline", NOON)))
        a_source(rss_url=f"{running.url}/feed")
        yield running


def call(name: str, *args: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        call_command(name, *args, stdout=out)
    return out.getvalue()


def test_force_asks_again_for_a_text_in_quarantine(site: FeedServer) -> None:
    call("ingest")
    assert Claim.objects.get().failure_kind == "quarantine"
    site.pages["/gone"] = Page(a_page("Back again"))

    call("ingest")
    assert not StoryRaw.objects.get().raw_content_available
    call("ingest", "--force")

    assert StoryRaw.objects.get().raw_content_available
    assert not Claim.objects.exists()


def test_force_asks_once_for_what_has_just_failed(site: FeedServer) -> None:
    document = json.loads(call("ingest", "--force", "--json"))

    assert [stage["counts"]["total"] for stage in document["stages"]] == [1, 1]


def test_a_story_by_name_is_the_only_one_asked_for(site: FeedServer) -> None:
    call("ingest")
    first, other = StoryRaw.objects.get(), a_story_without_body(url=f"{site.url}/other")
    for path in ("/gone", "/other"):
        site.pages[path] = Page(a_page("Back again"))

    document = json.loads(call("ingest", "--force", "--story", str(first.id), "--json"))

    assert [stage["stage"] for stage in document["stages"]] == ["articles"]
    assert document["sources_processed"] == 0
    assert set(StoryRaw.objects.filter(raw_content_available=True)) == {first}
    assert "would fetch" in call("ingest", "--force", "--story", str(other.id), "--dry-run")


@pytest.mark.parametrize("command", ["ingest", "classify", "neutralize"])
def test_a_story_that_is_not_there_is_named(command: str) -> None:
    unknown = str(uuid4())

    with pytest.raises(CommandError, match=unknown):
        call(command, "--story", unknown)


def test_a_source_that_is_switched_off_is_refused() -> None:
    a_source()
    a_source("quiet", is_active=False)

    with pytest.raises(CommandError, match="Switched off: quiet"):
        call("ingest", "--source", "quiet")


@pytest.mark.parametrize("command", ["ingest", "run_pipeline"])
def test_without_any_source_the_cure_is_named(command: str) -> None:
    with pytest.raises(CommandError, match="load_sources --starter"):
        call(command)

    a_source(is_active=False)
    with pytest.raises(CommandError, match="Every source is switched off"):
        call(command)
    assert not PipelineRunSummary.objects.exists()


def test_when_no_feed_can_be_read_it_fails_and_says_why(site: FeedServer) -> None:
    del site.pages["/feed"]

    with pytest.raises(CommandError, match=r"No feed could be read\. herald: .*404") as caught:
        call("ingest")

    assert caught.value.returncode == 1


def test_when_some_feed_can_be_read_it_does_not_fail(site: FeedServer) -> None:
    a_source("closed", rss_url=f"{site.url}/closed")

    assert "closed: 0 stored" in call("ingest")


def test_sources_that_wait_are_named(site: FeedServer) -> None:
    site.pages.pop("/feed")
    with pytest.raises(CommandError, match="No feed could be read"):
        call("ingest")

    said = call("ingest")

    assert "herald waits: The server said 404 (not found); next try after" in said
