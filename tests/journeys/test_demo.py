"""The main job as its user starts it: the sample newsroom, commands in processes of their own, real HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ntrl.newsroom import Newsroom
from tests.conftest import ROOT
from tests.support.ports import free_port

MIN_STORIES = 25
MIN_PUBLISHABLE = 32
MIN_CATEGORIES = 9
# The grain accord, which a paper has under a title of its own.
NEAR_DUPLICATES = 1

pytestmark = [pytest.mark.journey, pytest.mark.any_database]


class Site:
    """An installation with its own data folder, beside an open newsroom."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        without = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment = {**without, "NTRL_DATA_DIR": str(folder), "NTRL_FETCH_ALLOW_NETWORKS": "127.0.0.0/8"}

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def read(self, expression: str) -> Any:
        """Evaluate an expression over the tables, in a process of its own."""
        code = (
            "import json\n"
            "from ingestion.models import *; from neutralization.models import *; from briefs.models import *\n"
            "from ntrl.stages.models import *; from ntrl.bodies import get_body\n"
            "from narratives.facts.models import *\n"
            "from dataclasses import asdict; from django.utils import timezone; from narratives.models import *\n"
            "from ntrl.pipeline.demo_narratives import tell_narratives\n"
            f"print(json.dumps({expression}, default=str))"
        )
        done = self.run("shell", "-v", "0", "-c", code)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A migrated installation whose sources are the newsroom's, after one whole run."""
    port = free_port()
    with Newsroom(datetime.now(UTC), port=port) as newsroom:
        site = Site(tmp_path_factory.mktemp("site"), port)
        assert site.run("migrate", "-v", "0").returncode == 0
        code = f"from ingestion.sources import load_sources; load_sources({newsroom.sources()!r})"
        assert site.run("shell", "-v", "0", "-c", code).returncode == 0
        site.first = site.json("run_pipeline", "--neutralize-limit", "100")  # type: ignore[attr-defined]
        yield site


def test_the_brief_is_full_and_audited(site: Site) -> None:
    brief = site.json("show_brief")
    assert brief["total_stories"] >= max(MIN_STORIES, MIN_PUBLISHABLE)
    assert sum(section["story_count"] > 0 for section in brief["sections"]) >= MIN_CATEGORIES
    assert len(brief["sections"]) == 10
    failed = site.read("AuditVerdict.objects.filter(neutralized__is_current=True, passed=False).count()")
    audited = site.read("StoryNeutralized.objects.filter(is_current=True, verdicts__isnull=False).distinct().count()")
    assert failed == 0
    assert audited >= brief["total_stories"]


def test_every_span_stands_in_its_body(site: Site) -> None:
    spans = site.read(
        "[[s.start, s.end, s.original_text, b.uri, b.content_hash] for s in TransparencySpan.objects.select_related("
        "'neutralized__story') for b in [s.neutralized.story.bodies.get(version=s.neutralized.body_version)]]"
    )
    assert len(spans) > 50
    wrong = site.read(
        "[s.pk for s in TransparencySpan.objects.select_related('neutralized__story') "
        "if get_body(s.neutralized.story.raw_content_uri, s.neutralized.story.raw_content_hash)[s.start:s.end]"
        " != s.original_text]"
    )
    assert wrong == []


def test_one_agency_s_text_in_two_papers_is_one_story(site: Site) -> None:
    fields = "'id', 'source__slug', 'duplicate_of', 'duplicate_of__original_url'"
    rows = site.read(f"list(StoryRaw.objects.filter(is_duplicate=True).values_list({fields}))")
    assert len(rows) == NEAR_DUPLICATES
    ((double, paper, shown, address),) = rows
    assert (paper, address.rpartition("/")[2]) == ("danube-courier", "black-sea-grain-inspections")
    in_brief = [story["id"] for section in site.json("show_brief")["sections"] for story in section["stories"]]
    assert (in_brief.count(shown), in_brief.count(double)) == (1, 0)
    reasons = f"BriefExclusion.objects.filter(story_id='{double}', brief__is_current=True).values_list('detail')"
    assert site.read(f"list({reasons})") == [[f"duplicate of {shown}"]]


def test_the_summary_has_the_run_s_figures(site: Site) -> None:
    first = site.first  # type: ignore[attr-defined]
    assert first["status"] == "completed"
    assert first["ingest_success"] == first["ingest_body_downloaded"] + first["ingest_body_failed"] > MIN_PUBLISHABLE
    assert first["classify_success"] == first["ingest_body_downloaded"] - NEAR_DUPLICATES
    assert first["neutralize_success"] >= MIN_PUBLISHABLE
    assert first["neutralize_skipped_no_body"] == first["ingest_body_failed"] == 1
    assert first["brief_story_count"] >= MIN_STORIES
    assert first["alerts"] == []


def test_a_second_run_changes_nothing(site: Site) -> None:
    before = site.json("show_brief")
    again = site.json("run_pipeline", "--neutralize-limit", "100")
    after = site.json("show_brief")
    assert (again["ingest_success"], again["classify_success"], again["neutralize_success"]) == (0, 0, 0)
    assert (again["ingest_total"], again["classify_total"], again["neutralize_total"]) == (0, 0, 0)
    assert again["alerts"] == ["ingestion_zero"]
    for brief in (before, after):
        for name in ("id", "assembled_at", "cutoff_time", "brief_date"):
            brief.pop(name)
    assert json.dumps(before) == json.dumps(after)


def test_narratives_run_over_days_and_what_the_demo_adds(site: Site) -> None:
    live = (
        "{str(n): [n.state, n.article_count, n.reactivated_count] for n in Narrative.objects.filter(merged_into=None)}"
    )
    before = site.read(live)
    expected = {
        "Tarrant Motors: recalls electric vans battery": ["hot", 7, 0],
        "Tarrant Motors: call strike vote shifts": ["emerging", 3, 0],
        "Tarrant Motors: chief executive retire spring": ["cooling", 2, 0],
        "Orrin Lake: toxic algae bloom closes": ["emerging", 3, 1],
        "Ketter Museum: take clocks": ["dormant", 2, 0],
        "Merrow Air: cancels flights crew shortage": ["emerging", 2, 0],
        "Merrow Airlines: cancels flights crew shortage": ["emerging", 2, 0],
    }
    assert {title: before.get(title) for title in expected} == expected

    told = site.read("asdict(tell_narratives(timezone.now()))")
    after = site.read(live)
    assert (told["merged"], told["without_focus"], told["narratives"]) == (1, 3, len(after))
    assert after["Merrow Air: cancels flights crew shortage"][1] == 4
    assert "Merrow Airlines: cancels flights crew shortage" not in after
    assert after["Calder Gate: …"] == ["dormant", 0, 0]


def test_a_second_run_at_once_is_refused(site: Site) -> None:
    code = (
        "from ntrl.pipeline.lock import begin_run; from ntrl.pipeline.models import Trigger; import sys, time\n"
        "print(begin_run(trace_id='0' * 32, trigger=Trigger.MANUAL).trace_id, flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
        cwd=ROOT,
        env=site.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline().strip() == "0" * 32
        refused = site.run("run_pipeline")
        assert refused.returncode == 1
        assert "0" * 32 in refused.stderr
    finally:
        holder.kill()
        holder.wait()
    assert site.run("run_pipeline").returncode == 0, "the killed one's row must not be in the way"


def test_facts_come_out_of_its_stories_once(site: Site) -> None:
    counts = []
    for _ in range(2):
        assert site.run("run_enrichment", "--once").returncode == 0
        counts.append(site.read("UserFactRelationship.objects.count()"))
    assert counts[0] == counts[1] > 5


@pytest.mark.parametrize("command", [["manage.py", "demo"], ["manage.py", "demo_editor"], ["make", "serve"]])
def test_demo_is_refused_on_a_real_database(site: Site, tmp_path: Path, command: list[str]) -> None:
    theirs = tmp_path / "theirs.sqlite3"
    program = command if command[0] == "make" else [sys.executable, *command]
    refused = subprocess.run(
        program,
        cwd=ROOT,
        env={**site.environment, "DATABASE_URL": f"sqlite:///{theirs}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    assert "DATABASE_URL is set" in refused.stderr
    assert not theirs.exists(), "not a table may be made in it"


def test_the_demo_costs_nothing_and_writes_to_nobody(site: Site) -> None:
    code = (
        "from django.conf import settings; from ntrl.pipeline.demo import enter_demo; enter_demo();"
        "print([p.name for p in settings.LLM_PROVIDERS.values() if p.is_set_up], settings.NTRL_ALERT_WEBHOOK_URL)"
    )
    own = {"OPENAI_API_KEY": "sk-real", "NTRL_ALERT_WEBHOOK_URL": "https://alerts.example/hook"}
    done = site.run("shell", "-v", "0", "-c", code, **own)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_without_tables_the_cure_is_named(tmp_path: Path, site: Site) -> None:
    refused = site.run("run_pipeline", NTRL_DATA_DIR=str(tmp_path))
    assert refused.returncode == 1
    assert "manage.py migrate" in refused.stderr
