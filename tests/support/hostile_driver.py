"""Ingest the sources that standard input names, in this process alone, and report what came of it, as JSON.

Usage: python -m tests.support.hostile_driver FETCH_TIMEOUT_SECONDS < SOURCES.json
Works in the database and data folder that the environment names.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ntrl.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402

from ingestion.connections import resolve_host  # noqa: E402
from ingestion.fetching import GuardedFetcher  # noqa: E402
from ingestion.models import FeedEntry, Source, StoryRaw  # noqa: E402
from ingestion.politeness import PoliteFetcher  # noqa: E402
from ingestion.services import ingest  # noqa: E402
from ntrl.stages.models import Claim, FailureKind  # noqa: E402
from ntrl.stages.records import new_trace_id  # noqa: E402
from ntrl.stages.runner import RunOptions  # noqa: E402
from tests.support.hostile_site import INSIDE  # noqa: E402


def main(timeout_seconds: float, sources: dict[str, str]) -> dict[str, Any]:
    """Ingest once."""
    call_command("migrate", verbosity=0)
    for slug, url in sources.items():
        Source.objects.create(name=slug, slug=slug, rss_url=url, home_country="us")
    guarded = GuardedFetcher(
        allow_networks=settings.NTRL_FETCH_ALLOW_NETWORKS,
        user_agent="NTRL/test",
        timeout_seconds=timeout_seconds,
        resolve=_resolve,
    )
    fetcher = PoliteFetcher(guarded, product="NTRL", per_host=2, pause_seconds=0.1)
    before_mb, started = peak_mb(), time.monotonic()
    result = ingest(trace_id=new_trace_id(), options=RunOptions(workers=5), fetcher=fetcher)
    return {
        "seconds": time.monotonic() - started,
        "peak_mb": peak_mb(),
        "peak_before_mb": before_mb,
        "stages": {report.stage: [report.status, report.stopped, report.error] for report in result.reports},
        "bugs": list(Claim.objects.filter(failure_kind=FailureKind.BUG).values_list("item_key", "reason")),
        "sources": {
            source.slug: [source.consecutive_failures, source.health_reason] for source in Source.objects.all()
        },
        "entries": FeedEntry.objects.count(),
        "stories": {
            _path(story.original_url): [story.raw_content_available, story.body_failure_reason, story.is_duplicate]
            for story in StoryRaw.objects.all()
        },
        "titles": list(StoryRaw.objects.values_list("original_title", flat=True)),
    }


def peak_mb() -> float:
    """The most memory this process has held at once, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage counts what the parent held before this program began
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1_000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1_000_000 if sys.platform == "darwin" else 1_000)


def _resolve(host: str, port: int) -> Sequence[str]:
    if host == INSIDE:
        return ["10.0.0.1"]
    return resolve_host(host, port)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path if parts.hostname == "127.0.0.1" else f"//{parts.hostname}{parts.path}"


if __name__ == "__main__":
    print(json.dumps(main(float(sys.argv[1]), json.load(sys.stdin))))  # noqa: T201
