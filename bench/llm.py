"""The stages that ask language models, against a loopback server with a set time per call, beside the ideal.

    python -m bench.llm classify [--stories N] [--workers N] [--call-seconds S] [--json]

The ideal is arithmetic (calls in a row, times their time); beside it stands what a bare loop of the same number of
calls takes at the same server in the same run. The server is a process of its own; database and bodies are new, and
thrown away.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

# Goals: what a stage may take, as a multiple of the ideal.
MOST_TIMES_IDEAL = 1.15
# What an average article has.
BODY_CHARS = 4_800
KEY = "sk-of-no-value"
WORDS = ["council", "bridge", "river", "report", "market", "storm", "vaccine", "court", "voted", "opened", "the", "in"]
FILED = {
    "domain": "infrastructure_systems",
    "confidence": 0.9,
    "tags": {
        "geography": "us",
        "geography_detail": "Springfield",
        "actors": ["Council", "Committee"],
        "action_type": "announcement",
        "topic_keywords": ["bridge", "repair", "council", "river"],
    },
}


@dataclass(frozen=True, slots=True)
class Setting:
    """How a measurement is set up. `calls_in_a_row` is how many calls of one item follow each other."""

    stories: int
    workers: int
    call_seconds: float

    def ideal_seconds(self, calls_in_a_row: int) -> float:
        """What the calls alone take when every worker is always busy."""
        return -(-self.stories // self.workers) * calls_in_a_row * self.call_seconds


@dataclass(frozen=True, slots=True)
class Figures:
    """What came out; seconds of wall time, and dollars at list prices for one story."""

    stage: str
    done: int
    seconds: float
    ideal_seconds: float
    bare_seconds: float
    cost_usd_per_story: Decimal

    @property
    def times_ideal(self) -> float:
        """The figure with a goal."""
        return self.seconds / self.ideal_seconds


def serve(pipe: Connection, call_seconds: float) -> None:
    """Be the server, until the pipe closes."""
    from tests.support.llm_server import LLMServer

    with LLMServer() as server:
        server.latency_seconds = call_seconds
        for operation in ("classify", "classify_simple"):
            server.reply(operation, json.dumps(FILED))
        pipe.send((server.openai_url, server.gemini_url))
        pipe.recv()


@contextmanager
def models(call_seconds: float) -> Iterator[str]:
    """A server in a process of its own; gives OpenAI's address and puts all addresses into the environment."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=serve, args=(theirs, call_seconds), daemon=True)
    process.start()
    openai_url, gemini_url = ours.recv()
    os.environ.update(OPENAI_BASE_URL=openai_url, OPENAI_API_KEY=KEY, GEMINI_BASE_URL=gemini_url, GEMINI_API_KEY=KEY)
    try:
        yield openai_url
    finally:
        ours.send("end")
        process.join(10)


@contextmanager
def project() -> Iterator[None]:
    """The project with a new SQLite database and a new folder of bodies."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DJANGO_SETTINGS_MODULE="ntrl.settings", NTRL_DATA_DIR=folder, NTRL_LOG_LEVEL="ERROR")
        os.environ.update(DATABASE_URL=f"sqlite:///{Path(folder) / 'bench.sqlite3'}", NTRL_BODIES_BUCKET="")
        os.environ.update(LLM_BUDGET_USD_PER_RUN="1", LLM_BUDGET_USD_PER_DAY="1")
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0)
        yield
        connections.close_all()


def add_stories(number: int) -> None:
    """Store articles of the average length, each with words of its own."""
    from tests.support.factories import a_source, a_story

    chance, source = random.Random(7), a_source()
    for index in range(number):
        sentences: list[str] = []
        while sum(map(len, sentences)) < BODY_CHARS:
            sentences.append(" ".join(chance.choices(WORDS, k=14)).capitalize() + ". ")
        a_story(source, url=f"https://herald.example/{index}", body="".join(sentences))


def bare_seconds(url: str, calls: int, workers: int) -> float:
    """Make as many calls of a usual size, each worker one after the other, with nothing around them."""
    parts = urlsplit(url)
    messages = [{"role": "system", "content": "x" * 10_000}, {"role": "user", "content": "x" * 2_500}]
    body = json.dumps({"model": "gpt-6-luna", "messages": messages, "max_completion_tokens": 600})
    headers = {"Content-Type": "application/json", "X-NTRL-Operation": "classify", "Authorization": f"Bearer {KEY}"}

    def work(share: int) -> None:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        for _ in range(share):
            connection.request("POST", f"{parts.path}/chat/completions", body, headers)
            connection.getresponse().read()
        connection.close()

    shares = [calls // workers + (index < calls % workers) for index in range(workers)]
    started = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, shares))
    return time.perf_counter() - started


def classify(setting: Setting, url: str) -> Figures:
    """File stories: one call each."""
    from classification.services import classify_pending
    from ntrl.llm.spending import run_totals
    from ntrl.stages.runner import RunOptions

    add_stories(setting.stories)
    bare = bare_seconds(url, setting.stories, setting.workers)
    started = time.perf_counter()
    result = classify_pending(trace_id="bench", options=RunOptions(workers=setting.workers, limit=setting.stories))
    seconds = time.perf_counter() - started
    cost = run_totals("bench").cost_usd / setting.stories
    return Figures("classify", result.llm, seconds, setting.ideal_seconds(1), bare, cost)


@dataclass(frozen=True, slots=True)
class Bench:
    """A measurement, and the setting that its goal is stated for."""

    measure: Callable[[Setting, str], Figures]
    setting: Setting


BENCHES = {"classify": Bench(classify, Setting(stories=200, workers=5, call_seconds=0.5))}


def main() -> int:
    """Measure one stage and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=list(BENCHES))
    parser.add_argument("--stories", type=int)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--call-seconds", type=float)
    parser.add_argument("--json", action="store_true", help="for machines")
    options = parser.parse_args()
    bench = BENCHES[options.stage]
    setting = Setting(
        options.stories or bench.setting.stories,
        options.workers or bench.setting.workers,
        bench.setting.call_seconds if options.call_seconds is None else options.call_seconds,
    )
    with models(setting.call_seconds) as url, project():
        figures = bench.measure(setting, url)
    if options.json:
        print(json.dumps({**asdict(setting), **asdict(figures), "times_ideal": figures.times_ideal}, default=str))
        return 0
    print(f"{figures.stage}: {figures.done} of {setting.stories} stories by models, {setting.workers} at once")
    print(f"  {setting.call_seconds:g} s a call, {figures.cost_usd_per_story:.6f} USD a story")
    print(f"  ideal {figures.ideal_seconds:7.2f} s")
    print(f"  bare  {figures.bare_seconds:7.2f} s  (the same calls in a bare loop)")
    print(f"  stage {figures.seconds:7.2f} s  = {figures.times_ideal:.3f} x ideal (goal: {MOST_TIMES_IDEAL:g} at most)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
