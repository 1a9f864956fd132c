"""The queue of jobs: django-q2's ORM broker, on which a cluster also finds what is addressed to it alone."""

from datetime import datetime
from typing import Any

from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ

from ntrl.pipeline import clusters


class ClusterQueue(ORM):  # type: ignore[misc]
    """Takes what is addressed to this cluster first, then what is for everybody."""

    def dequeue(self) -> Any:
        """Take one task; nothing after a short wait when there is none."""
        if clusters.here and OrmQ.objects.filter(key=clusters.here).exists():
            addressed = ORM(list_key=clusters.here).dequeue()
            if addressed:
                return addressed
        return super().dequeue()


def waiting_since(now: datetime) -> datetime | None:
    """When the task was put there that has waited longest for a cluster; None when none waits."""
    due = OrmQ.objects.filter(key=Conf.CLUSTER_NAME, lock__lte=now)
    first: datetime | None = due.order_by("lock").values_list("lock", flat=True).first()
    return first


def count_tasks(now: datetime) -> tuple[int, int]:
    """How many tasks wait, and how many are in hand."""
    return OrmQ.objects.filter(lock__lte=now).count(), OrmQ.objects.filter(lock__gt=now).count()
