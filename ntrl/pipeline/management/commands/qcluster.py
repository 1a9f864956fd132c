"""`manage.py qcluster`: django-q2's cluster, which stands in the list of clusters and stops politely."""

import logging
import sys
import time
from contextlib import suppress
from typing import Any

import psutil
from django.db import Error as DatabaseFailure
from django.db import close_old_connections, connections
from django.utils import timezone
from django_q.cluster import Cluster
from django_q.management.commands.qcluster import Command as QClusterCommand

from ntrl.pipeline import clusters, draining, pulse
from ntrl.pipeline.steps import warm_up
from ntrl.stages.command import require_migrated

log = logging.getLogger(__name__)

# How soon a signal is seen.
SECONDS_BETWEEN_LOOKS = 0.25


class PoliteCluster(Cluster):  # type: ignore[misc]
    """Notes a signal, and leaves stopping to the main loop: a handler could come in between two statements."""

    is_asked_to_stop = False

    def __init__(self) -> None:
        super().__init__()
        self.family: list[psutil.Process] = []

    def sig_handler(self, signum: int, frame: Any) -> None:
        """Ask to stop."""
        self.is_asked_to_stop = True

    def note_family(self) -> None:
        """Remember the processes there are: once the sentinel has died, nothing tells whose its children were."""
        self.family = psutil.Process().children(recursive=True)

    def end_family(self) -> None:
        """Kill what is left of them. Python waits for its children before it ends, and for the sentinel for ever."""
        for process in {*self.family, *psutil.Process().children(recursive=True)}:
            with suppress(psutil.NoSuchProcess):
                process.kill()


class Command(QClusterCommand):  # type: ignore[misc]
    """Work off the queue."""

    help = (
        "Take jobs off the queue and run what is scheduled, until SIGTERM to this process (not to its group): then the "
        "items in hand are finished, a run ends as partial, and the rest waits. One on each machine; all share the "
        "stages of a run that call language models."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the cluster, and say that it lives until it is asked to stop."""
        require_migrated()
        warm_up()
        key = clusters.found_cluster(timezone.now())
        connections.close_all()  # what children inherit of a connection, they would share
        cluster = PoliteCluster()
        try:
            cluster.start()
            if not options["run_once"]:
                keep(cluster)
            is_whole = cluster.sentinel.is_alive()
            _leave(key)  # before it stops, so that nobody asks it for help
            draining.drain()
            cluster.stop()
        finally:
            cluster.end_family()
            pulse.end()
            _leave(key)
        if not is_whole:
            sys.exit("The cluster has died; its supervisor should start it again.")


def keep(cluster: PoliteCluster) -> None:
    """Beat until the cluster is asked to stop, or has died. A database that is away is waited for."""
    next_beat, is_away = time.monotonic(), False
    while not cluster.is_asked_to_stop and cluster.sentinel.is_alive():
        if time.monotonic() >= next_beat:
            cluster.note_family()
            is_away = not _beat(was_away=is_away)
            pulse.give()
            next_beat = time.monotonic() + clusters.SECONDS_BETWEEN_BEATS
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _beat(*, was_away: bool) -> bool:
    """Say that the cluster lives; False when the database does not answer, which is said once."""
    try:
        clusters.beat(timezone.now())
    except DatabaseFailure as error:
        if not was_away:
            log.error("the database does not answer; the cluster waits for it: %s", error)
        close_old_connections()  # a connection that broke would stay so
        return False
    if was_away:
        log.warning("the database answers again")
    return True


def _leave(key: str) -> None:
    """Leave the list; where that can't be done, silence says it after half a minute."""
    try:
        clusters.leave(key)
    except DatabaseFailure as error:
        close_old_connections()
        log.error("the cluster could not be taken from the list: %s", error)
