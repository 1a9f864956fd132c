"""What serializers of all apps share: bodies in which a slip is refused, and what every run answers."""

import re
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.drainage import set_override
from rest_framework import serializers

from ntrl.stages.models import RunStatus
from ntrl.stages.records import milliseconds
from ntrl.stages.report import StageReport, worst_status

# Of one request: more are no choice any longer, and a limit does that better.
MAX_IDS = 100
_NO_SUCH_FIELD = "There is no such field."
_OTHER_TYPE = "A value of another type is expected."
# What stands in JSON for each kind of field. A number without a fraction is whole, however it is written.
_JSON_TYPES: dict[type, Any] = {
    serializers.BooleanField: bool,
    serializers.IntegerField: (int, float),
    serializers.CharField: str,
    serializers.UUIDField: str,
    serializers.ListField: list,
}
# How a run can have ended.
ENDINGS = [status.value for status in RunStatus if status != RunStatus.RUNNING]


class Body(serializers.Serializer[Any]):
    """A request's body, read to the letter.

    A field that there isn't is refused: a slip in "story_ids" would else mean all stories. So is a value of another
    type, where DRF would read "yes" or 1 as true.
    """

    @classmethod
    def read(cls, data: Any) -> dict[str, Any]:
        """The values that a request's body has.

        Raises:
            ValidationError: names each field that is wrong.
        """
        body = cls(data=data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def to_internal_value(self, data: Any) -> Any:
        """Read it.

        Raises:
            ValidationError: names each field that there isn't, or that has another type.
        """
        if isinstance(data, dict):
            wrong = {str(name)[:80]: _NO_SUCH_FIELD for name in data if name not in self.fields}
            wrong |= {
                name: _OTHER_TYPE for name in data if name in self.fields and _differs(self.fields[name], data[name])
            }
            if wrong:
                raise serializers.ValidationError({name: [problem] for name, problem in wrong.items()})
        return super().to_internal_value(data)


class TextOfForm(serializers.Field[str, Any, str, Any]):
    """A text that a pattern matches as a whole; the pattern says too whether it may be empty."""

    default_error_messages = {"form": "This is not a text of the form that is expected here."}

    def __init__(self, pattern: str, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._pattern, self._max_length = re.compile(pattern), max_length
        described = {"type": "string", "maxLength": max_length, "pattern": f"^{pattern}$"}
        set_override(self, "field", described)

    def fits(self, value: str) -> bool:
        """Whether it has the form."""
        return bool(self._pattern.fullmatch(value))

    def to_internal_value(self, data: Any) -> str:
        """Read it.

        Raises:
            ValidationError: it is no text, too long, or has another form.
        """
        is_text = isinstance(data, str) and len(data) <= self._max_length
        if not is_text or not self.fits(data):
            self.fail("form")
        return str(data)

    def to_representation(self, value: str) -> str:
        """Write it."""
        return value


def _differs(field: Any, value: Any) -> bool:
    """Tell whether a JSON value has not the type that a field describes; null is for the field to judge."""
    if isinstance(value, list) and isinstance(field, serializers.ListField):
        return any(_differs(field.child, each) for each in value)
    for kind, types in _JSON_TYPES.items():
        if isinstance(field, kind):
            return value is not None and (
                not isinstance(value, types) or isinstance(value, bool) is not (types is bool)
            )
    return False


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
