"""Which clusters there are: each says that it lives, so that a run's leader knows whom to ask for help."""

from datetime import datetime
from uuid import uuid4

from django_q.models import OrmQ

from ntrl.pipeline.models import Cluster
from ntrl.stages.claims import owner_is_gone
from ntrl.stages.owner import this_process

# A cluster elsewhere is taken for dead after 30 seconds of silence.
SECONDS_BETWEEN_BEATS = 5.0

# The name of the cluster that this process belongs to, which its children inherit; "" in a process of no cluster.
here = ""


def found_cluster(now: datetime) -> str:
    """Make this process the head of a cluster; returns its name. Processes that it forks from now on belong to it."""
    global here
    here = f"ntrl-{uuid4().hex}"
    Cluster.objects.create(key=here, owner=str(this_process()), started_at=now, heartbeat_at=now)
    return here


def beat(now: datetime) -> None:
    """Say that this process's cluster lives; one that others took for dead while the database was away comes back."""
    if not Cluster.objects.filter(key=here).update(heartbeat_at=now):
        Cluster.objects.create(key=here, owner=str(this_process()), started_at=now, heartbeat_at=now)


def leave(key: str) -> None:
    """Take a cluster from the list, with what was addressed to it: others do the same work anyway."""
    Cluster.objects.filter(key=key).delete()
    OrmQ.objects.filter(key=key).delete()


def living(now: datetime) -> list[str]:
    """Name the clusters that live, the oldest first."""
    rows = Cluster.objects.order_by("started_at", "pk")
    return [row.key for row in rows if not owner_is_gone(row.owner, row.heartbeat_at, now)]


def others(now: datetime) -> list[str]:
    """Name those that live, but for this process's own."""
    return [key for key in living(now) if key != here]


def forget_dead(now: datetime) -> int:
    """Take those from the list that have died; returns how many."""
    dead = [row.key for row in Cluster.objects.all() if owner_is_gone(row.owner, row.heartbeat_at, now)]
    for key in dead:
        leave(key)
    return len(dead)
