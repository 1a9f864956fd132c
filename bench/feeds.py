"""Measure our reader of feeds beside feedparser, on the 72 real feeds, in one run, and count where the two differ.

Usage: python bench/feeds.py [--data FOLDER] [--rounds 5] [--json]

Each feed is read by one and the other in turn, in every round; its time is the least of all rounds, in seconds of the
processor. The goals: all feeds together take at most 0.2 times feedparser's time, with the same entries, links, titles
and dates.
"""

import argparse
import io
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import feedparser

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ingestion.feeds import parse_feed
from tests.support.feeds import COMPARED, REFERENCE_IS_WRONG, differences, real_feeds, reference_of

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
URL = "https://feeds.example/news.xml"
GOAL_TIMES_FEEDPARSER = 0.2


def measure(feeds: Mapping[str, bytes], rounds: int) -> dict[str, Any]:
    """Read all feeds in all rounds."""
    ours: dict[str, float] = {}
    theirs: dict[str, float] = {}
    for _ in range(rounds):
        for name, body in feeds.items():
            ours[name] = min(ours.get(name, 9e9), _seconds(lambda body: parse_feed(body, url=URL), body))
            theirs[name] = min(theirs.get(name, 9e9), _seconds(lambda body: feedparser.parse(io.BytesIO(body)), body))
    found, wrong, entries = Counter[str](), Counter[str](), 0
    for name, body in feeds.items():
        reference = reference_of(body)
        entries += len(reference)
        excused = REFERENCE_IS_WRONG.get(name, Counter())
        found += differences(parse_feed(body, url=URL), reference) - excused
        wrong += excused
    return {
        "feeds": len(feeds),
        "entries": entries,
        "ours": _figures(ours),
        "feedparser": _figures(theirs),
        "times_feedparser": sum(ours.values()) / sum(theirs.values()),
        "slowest": {name: 1000 * ours[name] for name in sorted(ours, key=lambda name: -ours[name])[:5]},
        "differences": {what: found[what] for what in COMPARED},
        "feedparser_is_wrong": {what: wrong[what] for what in COMPARED},
    }


def _seconds(read: Callable[[bytes], object], body: bytes) -> float:
    began = time.process_time()
    read(body)
    return time.process_time() - began


def _figures(seconds: Mapping[str, float]) -> dict[str, float]:
    return {"total_ms": 1000 * sum(seconds.values()), "median_ms": 1000 * statistics.median(seconds.values())}


def show(report: dict[str, Any]) -> None:
    for name in ("ours", "feedparser"):
        print(f"{name:12}{report[name]['total_ms']:10.1f} ms in all{report[name]['median_ms']:10.2f} ms median")
    print(f"ours / feedparser: {report['times_feedparser']:.3f} (goal: {GOAL_TIMES_FEEDPARSER} at most)")
    print("slowest: " + ", ".join(f"{name} {ms:.1f} ms" for name, ms in report["slowest"].items()))
    for key, label in (("differences", "different"), ("feedparser_is_wrong", "besides, read wrongly by feedparser")):
        counts = ", ".join(f"{count} {what}" for what, count in report[key].items())
        print(f"{label}: {counts}; of {report['entries']} entries in {report['feeds']} feeds")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    if not (options.data / "feeds" / "files").is_dir():
        print(f"no feeds in {options.data}: nothing to measure", file=sys.stderr)
        return 1
    report = measure(real_feeds(options.data), options.rounds)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        show(report)
    return int(report["times_feedparser"] > GOAL_TIMES_FEEDPARSER or any(report["differences"].values()))


if __name__ == "__main__":
    sys.exit(main())
