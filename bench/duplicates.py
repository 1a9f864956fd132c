"""Measure the search for a story's duplicates among many stories, beside the same search in an empty table, in one run.

Usage: python bench/duplicates.py [--stories 100000] [--json]

Starts a PostgreSQL server of its own (PG_BIN names its binaries), fills it with synthetic stories, one in a hundred a
near duplicate of the one before, and times for a newly stored story, of a text that stands alone and of one that has a
twin: the lookup (`twins.twins_of`), and all of the settling (`twins.settle`: lock, lookup, choice of the original,
writes). The goal: a fixed number of queries, and a lookup in under 5 ms.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.postgres import running_server

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOAL_MS = 5.0
# 100,000 stories in four weeks: four times what the window of 14 days holds of an ordinary installation.
SPREAD = timedelta(days=28)
ONE_TWIN_IN = 100
WORDS_OF_A_TEXT = 250
ROUNDS = 200
BATCH = 1_000
SOURCE_ID = UUID(int=1)
VOCABULARY = [f"w{number}" for number in range(5_000)]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--stories", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    with running_server() as url:
        os.environ.update(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="ntrl.settings")
        import django

        django.setup()
        report = measure(options.stories)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        show(report)
    return 0 if all(report["full"][name]["median_ms"] < GOAL_MS for name in report["full"] if "lookup" in name) else 1


def measure(stories: int) -> dict[str, Any]:
    """Time an empty table, fill it, time it again."""
    from django.core.management import call_command
    from django.db import connection

    from ingestion.models import Source

    call_command("migrate", verbosity=0)
    Source.objects.create(id=SOURCE_ID, slug="bench", name="Bench", rss_url="https://bench.example/feed")
    chance = random.Random(7)
    empty = timed(chance)
    began = time.perf_counter()
    fill(stories, chance)
    filled_s = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the server does by itself after so many inserts
        cursor.execute(
            "SELECT count(*), pg_size_pretty(pg_total_relation_size('ingestion_bodyband')) FROM ingestion_bodyband"
        )
        bands, size = cursor.fetchone()
    return {
        "stories": stories,
        "bands": bands,
        "bands_size": size,
        "filled_s": filled_s,
        "empty": empty,
        "full": timed(chance),
    }


def timed(chance: random.Random) -> dict[str, dict[str, float]]:
    """Store stories one by one, and time the lookup and the settling of each; nothing is kept."""
    from ingestion import twins

    works = {"lookup": twins.twins_of, "settle": twins.settle}
    return {
        f"{work}, {'with a twin' if has_twin else 'alone'}": _timed(works[work], has_twin, chance)
        for work in works
        for has_twin in (False, True)
    }


def _timed(work: Callable[[Any], Any], has_twin: bool, chance: random.Random) -> dict[str, float]:
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    times: list[float] = []
    queries: set[int] = set()
    for number in range(ROUNDS):
        with transaction.atomic():
            words = a_text(chance)
            if has_twin:
                _store(f"timed-twin-{number}", words, NOW)
            story = _store(f"timed-{number}", _edited(words, chance), NOW)
            if number % 20 == 0:
                with CaptureQueriesContext(connection) as captured:
                    found = work(story)
                queries.add(len(captured))
            else:
                began = time.perf_counter()
                found = work(story)
                times.append(1000 * (time.perf_counter() - began))
            assert bool(found) == has_twin, "the search found what is not there, or missed what is"
            transaction.set_rollback(True)
    times.sort()
    return {
        "median_ms": statistics.median(times),
        "p95_ms": times[int(0.95 * len(times))],
        "queries_least": min(queries),
        "queries_most": max(queries),
    }


def fill(stories: int, chance: random.Random) -> None:
    """Insert stories with their bodies and bands, in batches."""
    from ingestion.models import BodyBand, StoryBody, StoryRaw
    from ingestion.near_duplicates import band_keys

    for start in range(0, stories, BATCH):
        rows = list(_rows(start, min(start + BATCH, stories), chance))
        StoryRaw.objects.bulk_create(story for story, _ in rows)
        bodies = StoryBody.objects.bulk_create(body for _, body in rows)
        BodyBand.objects.bulk_create(
            (
                BodyBand(body=body, key=key, published_at=body.story.published_at)
                for body in bodies
                for key in band_keys(body.signature, "en")
            ),
            batch_size=5_000,
        )


def _rows(start: int, end: int, chance: random.Random) -> Iterator[tuple[Any, Any]]:
    words = a_text(chance)
    for number in range(start, end):
        words = _edited(words, chance) if number % ONE_TWIN_IN == 1 else a_text(chance)
        yield _made(f"filled-{number}", words, NOW - SPREAD * chance.random() + SPREAD / 2)


def _made(name: str, words: list[str], published_at: datetime) -> tuple[Any, Any]:
    from ingestion.models import StoryBody, StoryRaw
    from ingestion.near_duplicates import signature_of
    from ingestion.titles import title_hash
    from ingestion.urls import story_id, url_hash

    key, text = url_hash(f"https://bench.example/{name}"), " ".join(words)
    story = StoryRaw(
        id=story_id(key),
        source_id=SOURCE_ID,
        original_url=f"https://bench.example/{name}",
        original_title=name,
        url_hash=key,
        title_hash=title_hash(name),
        published_at=published_at,
        raw_content_uri=f"raw/{name}/body",
        raw_content_available=True,
        body_version=1,
        language="en",
    )
    body = StoryBody(
        story=story,
        version=1,
        uri=story.raw_content_uri,
        content_hash="0" * 64,
        length=len(text),
        extractor="bench",
        language="en",
        signature=signature_of(text),
    )
    return story, body


def _store(name: str, words: list[str], published_at: datetime) -> Any:
    from ingestion.models import BodyBand
    from ingestion.near_duplicates import band_keys

    story, body = _made(name, words, published_at)
    story.save()
    body.save()
    BodyBand.objects.bulk_create(
        BodyBand(body=body, key=key, published_at=published_at) for key in band_keys(body.signature, "en")
    )
    return story


def a_text(chance: random.Random) -> list[str]:
    """Words of a text like no other."""
    return chance.choices(VOCABULARY, k=WORDS_OF_A_TEXT)


def _edited(words: list[str], chance: random.Random) -> list[str]:
    """Another paper's edition: a few words in front, a twentieth cut off."""
    return [*chance.choices(VOCABULARY, k=4), *words[: len(words) * 19 // 20]]


def show(report: dict[str, Any]) -> None:
    """Print the report for people."""
    print(
        f"{report['stories']} stories, {report['bands']} bands ({report['bands_size']} with their indexes), "
        f"filled in {report['filled_s']:.0f} s; goal: under {GOAL_MS:.0f} ms"
    )
    for name, full in report["full"].items():
        empty = report["empty"][name]
        print(
            f"{name:20} empty table {empty['median_ms']:5.2f} ms   full {full['median_ms']:5.2f} ms "
            f"(95 %: {full['p95_ms']:.2f})   ratio {full['median_ms'] / empty['median_ms']:.2f}   "
            f"queries {empty['queries_most']} and {full['queries_most']}"
        )


if __name__ == "__main__":
    sys.exit(main())
