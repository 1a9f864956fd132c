"""A real cluster on a real PostgreSQL that is stopped and started again: it goes on, ends when asked, leaves nobody."""

import os
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.conftest import missing
from tests.support.clusters import Site
from tests.support.llm_run import a_good_server
from tests.support.postgres import Server, a_server, find_binaries

# With a server of its own, whatever database the others use.
pytestmark = [pytest.mark.journey, pytest.mark.any_database]


@pytest.fixture
def server() -> Iterator[Server]:
    if find_binaries() is None:
        missing("PostgreSQL")
    with a_server() as server:
        yield server


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Iterator[Site]:
    environment = {"DATABASE_URL": server.url, "NTRL_DATA_DIR": str(tmp_path), "TMPDIR": str(tmp_path)}
    with a_good_server() as models:
        site = Site(environment, models, tmp_path)
        site.ask("prepare", "1")
        yield site
        site.close()


def last_beat(server: Server) -> datetime | None:
    with psycopg.connect(server.url) as connection:
        row = connection.execute("SELECT max(heartbeat_at) FROM pipeline_cluster").fetchone()
    moment: datetime | None = row[0] if row else None
    return moment


def is_anybody_left(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_outlives_a_restart_of_the_database_and_takes_its_children_along(site: Site, server: Server) -> None:
    cluster = site.start_cluster()
    before = last_beat(server)
    assert before is not None
    server.stop()
    site.wait(lambda: "does not answer" in site.log(0))
    server.start()
    site.wait(lambda: (last_beat(server) or before) > before)
    trace_id = site.ask("queue", "1", "10")
    seen = site.wait_for_end()
    assert (seen["runs"][-1]["trace_id"], seen["runs"][-1]["status"]) == (trace_id, "completed"), site.log(0)

    cluster.send_signal(signal.SIGTERM)
    assert cluster.wait(60) == 0, site.log(0)
    assert not is_anybody_left(cluster.pid)

    cluster = site.start_cluster()
    (sentinel,) = psutil.Process(cluster.pid).children()
    site.wait(lambda: site.ask("look")["clusters"] == 1)
    sentinel.kill()
    assert cluster.wait(60) == 1, "its supervisor starts it again"
    site.wait(lambda: not is_anybody_left(cluster.pid))
