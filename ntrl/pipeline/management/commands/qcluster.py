"""`manage.py qcluster`: django-q2's cluster, which stands in the list of clusters and stops politely."""

import sys
import time
from typing import Any

from django.db import connections
from django.utils import timezone
from django_q.cluster import Cluster
from django_q.management.commands.qcluster import Command as QClusterCommand

from ntrl.pipeline import clusters, draining
from ntrl.pipeline.steps import warm_up
from ntrl.stages.command import require_migrated

# How soon a signal is seen.
SECONDS_BETWEEN_LOOKS = 0.25


class PoliteCluster(Cluster):  # type: ignore[misc]
    """Notes a signal, and leaves stopping to the main loop: a handler could come in between two statements."""

    is_asked_to_stop = False

    def sig_handler(self, signum: int, frame: Any) -> None:
        """Ask to stop."""
        self.is_asked_to_stop = True


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
                _keep(cluster)
            is_whole = cluster.sentinel.is_alive()
            clusters.leave(key)  # before it stops, so that nobody asks it for help
            draining.drain()
            cluster.stop()
        finally:
            clusters.leave(key)
        if not is_whole:
            sys.exit("The cluster has died; its supervisor should start it again.")


def _keep(cluster: PoliteCluster) -> None:
    next_beat = time.monotonic()
    while not cluster.is_asked_to_stop and cluster.sentinel.is_alive():
        if time.monotonic() >= next_beat:
            clusters.beat(timezone.now())
            next_beat = time.monotonic() + clusters.SECONDS_BETWEEN_BEATS
        time.sleep(SECONDS_BETWEEN_LOOKS)
