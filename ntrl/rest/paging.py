"""Lists that grow, a page at a time: {next, previous, results}, by cursors that stay true while rows come in."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

if TYPE_CHECKING:  # it imports the settings, and with them this module
    from rest_framework.views import APIView

PAGE_SIZE = 25
MAX_PAGE_SIZE = 100


class Pages(CursorPagination):
    """Pages in the order that the view's `ordering` names."""

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

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: "APIView | None" = None
    ) -> list[Any] | None:
        """Read a page.

        Raises:
            NotFound: the cursor is none of ours.
        """
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, DjangoValidationError, ValueError, OverflowError) as error:
            raise NotFound("There is no such cursor.") from error

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Say the bounds of a page too."""
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
        return parameters
