"""The stages that ask language models, against a loopback server with a set time per call, beside the ideal.

    python -m bench.llm classify | neutralize | cost | backfill [--stories N] [--workers N] [--call-seconds S] [--json]

The ideal is arithmetic (calls in a row, times their time); beside it stands what a bare loop of the same number of
calls takes at the same server in the same run. `cost` is what one average article costs over all stages, at list
prices, from recorded tokens; `backfill` what the focus of one narrative costs. `neutralize` begins as in a run, where
classification has loaded the SDK and the prices before (half a second); the server counts four characters as a token,
as a rule of thumb has it. The server is a process of its own; database and bodies are new, and thrown away. Exit status
1 when a goal is missed.
"""

import argparse
import http.client
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from bench.llm_served import BODY_CHARS, KEY, News, models

# Goals: what a stage may take, as a multiple of the ideal; and what an average article may cost over all stages.
MOST_TIMES_IDEAL = 1.15
MOST_USD_PER_ARTICLE = Decimal("0.003")
# Of a hundred narratives' foci: 0.02 USD.
MOST_USD_PER_NARRATIVE = Decimal("0.0002")
TRACE = "bench"
# What a summary has: a paragraph.
SUMMARY_CHARS = 800


@dataclass(frozen=True, slots=True)
class Setting:
    """How a measurement is set up. `workers` stories are in work at once."""

    stories: int
    workers: int
    call_seconds: float

    def ideal_seconds(self, calls_in_a_row: int) -> float:
        """What the calls alone take when every worker is always busy."""
        return -(-self.stories // self.workers) * calls_in_a_row * self.call_seconds


@dataclass(frozen=True, slots=True)
class Figures:
    """What came out; seconds of wall time and of this process's own work, and dollars at list prices for one story.

    `uncached_usd_per_story` is what it would cost if no provider gave a discount for a system prompt sent before.
    """

    stage: str
    done: int
    calls: int
    seconds: float
    cpu_seconds: float
    ideal_seconds: float
    bare_seconds: float
    cost_usd_per_story: Decimal
    uncached_usd_per_story: Decimal

    @property
    def times_ideal(self) -> float | None:
        """The figure with a goal; None where calls take no time."""
        return self.seconds / self.ideal_seconds if self.ideal_seconds else None

    @property
    def most_usd(self) -> Decimal:
        """What a story, or a narrative, may cost."""
        return MOST_USD_PER_NARRATIVE if self.stage == "backfill" else MOST_USD_PER_ARTICLE

    @property
    def meets_goals(self) -> bool:
        """Whether each goal that applies is met."""
        return (self.times_ideal or 0) <= MOST_TIMES_IDEAL and self.uncached_usd_per_story < self.most_usd


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


def add_stories(bodies: Sequence[str]) -> None:
    """Store articles."""
    from tests.support.factories import a_source, a_story

    source = a_source()
    for index, body in enumerate(bodies):
        a_story(source, url=f"https://herald.example/{index}", body=body)


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


def measured(
    stage: str, setting: Setting, url: str, *, in_a_row: int, at_once: int, work: Callable[[], int]
) -> Figures:
    """Time what does the stories, and returns how many it did. A story makes calls in a row, so many at once."""
    from ntrl.llm.models import LLMCall
    from ntrl.llm.spending import run_totals

    bare = bare_seconds(url, setting.stories * in_a_row * at_once, setting.workers * at_once)
    started, cpu_started = time.perf_counter(), time.process_time()
    done = work()
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu_started
    cost = run_totals(TRACE).cost_usd / setting.stories
    calls, uncached = LLMCall.objects.filter(trace_id=TRACE).count(), uncached_usd() / setting.stories
    return Figures(stage, done, calls, seconds, cpu, setting.ideal_seconds(in_a_row), bare, cost, uncached)


def uncached_usd() -> Decimal:
    """What the recorded calls would have cost without any discount for cached input."""
    from ntrl.llm.models import LLMCall
    from ntrl.llm.prices import cost_of
    from ntrl.llm.types import ProviderName, Usage

    total = Decimal(0)
    for call in LLMCall.objects.filter(trace_id=TRACE):
        usage = Usage(call.tokens_input, call.tokens_output)
        total += cost_of(usage, provider=ProviderName(call.provider), model=call.model, overrides={}) or 0
    return total


def run_classify(setting: Setting) -> int:
    """File all stories."""
    from classification.services import classify_pending
    from ntrl.stages.runner import RunOptions

    return classify_pending(trace_id=TRACE, options=RunOptions(workers=setting.workers)).llm


def run_neutralize(setting: Setting) -> int:
    """Neutralize all stories."""
    from neutralization.services import neutralize_pending
    from ntrl.stages.runner import RunOptions

    return neutralize_pending(trace_id=TRACE, options=RunOptions(workers=setting.workers)).total_success


def run_detect(setting: Setting) -> int:
    """Read all stories for narratives."""
    from narratives.services.detection import detect_narratives
    from ntrl.stages.runner import RunOptions

    return detect_narratives(trace_id=TRACE, options=RunOptions(workers=setting.workers)).fingerprinted


def run_backfill(setting: Setting) -> int:
    """Fill the foci of as many narratives."""
    from narratives.backfill.by_model import ByModel
    from narratives.backfill.service import BackfillOptions, backfill_focus
    from narratives.rules_in_force import load_identity
    from narratives.stores.own import OwnStore
    from ntrl.llm.gateway import open_gateway
    from tests.support.backfilling import DECEMBER

    rules = load_identity()
    return backfill_focus(
        store=OwnStore(rules=rules, since=DECEMBER),
        source=ByModel(open_gateway(TRACE), rules.identity.aliases),
        options=BackfillOptions(workers=setting.workers),
        trace_id=TRACE,
        say=lambda line: None,
    ).tally.filled


def classify(setting: Setting, url: str) -> Figures:
    """File stories: one call each."""
    return measured("classify", setting, url, in_a_row=1, at_once=1, work=lambda: run_classify(setting))


def neutralize(setting: Setting, url: str) -> Figures:
    """Neutralize stories: four calls each, two waves of two."""
    from ntrl.llm.doctor import examine_settings
    from ntrl.llm.gateway import open_gateway

    list(examine_settings(open_gateway("warm")))
    return measured("neutralize", setting, url, in_a_row=2, at_once=2, work=lambda: run_neutralize(setting))


def cost(setting: Setting, url: str) -> Figures:
    """File and neutralize stories, and read them for narratives, for what that costs."""

    def work() -> int:
        return min(run_classify(setting), run_neutralize(setting), run_detect(setting))

    return measured("cost", setting, url, in_a_row=4, at_once=2, work=work)


def backfill(setting: Setting, url: str) -> Figures:
    """Fill the foci of narratives with summaries of a paragraph, for what that costs."""
    from ingestion.models import StoryRaw
    from narratives.models import Narrative, narrative_id_for
    from ntrl.bodies import get_body

    for story in StoryRaw.objects.all():
        Narrative.objects.create(
            id=narrative_id_for(story.pk),
            summary=get_body(story.raw_content_uri, story.raw_content_hash)[:SUMMARY_CHARS],
            nucleus_entity="Springfield",
            first_detected_at=story.published_at,
            last_article_at=story.published_at,
        )
    return measured("backfill", setting, url, in_a_row=1, at_once=1, work=lambda: run_backfill(setting))


@dataclass(frozen=True, slots=True)
class Bench:
    """A measurement, the texts it is made with, and the setting that its goal is stated for."""

    measure: Callable[[Setting, str], Figures]
    news: News
    setting: Setting


BENCHES = {
    "classify": Bench(classify, News.RANDOM, Setting(stories=200, workers=5, call_seconds=0.5)),
    "neutralize": Bench(neutralize, News.GOOD, Setting(stories=25, workers=5, call_seconds=1.0)),
    "cost": Bench(cost, News.GOOD, Setting(stories=25, workers=5, call_seconds=0.0)),
    "backfill": Bench(backfill, News.RANDOM, Setting(stories=100, workers=10, call_seconds=0.0)),
}


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
    with models(setting.call_seconds, bench.news, setting.stories) as (url, bodies), project():
        add_stories(bodies)
        figures = bench.measure(setting, url)
    if options.json:
        print(json.dumps({**asdict(setting), **asdict(figures), "times_ideal": figures.times_ideal}, default=str))
    else:
        report(setting, figures)
    return 0 if figures.meets_goals and figures.done == setting.stories else 1


def report(setting: Setting, figures: Figures) -> None:
    """Print the figures for people."""
    what = "narratives" if figures.stage == "backfill" else "stories"
    print(f"{figures.stage}: {figures.done} of {setting.stories} {what} by models, {setting.workers} at once")
    print(f"  {figures.calls} calls of {setting.call_seconds:g} s; bodies of about {BODY_CHARS} characters")
    print(f"  {figures.cost_usd_per_story:.6f} USD for one, {figures.uncached_usd_per_story:.6f} if nothing is cached")
    if not setting.call_seconds:
        print(f"  (goal for the latter: under {figures.most_usd} USD{' over all stages' * (figures.stage == 'cost')})")
    if figures.times_ideal is not None:
        print(f"  ideal {figures.ideal_seconds:7.2f} s")
        print(f"  bare  {figures.bare_seconds:7.2f} s  (the same calls in a bare loop)")
        print(f"  stage {figures.seconds:7.2f} s  = {figures.times_ideal:.3f} x ideal (goal: {MOST_TIMES_IDEAL:g})")
        print(f"  of which {figures.cpu_seconds:.2f} s the processor's")


if __name__ == "__main__":
    sys.exit(main())
