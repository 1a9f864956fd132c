"""Keyword classification: balanced accuracy beside a plain baseline in the same run, and its time.

    python -m bench.classify [--data FOLDER] [--json]

Data: `topics/news10_dev.jsonl` in the folder of development data: title, body, gold feed category, accepted ones.
The baseline counts every domain's keywords without weights, letter case or title, and knows no geography.
"""

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import mean, median
from time import perf_counter
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ntrl.settings")
import django

django.setup()

from classification import keywords as kw  # noqa: E402
from classification.mapping import feed_category  # noqa: E402
from classification.taxonomy import Domain, Geography  # noqa: E402
from ntrl.rules.loader import shipped_entries  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "classification" / "rules"
DATA = ROOT.parent / "shared" / "data"
# The length at which goals for speed are stated.
TIMED_CHARS = 4_800
TIMED_STORIES = 200
MEASURE_NOTE = "balanced accuracy: the mean over gold categories of the share filed under an accepted one"

Classifier = Callable[[str, str], str | None]


def by_keywords() -> Classifier:
    """The classifier as shipped, for a publisher in the United States."""
    keywords = kw.compile_keywords(shipped_entries(RULES / "keywords.toml"))
    gazetteer = kw.compile_gazetteer(shipped_entries(RULES / "gazetteer.toml"))

    def classify(title: str, body: str) -> str | None:
        result = kw.classify(title, body, source_country="us", keywords=keywords, gazetteer=gazetteer)
        return feed_category(result.domain, result.geography).value if result else None

    return classify


def by_plain_count() -> Classifier:
    """The baseline: the domain of which most keywords are in the text, each counted once."""
    entries = shipped_entries(RULES / "keywords.toml")
    words = {key: key.partition("/")[2].lower() for key in entries}

    def classify(title: str, body: str) -> str | None:
        text = " " + " ".join(re.findall(r"[^\W_]+", f"{title} {body[: kw.BODY_PREFIX_CHARS]}".lower())) + " "
        counts = Counter(key.partition("/")[0] for key, word in words.items() if f" {word} " in text)
        best = max(Domain, key=lambda domain: counts[domain.value])
        return feed_category(best, Geography.US).value if counts else None

    return classify


def balanced_accuracy(rows: Iterable[Mapping[str, Any]], classify: Classifier) -> dict[str, float]:
    """Return the share right of each gold category, and their mean under "balanced"."""
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for row in rows:
        total[row["gold"]] += 1
        right[row["gold"]] += classify(row["title"], row["body"]) in row["accept"]
    shares = {gold: right[gold] / total[gold] for gold in sorted(total)}
    return {"balanced": mean(shares.values()), **shares}


def milliseconds(rows: list[Mapping[str, Any]], classify: Classifier) -> float:
    """Return the median time of a story of `TIMED_CHARS`, made of the rows' own bodies."""
    text = "\n\n".join(row["body"] for row in rows)
    bodies = [text[start : start + TIMED_CHARS] for start in range(0, len(text) - TIMED_CHARS, TIMED_CHARS)]
    times = []
    for row, body in zip(rows, bodies[:TIMED_STORIES], strict=False):
        started = perf_counter()
        classify(row["title"], body)
        times.append((perf_counter() - started) * 1_000)
    return median(times)


def main() -> int:
    """Run both classifiers on the same rows and print what they reach."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of development data")
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    file = options.data / "topics" / "news10_dev.jsonl"
    if not file.is_file():
        print(f"no {file.name} in {options.data}: nothing to measure", file=sys.stderr)
        return 1
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    report = {
        name: {**balanced_accuracy(rows, classify), f"ms_per_{TIMED_CHARS}_chars": milliseconds(rows, classify)}
        for name, classify in (("keywords", by_keywords()), ("plain count", by_plain_count()))
    }
    if options.json:
        print(json.dumps(report, indent=2))
        return 0
    print(f"{len(rows)} stories; {MEASURE_NOTE}")
    for measure in report["keywords"]:
        print(f"{measure:20}" + "".join(f"{name:>14} {values[measure]:.3f}" for name, values in report.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
