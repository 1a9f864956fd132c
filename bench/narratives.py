"""Putting one article into a narrative among many: 100,000 narratives against 1,000, in one run.

Usage: python bench/narratives.py [--narratives 100000] [--postgres] [--json]

Fills a SQLite file, or with --postgres a server of its own (PG_BIN names its binaries), with narratives of one story
each, and times for single articles all of their assignment (terms counted, both lookups, the choice, the writes,
derived values), half of them of a story that is there, half of a new one. Entities and words are as uneven as in news
(Zipf): every eighth narrative is of the first entity, and every article timed is of it or names it. The goal: at most
twice the processor time (with a server: the time), in as many queries. Then what a model is shown, and consolidation.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.postgres import running_server

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEW = 1_000
# SQLite works in this process: its processor time is the same on a busy machine. A server is waited for.
clock = time.perf_counter if "--postgres" in sys.argv else time.process_time
GOAL_RATIO = 2.0
ROUNDS = 200
BATCH = 1_000
TERMS_OF_STORY = 120
SOURCE_ID = UUID(int=1)
# As many as news has: a word of the middle stands in some stories of ten thousand.
WORDS = [f"w{number}" for number in range(60_000)]
ENTITIES = [f"Entity {number}" for number in range(5_000)]
EVENTS = [f"matter{number}" for number in range(3_000)]
# The n-th entity and the n-th word of an event come 1/n as often as the first.
OF_ENTITY = list(accumulate(1 / rank for rank in range(1, len(ENTITIES) + 1)))
OF_EVENT = list(accumulate(1 / rank for rank in range(1, len(EVENTS) + 1)))


def main() -> int:
    """Measure, print, and say whether the goal is met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--narratives", type=int, default=100_000)
    parser.add_argument("--postgres", action="store_true", help="on a server of its own, in place of a SQLite file")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    with running_server() if options.postgres else sqlite_file() as url:
        os.environ.update(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="ntrl.settings")
        import django

        django.setup()
        report = measure(options.narratives)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        show(report)
    return 0 if report["ratio"] <= GOAL_RATIO else 1


@contextmanager
def sqlite_file() -> Iterator[str]:
    """The address of a database that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ntrl-bench-") as folder:
        yield f"sqlite:///{folder}/bench.sqlite3"


def measure(narratives: int) -> dict[str, Any]:
    """Fill, time, fill, time."""
    from django.core.management import call_command

    from ingestion.models import Source

    call_command("migrate", verbosity=0)
    Source.objects.create(id=SOURCE_ID, slug="bench", name="Bench", rss_url="https://bench.example/feed")
    chance = random.Random(7)
    fill(0, FEW, chance)
    few = timed(FEW, chance)
    fill(FEW, narratives, chance)
    many = timed(narratives, chance)
    ratio = many["median_ms"] / few["median_ms"]
    return {
        "narratives": narratives,
        "of_one_entity": _of_one_entity(),
        "few": few,
        "many": many,
        "ratio": ratio,
        "shown_to_a_model_ms": shown_to_a_model(chance),
        "consolidation_s": consolidation(),
    }


def fill(start: int, end: int, chance: random.Random) -> None:
    """Insert narratives of one story each, as assignment leaves them."""
    from django.db import connection

    for first in range(start, end, BATCH):
        _fill_batch(range(first, min(first + BATCH, end)), chance)
    _count_terms()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the server does by itself after so many inserts


def _fill_batch(numbers: range, chance: random.Random) -> None:
    from ingestion.models import StoryRaw
    from narratives.models import Narrative, NarrativeMembership, StoryFingerprint, StoryTerm, narrative_id_for
    from narratives.rules_in_force import load_identity
    from narratives.services.assigning import TERMS_KEPT
    from narratives.services.keys import write_keys

    stories = [a_story(f"filled-{number}", NOW - timedelta(days=400) * chance.random()) for number in numbers]
    read = [a_fingerprint(story, chance, number) for number, story in zip(numbers, stories, strict=True)]
    for fingerprint in read:
        fingerprint.is_assigned = True
    founded = [
        Narrative(
            id=narrative_id_for(story.pk),
            nucleus_entity=fingerprint.nucleus_entity,
            narrative_focus=fingerprint.narrative_focus,
            first_detected_at=story.published_at,
            last_article_at=story.published_at,
            article_count=1,
        )
        for story, fingerprint in zip(stories, read, strict=True)
    ]
    StoryRaw.objects.bulk_create(stories)
    StoryFingerprint.objects.bulk_create(read)
    Narrative.objects.bulk_create(founded)
    write_keys(founded, load_identity())
    NarrativeMembership.objects.bulk_create(
        NarrativeMembership(story=story, narrative=narrative, reason="founded", published_at=story.published_at)
        for story, narrative in zip(stories, founded, strict=True)
    )
    StoryTerm.objects.bulk_create(
        (StoryTerm(term=term, story=each) for each in read for term in sorted(each.terms)[:TERMS_KEPT]),
        batch_size=10_000,
    )


def _count_terms() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM narratives_termcount")
        cursor.execute(
            "INSERT INTO narratives_termcount (term, stories)"
            " SELECT term, count(*) FROM narratives_storyterm GROUP BY 1"
            " UNION ALL SELECT '', count(*) FROM narratives_storyfingerprint"
        )


def timed(narratives: int, chance: random.Random) -> dict[str, float]:
    """Assign articles one by one; nothing is kept."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from narratives.rules_in_force import load_identity
    from narratives.services.assigning import assign_batch

    rules, times, queries = load_identity(), [], set()
    for number in range(ROUNDS):
        with transaction.atomic():
            story = a_story(f"timed-{narratives}-{number}", NOW)
            story.save()
            known = chance.randrange(narratives) if number % 2 else None
            a_fingerprint(story, chance, known if known is not None else narratives + number, named=ENTITIES[0]).save()
            if number % 20 < 2:
                with CaptureQueriesContext(connection) as captured:
                    done = assign_batch(rules, NOW)
                queries.add(len(captured))
            else:
                began = clock()
                done = assign_batch(rules, NOW)
                times.append(1000 * (clock() - began))
            assert known is None or not done.created, "it founded what is there"
            transaction.set_rollback(True)
    times.sort()
    return {
        "median_ms": statistics.median(times),
        "p95_ms": times[int(0.95 * len(times))],
        "queries_least": min(queries),
        "queries_most": max(queries),
    }


def shown_to_a_model(chance: random.Random) -> float:
    """How long it takes to find the narratives that go with an article on the first entity; the median, in ms."""
    from narratives.rules_in_force import load_identity
    from narratives.services.candidates import known_to

    rules, times = load_identity(), []
    for number in range(ROUNDS):
        story = a_story(f"shown-{number}", NOW)
        words = dict.fromkeys(chance.choices(EVENTS, cum_weights=OF_EVENT, k=6))
        story.original_title = f"{ENTITIES[0]} {' '.join(words)}"
        began = clock()
        known_to(story, rules)
        times.append(1000 * (clock() - began))
    return statistics.median(times)


def consolidation() -> dict[str, float]:
    """How long the first consolidation takes, which looks at all, and the next one, with nothing new; in seconds."""
    from narratives.services.consolidation import consolidate_narratives

    found = {}
    for name in ("first", "next"):
        began = clock()
        consolidate_narratives()
        found[name] = clock() - began
    return found


def a_story(name: str, at: datetime) -> Any:
    """A story that is not saved."""
    from ingestion.models import StoryRaw
    from ingestion.urls import story_id, url_hash

    key = url_hash(f"https://bench.example/{name}")
    return StoryRaw(
        id=story_id(key),
        source_id=SOURCE_ID,
        original_url=f"https://bench.example/{name}",
        original_title=name,
        url_hash=key,
        title_hash=key,
        published_at=at,
        language="en",
    )


def a_fingerprint(story: Any, chance: random.Random, number: int, *, named: str = "") -> Any:
    """The fingerprint of running story `number`, with words of its own article; `named` is among its actors."""
    from narratives.models import StoryFingerprint

    own = random.Random(number)
    (nucleus,) = own.choices(ENTITIES, cum_weights=OF_ENTITY)
    focus = " ".join(dict.fromkeys(own.choices(EVENTS, cum_weights=OF_EVENT, k=4)))
    focus = focus if " " in focus else f"{focus} decision"
    actors = [
        named or own.choices(ENTITIES, cum_weights=OF_ENTITY)[0],
        *own.choices(ENTITIES, cum_weights=OF_ENTITY, k=4),
    ]
    words = {chance.choice(WORDS): 1 for _ in range(TERMS_OF_STORY)}
    return StoryFingerprint(
        story=story,
        status="extracted",
        nucleus_entity=nucleus,
        narrative_focus=focus,
        top_actors=[name for name in dict.fromkeys(actors) if name != nucleus],
        key_actions=["voted", "said"],
        names=[nucleus],
        terms=words,
        timestamp=story.published_at,
        method="rules",
    )


def _of_one_entity() -> int:
    from narratives.models import Narrative

    return Narrative.objects.filter(nucleus_entity=ENTITIES[0]).count()


def show(report: dict[str, Any]) -> None:
    """Print the report for people."""
    for name in ("few", "many"):
        figures, count = report[name], FEW if name == "few" else report["narratives"]
        print(
            f"{count:7} narratives: {figures['median_ms']:6.2f} ms an article (95 %: {figures['p95_ms']:.2f}), "
            f"queries {figures['queries_least']} to {figures['queries_most']}"
        )
    print(f"ratio {report['ratio']:.2f}; goal: at most {GOAL_RATIO:.0f}; {report['of_one_entity']} are of one entity")
    print(f"shown to a model: {report['shown_to_a_model_ms']:.2f} ms an article on that entity")
    print(f"consolidation: {report['consolidation_s']['first']:.1f} s, again {report['consolidation_s']['next']:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
