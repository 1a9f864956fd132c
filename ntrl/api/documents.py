"""The API's description: the OpenAPI document, a page to browse it, and what stands at no address."""

from functools import cache
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ntrl.rest.views import PublicEndpoint


class Schema(PublicEndpoint):
    """The OpenAPI document."""

    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """The same as `manage.py spectacular` writes, in JSON."""
        return Response(_document())


class Nothing(PublicEndpoint):
    """Every address under /v1 that nothing stands at."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say so, whatever the method.

        Raises:
            NotFound: always.
        """
        super().initial(request, *args, **kwargs)
        raise NotFound("Nothing stands at this address.")


class Docs(PublicEndpoint):
    """The page about the API."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """Browsers ask for HTML, which the page is by itself; what is refused is a problem as everywhere."""
        return JSONRenderer(), JSONRenderer.media_type

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """A page on which the API can be browsed and tried."""
        return render(request._request, "api/docs.html")


@cache
def _document() -> Any:
    """Describe all endpoints, once a process: it takes a while."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
