"""Real clusters: two share one run, one is killed in the middle, one is asked to stop; nothing is lost or doubled."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ntrl.stages.records import DIED
from tests.support.clusters import Site, a_site
from tests.support.llm_run import a_good_server

ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
pytestmark = [pytest.mark.journey, pytest.mark.skipif(not ON_POSTGRES, reason="machines share PostgreSQL")]
STORIES = 10


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with a_good_server() as server, a_site(tmp_path, server, stories=STORIES) as site:
        yield site


def pid_of(row: list[Any]) -> int:
    return int(row[3].split("|")[1])


def workers_of(seen: dict[str, Any], stage: str) -> list[Any]:
    return [row for row in seen["stages"] if row[0] == stage]


def test_asked_to_stop_a_cluster_finishes_what_is_in_hand_and_the_next_goes_on(site: Site) -> None:
    site.server.latency_seconds = 0.3
    cluster = site.start_cluster()
    trace_id = site.ask("queue", "1", "1000")
    site.wait(lambda: site.server.operations().count("detect_spans") >= 2)

    cluster.send_signal(signal.SIGTERM)
    assert cluster.wait(120) == 0

    seen = site.ask("look")
    (run,) = seen["runs"]
    assert (run["trace_id"], run["status"]) == (trace_id, "partial")
    assert "neutralize: asked to stop" in run["reason"]
    assert 1 <= run["neutralize_success"] < STORIES
    assert run["neutralize_failed"] == 0
    assert (seen["in_hand"], seen["queued"], seen["clusters"]) == (0, 0, 0)
    assert seen["tasks"] == [["ntrl.pipeline.tasks.run_queued", True]]

    site.server.latency_seconds = 0.0
    site.start_cluster()
    site.ask("queue", "3", "1000")
    seen = site.wait_for_end()
    assert seen["runs"][-1]["status"] == "completed"
    assert (seen["neutralized"], seen["versions"], seen["done_twice"]) == (STORIES, STORIES, 0)


@pytest.mark.parametrize("victim", ["helper", "leader"])
def test_two_share_a_run_and_one_is_killed_in_the_middle(site: Site, victim: str) -> None:
    site.server.latency_seconds = 0.5
    clusters = [site.start_cluster(), site.start_cluster()]
    limit = STORIES - 1
    trace_id = site.ask("queue", "1", str(limit))
    site.wait(lambda: site.server.operations().count("detect_spans") >= 3)
    site.server.latency_seconds = 8.0  # so that both are in the middle while we look
    seen = site.ask("look")
    assert [row[1] for row in workers_of(seen, "neutralize")] == ["running", "running"], "both are at work"

    leader = os.getpgid(pid_of(workers_of(seen, "feeds")[0]))
    chosen = next(each for each in clusters if (each.pid == leader) == (victim == "leader"))
    site.kill(chosen)
    site.server.latency_seconds = 0.0

    if victim == "leader":
        site.ask("queue", "3", str(limit))
        assert site.ask("look")["runs"][0]["reason"] == DIED
    seen = site.wait_for_end()

    assert seen["runs"][0]["trace_id"] == trace_id
    assert (seen["runs"][-1]["status"], seen["runs"][-1]["reason"]) == ("completed", "")
    if victim == "helper":
        assert seen["runs"][0]["neutralize_success"] == limit, "the limit is of both together"
        assert (seen["filed"], seen["neutralized"]) == (limit, limit)
    else:
        assert limit <= seen["neutralized"] <= STORIES
    assert seen["versions"] == seen["neutralized"]
    assert (seen["done_twice"], seen["in_hand"]) == (0, 0)
