"""Filters of lists, without django-filter's leniency: a filter that is named has a value."""

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import RegexValidator
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request


class StrictFilters(DjangoFilterBackend):  # type: ignore[misc]  # the library has no types
    """Refuses `?source=`: an empty value would mean all, and is a client's slip."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        """Filter.

        Raises:
            ValidationError: a value is empty, or not one that it can have.
        """
        filters = self.get_filterset_class(view, queryset)
        names = filters.base_filters if filters else ()
        empty = [name for name in names if request.query_params.get(name) == ""]
        if empty:
            raise ValidationError({name: ["This may not be empty."] for name in empty})
        return super().filter_queryset(request, queryset, view)


class _UtcField(IsoDateTimeField):  # type: ignore[misc]  # the library has no types
    def to_python(self, value: Any) -> datetime | None:
        """Read a time; one that lies before the year 1 or after 9999 in UTC is none."""
        time: datetime | None = super().to_python(value)
        try:
            return time and time.astimezone(UTC)
        except OverflowError as error:
            raise DjangoValidationError(self.error_messages["invalid"], code="invalid") from error


class TimeFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]  # the library has no types
    """A filter by a time in ISO 8601; without an offset it is UTC."""

    field_class = _UtcField


def text_filter(*, pattern: str, max_length: int, field_name: str) -> Any:
    """A filter that a text must equal; the text has a form, which is described and checked."""
    described = {"type": "string", "minLength": 1, "maxLength": max_length, "pattern": pattern}
    kind = extend_schema_field(described)(type("TextFilter", (django_filters.CharFilter,), {}))
    return kind(field_name=field_name, max_length=max_length, validators=[RegexValidator(pattern)])
