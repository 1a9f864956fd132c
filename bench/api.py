"""Measure the brief over HTTP: `GET /v1/brief` beside a bare Django view of the same bytes, and under 200 clients.

Usage: python bench/api.py [--stories 250] [--clients 200] [--seconds 20] [--json]

Starts gunicorn as docs/operations.md does (two workers, threads), on a database of its own with one brief, limits off.
First one client asks the endpoint and a view that returns the same bytes from memory, in turns: the goal is at most
twice the bare view's time. Then so many clients ask the brief at once: no error, the 99th percentile within ten times
the median, and no growth of memory.
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

PAIRS = 400
WARM_UP = 40
GOAL_TIMES_BARE = 2.0
GOAL_P99_TIMES_MEDIAN = 10.0
# Python's own growth while caches and threads come up.
GOAL_GROWTH_MB = 10.0
SENTENCE = "The council said on Tuesday that the bridge over the river will be repaired before the autumn. "


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--stories", type=int, default=250)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ntrl-bench-") as folder:
        limits = dict.fromkeys(["NTRL_THROTTLE_CLIENT", "NTRL_THROTTLE_ADMIN", "NTRL_THROTTLE_TRIGGER"], "")
        os.environ.update(NTRL_DATA_DIR=folder, DATABASE_URL="", DJANGO_SETTINGS_MODULE="ntrl.settings", **limits)
        fill(options.stories)
        with served() as port:
            report = {"stories": options.stories, "alone": alone(port), "together": together(port, options)}
    print(json.dumps(report, indent=2) if options.json else told(report))
    return 0 if all(verdicts(report).values()) else 1


def fill(stories: int) -> None:
    """Make a database with one brief of so many stories of an ordinary length."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from briefs.services import assemble_brief
    from classification.taxonomy import FeedCategory
    from ntrl.stages.runner import RunOptions
    from tests.support.factories import a_source, a_story, a_version, file_under

    call_command("migrate", verbosity=0)
    source, now, categories = a_source(), timezone.now(), list(FeedCategory)
    for number in range(stories):
        story = a_story(source, published_at=now, ingested_at=now)
        file_under(story, categories[number % len(categories)])
        a_version(story, detail_brief=SENTENCE * 8, detail_full=SENTENCE * 50)
    assemble_brief(trace_id="bench", options=RunOptions(workers=1))


def alone(port: int) -> dict[str, Any]:
    """Time one client's requests, endpoint and bare view in turns."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    bodies, times = {}, {"/v1/brief": [], "/bare": []}
    for number in range(WARM_UP + PAIRS):
        for path, taken in times.items():
            began = time.perf_counter()
            connection.request("GET", path)
            bodies[path] = connection.getresponse().read()
            if number >= WARM_UP:
                taken.append(time.perf_counter() - began)
    assert bodies["/v1/brief"] == bodies["/bare"]
    brief, bare = (1000 * statistics.median(taken) for taken in times.values())
    return {"bytes": len(bodies["/bare"]), "brief_ms": brief, "bare_ms": bare, "times_bare": brief / bare}


def together(port: int, options: argparse.Namespace) -> dict[str, Any]:
    """Let many clients ask at once, each as soon as it has its answer; half of the time is warming up of memory."""
    ends_at = time.monotonic() + options.seconds
    times: list[float] = []
    errors: list[str] = []

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < ends_at:
            began = time.perf_counter()
            try:
                connection.request("GET", "/v1/brief")
                response = connection.getresponse()
                response.read()
                if response.status != 200:
                    errors.append(str(response.status))
            except (OSError, http.client.HTTPException) as error:
                errors.append(repr(error))
                connection.close()
            times.append(time.perf_counter() - began)

    threads = [threading.Thread(target=ask) for _ in range(options.clients)]
    for thread in threads:
        thread.start()
    time.sleep(options.seconds / 2)
    half_way = memory_mb()
    for thread in threads:
        thread.join()
    median, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    return {
        "clients": options.clients,
        "requests": len(times),
        "errors": len(errors),
        "first_errors": errors[:3],
        "median_ms": 1000 * median,
        "p99_ms": 1000 * p99,
        "p99_times_median": p99 / median,
        "memory_half_way_mb": half_way,
        "memory_growth_mb": memory_mb() - half_way,
    }


def memory_mb() -> float:
    """The server's resident memory, over all its processes."""
    import psutil

    children = psutil.Process().children(recursive=True)
    return sum(child.memory_info().rss for child in children) / 1e6


@contextmanager
def served() -> Iterator[int]:
    """Run the server; gives its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "bench.api:application()", "--bind", f"127.0.0.1:{port}"),
            *("--workers", "2", "--threads", "8", "--worker-class", "gthread"),
            *("--timeout", "120", "--log-level", "error"),
        ],
        cwd=ROOT,
    )
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


def application() -> Any:
    """The project, with the bare view beside it."""
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    made = get_wsgi_application()
    from briefs.documents import current_key, document
    from ntrl import urls

    key = current_key()
    assert key is not None
    kept = document(key.id)

    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse(kept, content_type="application/json")

    urls.urlpatterns.append(path("bare", bare))
    return made


def verdicts(report: dict[str, Any]) -> dict[str, bool]:
    """Which goals are reached."""
    load = report["together"]
    return {
        "times_bare": report["alone"]["times_bare"] <= GOAL_TIMES_BARE,
        "errors": load["errors"] == 0,
        "p99": load["p99_times_median"] <= GOAL_P99_TIMES_MEDIAN,
        "memory": load["memory_growth_mb"] <= GOAL_GROWTH_MB,
    }


def told(report: dict[str, Any]) -> str:
    """The figures in words."""
    one, load = report["alone"], report["together"]
    size = f"{report['stories']} stories, {one['bytes'] / 1e6:.2f} MB"
    return "\n".join(
        [
            f"{size}: brief {one['brief_ms']:.2f} ms, bare view {one['bare_ms']:.2f} ms",
            f"  {one['times_bare']:.2f} times (goal {GOAL_TIMES_BARE:g})",
            f"{load['clients']} clients: {load['requests']} requests, {load['errors']} errors {load['first_errors']}",
            f"  median {load['median_ms']:.0f} ms, 99th percentile {load['p99_ms']:.0f} ms:"
            f" {load['p99_times_median']:.1f} times (goal {GOAL_P99_TIMES_MEDIAN:g})",
            f"  memory {load['memory_half_way_mb']:.0f} MB half way, then {load['memory_growth_mb']:+.1f} MB"
            f" (goal {GOAL_GROWTH_MB:g})",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
