"""Eighty real pages, served on loopback with feeds that list them, go through the whole pipeline."""

import gzip
import ipaddress
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from pytest_django.fixtures import Settings

from briefs.models import DailyBrief
from ingestion.models import Source, StoryRaw
from neutralization.models import StoryNeutralized
from ntrl.bodies import get_body
from ntrl.pipeline.models import Trigger
from ntrl.pipeline.services import PipelineOptions, run_pipeline
from ntrl.stages.models import Claim, FailureKind, RunStatus
from tests.support.pages import serving

FEEDS = 4
MIN_STORIES_WITH_BODY = 76
MIN_NEUTRALIZED_SHARE = 0.8
LONG_ENOUGH_CHARS = 500

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True), pytest.mark.any_database]


@pytest.mark.usefixtures("bodies")
def test_real_pages_become_a_brief(shared_data: Path, settings: Settings) -> None:
    settings.NTRL_FETCH_ALLOW_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    folder = shared_data / "extraction" / "benchmark"
    addresses = json.loads((folder / "ground-truth.json").read_text())
    pages = {
        f"/{path.name.removesuffix('.html.gz')}": (gzip.decompress(path.read_bytes()), "text/html; charset=utf-8")
        for path in sorted((folder / "html").glob("*.html.gz"))
    }
    with serving(pages) as base:
        for number, feed in enumerate(_feeds(base, list(pages), addresses)):
            pages[f"/feed{number}"] = (feed, "application/rss+xml")
            Source.objects.create(
                name=f"Feed {number}", slug=f"feed-{number}", rss_url=f"{base}/feed{number}", home_country="us"
            )
        result = run_pipeline(trigger=Trigger.MANUAL, options=PipelineOptions(neutralize_limit=100, classify_limit=100))

    assert result.summary.status == RunStatus.COMPLETED, result.summary.reason
    assert not Claim.objects.filter(failure_kind=FailureKind.BUG).exists()
    assert StoryRaw.objects.count() == len(addresses) == 80
    assert StoryRaw.objects.filter(raw_content_available=True).count() >= MIN_STORIES_WITH_BODY
    _check_neutralized()
    brief = DailyBrief.objects.get(is_current=True)
    assert brief.total_stories > 30


def _check_neutralized() -> None:
    """Of the long English bodies enough are neutralized, and each other story says why it is not."""
    english = StoryRaw.objects.filter(language="en", body_length__gte=LONG_ENOUGH_CHARS, is_duplicate=False)
    current = StoryNeutralized.objects.filter(story__in=english, is_current=True)
    reasons = Counter(
        StoryNeutralized.objects.filter(story__in=english, is_current=False).values_list("status", "failure_reason")
    )
    assert current.count() >= MIN_NEUTRALIZED_SHARE * english.count(), reasons
    for story in StoryRaw.objects.filter(is_duplicate=False):
        version = story.neutralizations.get()
        assert version.is_current or version.failure_reason
    for version in current.prefetch_related("spans"):
        body = get_body(version.story.raw_content_uri, version.story.raw_content_hash)
        assert all(body[span.start : span.end] == span.original_text for span in version.spans.all())
        assert not version.verdicts.filter(passed=False).exists()


def _feeds(base: str, paths: list[str], addresses: dict[str, dict[str, str]]) -> list[bytes]:
    """Split the pages over RSS feeds, one article every ten minutes back from now."""
    now = datetime.now(UTC)
    items: list[list[str]] = [[] for _ in range(FEEDS)]
    for place, path in enumerate(paths):
        title = addresses[path.removeprefix("/")]["url"].rstrip("/").rsplit("/", 1)[-1]
        date = format_datetime(now - timedelta(minutes=10 * (place + 1)), usegmt=True)
        items[place % FEEDS].append(
            f"<item><title>{escape(title)} {place}</title><link>{base}{path}</link><pubDate>{date}</pubDate></item>"
        )
    head = '<?xml version="1.0"?><rss version="2.0"><channel><title>Real pages</title>'
    return [f"{head}{''.join(part)}</channel></rss>".encode() for part in items]
