"""The backfill of foci over MongoDB: memory and speed at 100,000 documents, beside 1,000 and beside a bare loop.

Usage: python bench/backfill.py [--documents 100000] [--json]

A loopback server in a process of its own answers the driver (documents indexed by id, queries answered by mongomock).
The command runs in a process of its own, without a pause between batches and with foci by rules; so does the bare loop,
which makes the same calls: it reads a page behind the last id, finds each focus, and writes the page's foci at once.
Memory is a process's peak. The goals: at most 60 MB more for all documents than for 1,000, and at least 0.6 of the bare
loop's speed.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

FEW = 1_000
BATCH = 50
GOAL_MB, GOAL_SPEED = 60.0, 0.6
KB_PER_MB = 1024
INSERTED_AT_ONCE = 5_000
DATE = datetime(2026, 1, 5, tzinfo=UTC)


def main() -> int:
    """Play a part, or measure, print, and say whether the goals are met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--part", choices=["server", "command", "bare"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        import django

        django.setup()
        {"server": serve, "command": run_command, "bare": run_bare}[options.part](options.documents)
        return 0
    report = measure(options.documents)
    print(json.dumps(report, indent=2) if options.json else lines(report))
    return 0 if report["more_mb"] <= GOAL_MB and report["speed"] >= GOAL_SPEED else 1


def measure(documents: int) -> dict[str, Any]:
    """Each figure in fresh processes."""
    few, many, bare = (
        ended("command", FEW),
        ended("command", documents),
        ended("bare", documents),
    )
    return {
        "documents": documents,
        "few": few,
        "many": many,
        "bare": bare,
        "more_mb": many["peak_mb"] - few["peak_mb"],
        "speed": many["documents_per_second"] / bare["documents_per_second"],
    }


def ended(part: str, documents: int) -> dict[str, float]:
    """Let one part run to its end beside a server of its own; returns what it says."""
    with tempfile.TemporaryDirectory(prefix="ntrl-backfill-") as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder}/ntrl.sqlite3",
            "NTRL_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "ntrl.settings",
        }
        server = started("server", documents, environment)
        try:
            assert server.stdout is not None
            environment["MONGODB_URI"] = json.loads(server.stdout.readline())["uri"]
            said, _ = started(part, documents, environment).communicate()
        finally:
            server.kill()
            server.communicate()
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


def started(part: str, documents: int, environment: dict[str, str]) -> "subprocess.Popen[str]":
    """Start a part of this file."""
    return subprocess.Popen(
        [sys.executable, __file__, "--part", part, "--documents", str(documents)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def serve(documents: int) -> None:
    """Serve so many documents until killed."""
    from tests.support.backfilling import a_document
    from tests.support.mongo_server import MongoServer

    with MongoServer() as server:
        narratives = server.collection("backdrop", "narratives")
        for first in range(0, documents, INSERTED_AT_ONCE):
            last = min(first + INSERTED_AT_ONCE, documents)
            narratives.insert_many(a_document(number, first_detected_at=DATE) for number in range(first, last))
        print(json.dumps({"uri": server.uri}), flush=True)
        time.sleep(10**6)


def run_command(documents: int) -> None:
    """The command itself."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    began = time.monotonic()
    with Path(os.devnull).open("w") as nowhere:
        call_command("backfill_narrative_focus", "--by", "rules", "--pause", "0", "--json", stdout=nowhere)
    say(documents, time.monotonic() - began)


def run_bare(documents: int) -> None:
    """The same reads, foci and writes in a plain loop."""
    from django.core.management import call_command
    from pymongo import MongoClient, UpdateOne

    from narratives.extractor import focus_of_summary
    from narratives.rules_in_force import load_identity
    from narratives.stores.mongo import MISSING

    call_command("migrate", verbosity=0)
    identity = load_identity().identity
    narratives = MongoClient[dict[str, Any]](os.environ["MONGODB_URI"])["backdrop"]["narratives"]
    began = time.monotonic()
    behind: dict[str, Any] = {}
    while page := list(narratives.find({"$or": MISSING, **behind}, {"summary": 1}, sort=[("_id", 1)]).limit(BATCH)):
        updates = [
            UpdateOne(
                {"_id": each["_id"], "$or": MISSING},
                {"$set": {"narrative_focus": focus_of_summary(each["summary"], "", identity)}},
            )
            for each in page
        ]
        narratives.bulk_write(updates, ordered=False)
        behind = {"_id": {"$gt": page[-1]["_id"]}}
    say(documents, time.monotonic() - began)


def say(documents: int, seconds: float) -> None:
    """Print the figures of this process."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_PER_MB
    figures = {"seconds": seconds, "documents_per_second": documents / seconds, "peak_mb": peak}
    print(json.dumps({**figures, "cpu_seconds": time.process_time()}), flush=True)


def lines(report: dict[str, Any]) -> str:
    """The figures for people."""
    rows = [("the command, few", report["few"]), ("the command, all", report["many"]), ("a bare loop", report["bare"])]
    shown = [
        f"{name:18} {row['documents_per_second']:8.0f} documents/s {row['peak_mb']:7.1f} MB, "
        f"{row['cpu_seconds']:.1f} s of its own CPU"
        for name, row in rows
    ]
    return "\n".join(
        [
            f"{FEW:,} and {report['documents']:,} documents",
            *shown,
            f"more memory for all: {report['more_mb']:.1f} MB (goal {GOAL_MB:.0f}); "
            f"speed beside the bare loop: {report['speed']:.2f} (goal {GOAL_SPEED})",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
