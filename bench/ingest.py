"""Measure ingestion over loopback, beside the bare cost of extraction on the same pages, in one run.

Usage: python bench/ingest.py [--data FOLDER] [--database sqlite|postgres] [--rounds 5] [--json]

A server process of its own serves the 80 pages of `extraction/benchmark`, and feeds that list them. In each round,
processes that have loaded all they need do, one after another: extraction alone (decoding included); `ingest` with one
worker into an empty database; the same with two processes at once, which share the articles through claims. Ratios are
taken within a round, so that a busy machine slows both sides; shown are medians over rounds, of wall time and of the
processor's time in the measured processes (not the server's). The goals: `ingest` takes at most 1.5 times as long as
extraction; two processes reach at least 0.9 times the speed-up of two bare loops.
"""

import argparse
import contextlib
import gzip
import json
import logging
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.postgres import running_server

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
FEEDS = 8
GOAL_TIMES_EXTRACTION = 1.5
GOAL_OF_SPEED_UP = 0.9
SPAWN = multiprocessing.get_context("spawn")

Pages = Mapping[str, bytes]
Work = Callable[[], int]


# --- what the measured processes do: prepare, and return the work, which says how many articles it did


def bare(pages: Pages) -> Work:
    """Decode and extract every page."""
    from ingestion.errors import ExtractionError
    from ingestion.extraction import decode_page, extract

    def work() -> int:
        for path, body in pages.items():
            with contextlib.suppress(ExtractionError):
                extract(decode_page(body, "text/html; charset=utf-8"), url=f"http://127.0.0.1{path}")
        return len(pages)

    return work


def ingesting(base: str) -> Work:
    """Read the feeds at an address, fetch and store what they list."""
    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    from django.core.management import call_command

    from ingestion.models import Source
    from ingestion.services import ingest
    from ntrl.stages.records import new_trace_id
    from ntrl.stages.runner import RunOptions

    call_command("migrate", verbosity=0)
    for number in range(FEEDS):
        address = f"{base}/feed{number}"
        Source.objects.get_or_create(slug=f"feed-{number}", defaults={"name": f"Feed {number}", "rss_url": address})
    return lambda: ingest(trace_id=new_trace_id(), options=RunOptions(workers=1)).total_body_downloaded


def warm_up() -> None:
    """Load models and compile patterns: what a process does once is no cost of an article."""
    from ingestion.extraction import extract
    from ingestion.language import detect_language

    sentence = "The council voted on Tuesday evening to repair the old bridge over the river. "
    page = f"<html><body><article>{f'<p>{sentence * 3}</p>' * 5}</article></body></html>"
    detect_language(extract(page, url="http://127.0.0.1/story").text)


def measured(pipe: Connection, environment: dict[str, str], prepare: Callable[[Any], Work], argument: object) -> None:
    """Be a measured process: prepare, wait for the word, work, and say the processor's seconds and the articles."""
    os.environ.update(environment)
    work = prepare(argument)
    warm_up()
    pipe.send("ready")
    pipe.recv()
    began = time.process_time()
    articles = work()
    pipe.send((time.process_time() - began, articles))


# --- the server


def serve(pipe: Connection, pages: Pages) -> None:
    """Serve pages and feeds until stopped."""
    served: dict[str, bytes] = dict(pages)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else the kernel holds each body back for the headers' receipt

        def do_GET(self) -> None:
            body = served.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        base = f"http://127.0.0.1:{server.server_port}"
        served.update(feeds(base, list(pages)))
        pipe.send(base)
        server.serve_forever()


def feeds(base: str, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Spread the pages over feeds, one article every ten minutes back from now."""
    now = datetime.now(UTC)
    for number in range(FEEDS):
        items = "".join(
            f"<item><title>Story {at} of {path[1:9]}</title><link>{base}{path}</link><pubDate>"
            f"{format_datetime(now - timedelta(minutes=10 * (at + 1)), usegmt=True)}</pubDate></item>"
            for at, path in enumerate(paths)
            if at % FEEDS == number
        )
        yield f"/feed{number}", f"<rss version='2.0'><channel><title>Feed</title>{items}</channel></rss>".encode()


# --- the rounds


def together(
    processes: int, prepare: Callable[[Any], Work], argument: object, environment: dict[str, str], articles: int
) -> tuple[float, float]:
    """Let processes work side by side; returns the seconds until the last was done, and the processor's in all."""
    pipes = []
    for _ in range(processes):
        pipe, theirs = SPAWN.Pipe()
        SPAWN.Process(target=measured, args=(theirs, environment, prepare, argument), daemon=True).start()
        pipe.recv()  # one after another: they share a database, and the first one makes its tables
        pipes.append(pipe)
    began = time.perf_counter()
    for pipe in pipes:
        pipe.send("go")
    said = [pipe.recv() for pipe in pipes]
    seconds = time.perf_counter() - began
    if sum(done for _, done in said) != articles:
        raise SystemExit(f"not every article was done once: {said}")
    return seconds, sum(busy for busy, _ in said)


def one_round(pages: Pages, base: str, database: str | None, number: int) -> dict[str, tuple[float, float]]:
    """Run the four once; returns wall and processor's seconds by name."""
    taken = {}
    for processes in (1, 2):
        taken[f"bare {processes}"] = together(processes, bare, pages, {}, processes * len(pages))
        with own_database(database, f"round_{number}_{processes}") as environment:
            taken[f"ingest {processes}"] = together(processes, ingesting, base, environment, len(pages))
    return taken


@contextlib.contextmanager
def own_database(server: str | None, name: str) -> Iterator[dict[str, str]]:
    """Give the environment of an empty database: on the server, or a file."""
    environment = {"DJANGO_SETTINGS_MODULE": "ntrl.settings", "NTRL_FETCH_ALLOW_NETWORKS": "127.0.0.0/8"}
    if server is not None:
        import psycopg

        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
    url = f"{server.rpartition('/')[0]}/{name}" if server else ""
    with tempfile.TemporaryDirectory(prefix="ntrl-bench-") as data:
        yield {**environment, "NTRL_DATA_DIR": data, "NTRL_BODIES_BUCKET": "", "DATABASE_URL": url}


def measure(pages: Pages, rounds: int, database: str | None) -> dict[str, Any]:
    """Run all rounds."""
    pipe, theirs = SPAWN.Pipe()
    server = SPAWN.Process(target=serve, args=(theirs, pages), daemon=True)
    server.start()
    base = pipe.recv()
    taken = [one_round(pages, base, database, number) for number in range(rounds)]
    server.terminate()
    return {
        "pages": len(pages),
        "rounds": rounds,
        "processors": os.cpu_count(),
        "wall": figures([{name: wall for name, (wall, _) in one.items()} for one in taken], len(pages)),
        "processor": figures([{name: busy for name, (_, busy) in one.items()} for one in taken], len(pages)),
    }


def figures(taken: Sequence[dict[str, float]], pages: int) -> dict[str, float]:
    """Summarize one kind of seconds, over rounds."""
    median = statistics.median
    return {
        "bare_ms": median(1000 * one["bare 1"] / pages for one in taken),
        "ingest_ms": median(1000 * one["ingest 1"] / pages for one in taken),
        "two_bare_ms": median(500 * one["bare 2"] / pages for one in taken),
        "two_ingest_ms": median(1000 * one["ingest 2"] / pages for one in taken),
        "times_extraction": median(one["ingest 1"] / one["bare 1"] for one in taken),
        "speed_up_bare": median(2 * one["bare 1"] / one["bare 2"] for one in taken),
        "speed_up_ingest": median(one["ingest 1"] / one["ingest 2"] for one in taken),
        "of_speed_up": median(one["ingest 1"] / one["ingest 2"] / (2 * one["bare 1"] / one["bare 2"]) for one in taken),
    }


def show(report: dict[str, Any]) -> None:
    wall, busy = report["wall"], report["processor"]
    print(f"{report['pages']} pages, {report['processors']} processors, medians of {report['rounds']} rounds")
    print(f"{'':24}{'articles/s':>12}{'by two':>9}{'speed-up':>10}{'ms':>8}{'ms of processor':>17}{'by two':>8}")
    for name, label in (("bare", "extraction alone"), ("ingest", "ingest, 1 worker each")):
        print(
            f"{label:24}{1000 / wall[f'{name}_ms']:12.1f}{1000 / wall[f'two_{name}_ms']:9.1f}"
            f"{wall[f'speed_up_{name}']:10.2f}{wall[f'{name}_ms']:8.1f}{busy[f'{name}_ms']:17.1f}"
            f"{busy[f'two_{name}_ms']:8.1f}"
        )
    print(
        f"ingest / extraction: {wall['times_extraction']:.2f} times as long (goal: {GOAL_TIMES_EXTRACTION} at most), "
        f"{busy['times_extraction']:.2f} times the processor"
    )
    print(f"speed-up / bare speed-up: {wall['of_speed_up']:.2f} (goal: {GOAL_OF_SPEED_UP} at least)")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    folder = options.data / "extraction" / "benchmark" / "html"
    if not folder.is_dir():
        print(f"no {folder}: nothing to measure", file=sys.stderr)
        return 1
    pages = {f"/{path.stem}": gzip.decompress(path.read_bytes()) for path in sorted(folder.glob("*.html.gz"))}
    with running_server() if options.database == "postgres" else contextlib.nullcontext() as database:
        report = measure(pages, options.rounds, database)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        show(report)
    wall = report["wall"]
    return int(wall["times_extraction"] > GOAL_TIMES_EXTRACTION or wall["of_speed_up"] < GOAL_OF_SPEED_UP)


if __name__ == "__main__":
    sys.exit(main())
