"""What serializers of all apps share: bodies in which a slip is refused, and what every run answers."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from ntrl.stages.models import RunStatus
from ntrl.stages.records import milliseconds
from ntrl.stages.report import StageReport, worst_status

# Of one request: as many as SQLite takes in one statement, many times over.
MAX_IDS = 1_000
# How a run can have ended.
ENDINGS = [status.value for status in RunStatus if status != RunStatus.RUNNING]


class Body(serializers.Serializer[Any]):
    """A request's body. A field that there isn't is refused: a slip in "story_ids" would else mean all stories."""

    def to_internal_value(self, data: Any) -> Any:
        """Read it.

        Raises:
            ValidationError: names each field that there isn't.
        """
        if isinstance(data, dict):
            unknown = [str(name) for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError({name[:80]: ["There is no such field."] for name in unknown})
        return super().to_internal_value(data)


class RunSerializer(serializers.Serializer[Any]):
    """What every run of one stage answers."""

    status = serializers.ChoiceField(choices=ENDINGS)
    trace_id = serializers.CharField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField()
    duration_ms = serializers.IntegerField()
    errors = serializers.ListField(  # type: ignore[assignment]  # DRF takes fields out of the class
        child=serializers.CharField(), help_text="The first failures, by name."
    )


def told(result: Any, reports: Sequence[StageReport], *, started_at: datetime) -> dict[str, Any]:
    """Put a stage's result (a dataclass) and what its reports say together, as `RunSerializer` has them."""
    finished_at = timezone.now()
    return {
        **{field.name: getattr(result, field.name) for field in fields(result)},
        "status": worst_status(reports),
        "trace_id": reports[0].trace_id,
        "started_at": started_at,
        "finished_at": finished_at,
        "duration_ms": milliseconds(started_at, finished_at),
        "errors": [failure for report in reports for failure in report.failures],
    }
