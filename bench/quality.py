"""Story identity without a model: BCubed F1 and precision, adjusted Rand index, beside a baseline in the same run.

    python -m bench.quality narratives [--data FOLDER] [--json]

Data: `events/allsides_dev.jsonl` (articles) and `events/uci_dev.jsonl` (headlines) in the folder of development data:
id, event, title, text, date. The articles go through detection as it runs, day by day in order of time, in a database
in memory. The baseline is a TF-IDF single pass: each article joins the nearest cluster (cosine to its centre, document
frequencies of the whole set) of which an article is at most a day old, or opens one.
"""

import argparse
import json
import math
import os
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
SETS = {"allsides": "allsides_dev.jsonl", "uci": "uci_dev.jsonl"}
# Where the baseline's F1 on the articles is best, of .06 to .50; the day is its window.
BASELINE_LIKENESS = 0.08
BASELINE_WINDOW = timedelta(days=1)
_WORD = re.compile(r"[^\W\d_]{2,}")

Row = dict[str, Any]
Labels = Sequence[Hashable]


def read_rows(file: Path) -> list[Row]:
    """Read a set in order of time; what has one date stays in the set's own order, told apart by microseconds."""
    rows: list[Row] = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        stamp = str(row["date"])
        row["at"] = (
            datetime.fromtimestamp(int(stamp) / 1000, UTC)
            if stamp.isdigit()
            else datetime.fromisoformat(stamp).replace(tzinfo=UTC)
        )
    rows.sort(key=lambda row: row["at"])
    for number, row in enumerate(rows):
        row["at"] += timedelta(microseconds=number)
    return rows


def by_detection(rows: Sequence[Row]) -> list[Hashable]:
    """The narrative of each row, as detection makes them; a row that could not be read stands alone."""
    from ingestion.models import Source, StoryRaw
    from narratives.models import NarrativeMembership
    from narratives.services.detection import detect_narratives
    from ntrl.stages.records import new_trace_id
    from ntrl.stages.runner import RunOptions

    StoryRaw.objects.all().delete()
    source, _ = Source.objects.get_or_create(slug="bench", name="Bench", rss_url="https://bench.example/feed")
    ids = []
    for _, of_day in groupby(rows, key=lambda row: row["at"].date()):
        ids += [_stored(row, source) for row in of_day]
        detect_narratives(trace_id=new_trace_id(), options=RunOptions(workers=1))
    found = dict(NarrativeMembership.objects.values_list("story_id", "narrative_id"))
    return [found.get(story_id, story_id) for story_id in ids]


def _stored(row: Row, source: Any) -> Any:
    from ingestion.models import StoryRaw
    from ingestion.titles import title_hash
    from ingestion.urls import story_id, url_hash
    from ntrl.bodies import put_body

    address = f"https://bench.example/{row['id']}"
    key = url_hash(address)
    stored = put_body(story_id(key), 1, row["text"] or row["title"])
    return StoryRaw.objects.create(
        id=story_id(key),
        source=source,
        original_url=address,
        original_title=row["title"],
        url_hash=key,
        title_hash=title_hash(row["title"]),
        published_at=row["at"],
        ingested_at=row["at"],
        raw_content_uri=stored.key,
        raw_content_hash=stored.content_hash,
        raw_content_available=True,
        body_version=1,
        language="en",
    ).pk


def by_tfidf(rows: Sequence[Row]) -> list[Hashable]:
    """The baseline."""
    clusters: list[tuple[Counter[str], datetime]] = []
    chosen: list[Hashable] = []
    for row, vector in zip(rows, _vectors(rows), strict=True):
        scores = [
            (_cosine(vector, centre), -number)
            for number, (centre, last) in enumerate(clusters)
            if row["at"] - last <= BASELINE_WINDOW
        ]
        score, number = max(scores, default=(0.0, 0))
        if score >= BASELINE_LIKENESS:
            centre = clusters[-number][0]
            centre.update(vector)
            clusters[-number] = (centre, row["at"])
        else:
            clusters.append((Counter(vector), row["at"]))
            number = 1 - len(clusters)
        chosen.append(-number)
    return chosen


def _vectors(rows: Sequence[Row]) -> Iterator[dict[str, float]]:
    counts = [Counter(_WORD.findall(f"{row['title']} {row['text']}".lower())) for row in rows]
    stories = Counter(word for each in counts for word in each)
    for each in counts:
        weights = {word: (1 + math.log(n)) * math.log(len(rows) / stories[word]) for word, n in each.items()}
        length = math.hypot(*weights.values()) or 1.0
        yield {word: weight / length for word, weight in weights.items()}


def _cosine(vector: dict[str, float], centre: Counter[str]) -> float:
    shared = sum(weight * centre[word] for word, weight in vector.items() if word in centre)
    return shared / (math.hypot(*centre.values()) or 1.0)


def measures(gold: Labels, found: Labels) -> dict[str, float]:
    """BCubed precision, recall and F1, and the adjusted Rand index."""
    both, of_gold, of_found = Counter(zip(gold, found, strict=True)), Counter(gold), Counter(found)
    precision = sum(n * n / of_found[pair[1]] for pair, n in both.items()) / len(gold)
    recall = sum(n * n / of_gold[pair[0]] for pair, n in both.items()) / len(gold)
    together, in_gold, in_found = (_pairs(each.values()) for each in (both, of_gold, of_found))
    expected = in_gold * in_found / _pairs([len(gold)])
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall),
        "ari": (together - expected) / ((in_gold + in_found) / 2 - expected),
        "clusters": len(of_found),
    }


def _pairs(sizes: Iterable[int]) -> float:
    return sum(size * (size - 1) / 2 for size in sizes)


def narratives(data: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Measure both on both sets."""
    report: dict[str, dict[str, dict[str, float]]] = defaultdict(dict)
    for name, file in SETS.items():
        rows = read_rows(data / "events" / file)
        gold = [row["event"] for row in rows]
        report[name]["detection"] = measures(gold, by_detection(rows))
        report[name]["tf-idf"] = measures(gold, by_tfidf(rows))
    return report


def main() -> int:
    """Run it and print what both reach."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["narratives"], help="what is measured")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of development data")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    if not (options.data / "events").is_dir():
        print(f"no events in {options.data}: nothing to measure", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="ntrl-bench-") as folder:
        os.environ.update(
            DATABASE_URL="sqlite://:memory:", NTRL_DATA_DIR=folder, DJANGO_SETTINGS_MODULE="ntrl.settings"
        )
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        report = narratives(options.data)
    if options.json:
        print(json.dumps(report, indent=2))
        return 0
    for name, systems in report.items():
        for system, figures in systems.items():
            print(f"{name:9} {system:10}" + "".join(f" {key} {value:.3f}" for key, value in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
