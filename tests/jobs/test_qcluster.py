"""The main process of a cluster goes on when the database fails, ends what it has started, and shows that it lives."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.utils import InterfaceError, OperationalError
from django.utils import timezone

from ntrl.pipeline import clusters, draining, pulse
from ntrl.pipeline.management.commands import qcluster
from ntrl.pipeline.models import Cluster
from tests.conftest import ROOT


class Sentinel:
    """Lives for so many looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def is_alive(self) -> bool:
        self.looks -= 1
        return self.looks >= 0


class FakeCluster:
    """Says what is asked of it; starts nothing."""

    def __init__(self, looks: int) -> None:
        self.sentinel = Sentinel(looks)
        self.is_asked_to_stop = False
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Callable[[], None]:
        return lambda: self.calls.append(name)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(clusters, "here", "")
    monkeypatch.setattr(clusters, "SECONDS_BETWEEN_BEATS", 0.0)
    monkeypatch.setattr(qcluster, "SECONDS_BETWEEN_LOOKS", 0.001)
    monkeypatch.setattr(pulse.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(draining, "drain", lambda: None)
    monkeypatch.setattr(qcluster, "warm_up", lambda: None)
    # The test's own transaction is on the connection.
    monkeypatch.setattr(qcluster.connections, "close_all", lambda: None)
    monkeypatch.setattr(qcluster, "close_old_connections", lambda: None)


class Away:
    """A database that fails for so many statements."""

    def __init__(self, statements: int, error: Exception) -> None:
        self.left, self.error = statements, error

    def __call__(self, execute: Any, *arguments: Any) -> Any:
        self.left -= 1
        if self.left >= 0:
            raise self.error
        return execute(*arguments)


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("connection already closed")])
def test_a_database_that_comes_back_is_waited_for(
    error: Exception, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = clusters.found_cluster(timezone.now())
    cluster = FakeCluster(looks=6)
    founded = Cluster.objects.get().heartbeat_at

    errors, beat = [error] * 3, clusters.beat

    def answers_again(now: datetime) -> None:
        if errors:
            raise errors.pop()
        beat(now)

    monkeypatch.setattr(clusters, "beat", answers_again)
    qcluster.keep(cluster)  # type: ignore[arg-type]

    assert cluster.calls == ["note_family"] * 6
    assert Cluster.objects.get(key=key).heartbeat_at > founded
    said = [record.getMessage() for record in caplog.records if "database" in record.getMessage()]
    assert len(said) == 2, "once when it goes, once when it comes back"


@pytest.mark.django_db
def test_a_cluster_that_others_took_for_dead_comes_back() -> None:
    key = clusters.found_cluster(timezone.now())
    clusters.leave(key)
    clusters.beat(timezone.now())
    assert clusters.living(timezone.now()) == [key]


@pytest.mark.django_db
@pytest.mark.parametrize("asked_to_stop", [True, False])
def test_it_ends_also_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch, asked_to_stop: bool) -> None:
    cluster = FakeCluster(looks=9 if asked_to_stop else 3)
    cluster.is_asked_to_stop = asked_to_stop
    monkeypatch.setattr(qcluster, "PoliteCluster", lambda: cluster)
    away = Away(0, OperationalError("gone"))

    def start() -> None:
        away.left = 999

    monkeypatch.setattr(cluster, "start", start, raising=False)
    status: object = 0
    with connection.execute_wrapper(away):
        try:
            call_command("qcluster")
        except SystemExit as ended:
            status = ended.code

    assert cluster.calls[-2:] == ["stop", "end_family"]
    assert bool(status) == (not asked_to_stop), "whoever supervises it starts it again"


@pytest.mark.django_db
def test_what_it_has_started_ends_with_it_when_it_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster(looks=3)

    def broken() -> None:
        raise RuntimeError("odd")

    monkeypatch.setattr(cluster, "start", broken, raising=False)
    monkeypatch.setattr(qcluster, "PoliteCluster", lambda: cluster)
    with pytest.raises(RuntimeError, match="odd"):
        call_command("qcluster")
    assert cluster.calls == ["end_family"]
    assert not Cluster.objects.exists()


def test_a_sign_of_life_is_felt_for_a_minute_and_while_it_goes_on(tmp_path: Path) -> None:
    now = time.time()
    assert not pulse.is_felt(now)
    pulse.give()
    assert pulse.is_felt(now)
    assert not pulse.is_felt(now + pulse.SILENT_AT_MOST_SECONDS + 10)
    pulse.end()
    pulse.end()
    assert not pulse.is_felt(now)


@pytest.mark.parametrize("lives", [True, False])
def test_the_health_check_says_so_by_its_exit_status(tmp_path: Path, lives: bool) -> None:
    if lives:
        pulse.give()
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "ntrl.pipeline.pulse"], cwd=ROOT, env=environment, capture_output=True)
    assert (done.returncode == 0) == lives


def test_a_sign_that_cant_be_given_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse.tempfile, "tempdir", "/dev/null")
    pulse.give()
    pulse.end()
    assert not pulse.is_felt(0.0)
