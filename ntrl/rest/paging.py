"""Lists that grow, a page at a time: {next, previous, results}, by cursors that stay true while rows come in."""

from datetime import UTC
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

if TYPE_CHECKING:  # it imports the settings, and with them this module
    from rest_framework.views import APIView

PAGE_SIZE = 25
MAX_PAGE_SIZE = 100
_NO_SUCH_CURSOR = "There is no such cursor."


class Pages(CursorPagination):
    """Pages in the order that the view's `ordering` names, first of all by a time."""

    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE
    page_size_query_param = "page_size"

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: "APIView | None") -> tuple[str, ...]:
        """The view's own."""
        ordering: tuple[str, ...] = view.ordering  # type: ignore[union-attr]  # every view with pages has one
        return ordering

    def get_page_size(self, request: Request) -> int:
        """Read how many are wanted.

        Raises:
            ValidationError: it is not a number from 1 to the most.
        """
        wanted = request.query_params.get(self.page_size_query_param)
        if wanted is None:
            return PAGE_SIZE
        # Of more digits int() would refuse or take its time.
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 5 and 1 <= int(wanted) <= MAX_PAGE_SIZE):
            raise ValidationError({self.page_size_query_param: [f"A whole number from 1 to {MAX_PAGE_SIZE}."]})
        return int(wanted)

    def decode_cursor(self, request: Request) -> Any:
        """Read where the page begins, None for the first.

        Raises:
            NotFound: the cursor is none of ours.
        """
        try:
            cursor = super().decode_cursor(request)
            if cursor is None or cursor.position is None or _is_time(str(cursor.position)):
                return cursor
        except (NotFound, ValueError, OverflowError) as error:
            raise NotFound(_NO_SUCH_CURSOR) from error
        raise NotFound(_NO_SUCH_CURSOR)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Say the bounds of a page too."""
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
        return parameters


def _is_time(position: str) -> bool:
    """Whether it is a time as cursors have it, one that there is in UTC too."""
    time = parse_datetime(position)
    return time is not None and time.tzinfo is not None and bool(time.astimezone(UTC))
