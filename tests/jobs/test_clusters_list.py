"""The list of clusters, what is addressed to one of them, and how they stop."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ

from ntrl.pipeline import clusters, draining
from ntrl.pipeline.models import Cluster
from ntrl.pipeline.queue import ClusterQueue, count_tasks, waiting_since
from ntrl.pipeline.watching import watch
from ntrl.stages.owner import Owner, this_host

DEAD = str(Owner(this_host(), 2**22 + 1, 1.0))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, db: None) -> str:
    monkeypatch.setattr(clusters, "here", "")
    return clusters.found_cluster(timezone.now())


def a_task(key: str, minutes_ago: float = 1) -> OrmQ:
    return OrmQ.objects.create(key=key, payload="x", lock=timezone.now() - timedelta(minutes=minutes_ago))


def test_a_cluster_takes_what_is_addressed_to_it_first_and_nothing_of_others(here: str) -> None:
    for_all, mine, for_another = a_task(Conf.CLUSTER_NAME), a_task(here), a_task("ntrl-another")
    queue = ClusterQueue()

    taken = [queue.dequeue()[0][0] for _ in range(2)]

    assert taken == [mine.pk, for_all.pk]
    assert queue.dequeue() is None
    assert count_tasks(timezone.now()) == (1, 2)
    assert OrmQ.objects.get(lock__lte=timezone.now()) == for_another


def test_the_oldest_task_that_waits_is_told_whatever_is_addressed(here: str) -> None:
    now = timezone.now()
    assert waiting_since(now) is None
    a_task(here, minutes_ago=90)
    a_task(Conf.CLUSTER_NAME, minutes_ago=-90)  # in hand
    oldest = a_task(Conf.CLUSTER_NAME, minutes_ago=20)
    a_task(Conf.CLUSTER_NAME, minutes_ago=10)

    assert waiting_since(now) == oldest.lock


def test_the_dead_are_forgotten_with_what_was_addressed_to_them(here: str) -> None:
    now = timezone.now()
    silent = now - timedelta(seconds=31)
    for key, owner, beat in (("a", DEAD, now), ("b", "elsewhere|1|1.00", silent), ("c", "elsewhere|1|1.00", now)):
        Cluster.objects.create(key=key, owner=owner, started_at=now, heartbeat_at=beat)
        a_task(key)

    assert clusters.others(now) == ["c"]
    assert watch(now)["clusters_forgotten"] == 2
    assert set(Cluster.objects.values_list("key", flat=True)) == {here, "c"}
    assert list(OrmQ.objects.values_list("key", flat=True)) == ["c"]


def test_a_beat_is_of_this_cluster_alone(here: str) -> None:
    now = timezone.now()
    Cluster.objects.create(key="c", owner="elsewhere|1|1.00", started_at=now, heartbeat_at=now)
    clusters.beat(now + timedelta(seconds=5))
    assert Cluster.objects.get(key="c").heartbeat_at == now
    assert Cluster.objects.get(key=here).heartbeat_at == now + timedelta(seconds=5)


@pytest.fixture
def calm() -> Iterator[None]:
    yield
    draining._is_draining.value = False


@pytest.mark.usefixtures("calm")
def test_a_task_is_told_when_its_cluster_stops() -> None:
    with draining.stop_politely(within_seconds=60) as stop:
        assert not stop.is_set()
        threading.Timer(0.05, draining.drain).start()
        assert stop.wait(10)


def test_a_task_is_told_when_its_time_is_over() -> None:
    with draining.stop_politely(within_seconds=0) as stop:
        assert stop.wait(10)
    assert not draining.is_draining()
