"""Errors as RFC 9457 has them: one document for whatever goes wrong, and never a stack trace."""

import logging
import math
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.encoding import escape_uri_path
from django.views import defaults
from rest_framework import serializers
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    NotAuthenticated,
    NotFound,
    Throttled,
    ValidationError,
)
from rest_framework.exceptions import (
    PermissionDenied as Forbidden,
)
from rest_framework.response import Response

from ntrl.rest.parsing import TooLarge
from ntrl.stages.records import new_trace_id

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
# Where the addresses of the API begin.
PREFIX = "/v1"
# As long as a database takes to start again; no client should wait for less.
RETRY_AFTER_SECONDS = 30
_SERVER_ERROR = "Something went wrong on our side. The log has it under this trace_id."


class Conflict(APIException):
    """What is asked does not go with what is there. `trace_id` is that of the run in the way."""

    status_code = HTTPStatus.CONFLICT
    default_detail = "This can't be done now."
    default_code = "conflict"

    def __init__(self, detail: str, *, trace_id: str = "") -> None:
        super().__init__(detail)
        self.trace_id = trace_id


class UnknownId(NotFound):
    """A body names something that there isn't; `field` says where."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.errors = [{"field": field, "detail": detail, "code": self.default_code}]


class Unavailable(APIException):
    """What is asked can't be had just now, and may be later."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    wait = RETRY_AFTER_SECONDS
    default_code = "unavailable"


class PreconditionFailed(APIException):
    """The client's If-Match or If-Unmodified-Since does not hold."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    default_detail = "It has changed since."
    default_code = "precondition_failed"


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """One wrong value."""

    field = serializers.CharField(allow_null=True, help_text="The field or parameter; null for the whole.")
    detail = serializers.CharField()
    code = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """What went wrong (RFC 9457)."""

    type = serializers.CharField(help_text="urn:ntrl:problem:…, the same for the same kind of problem.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField(help_text="The path that was asked.")
    trace_id = serializers.CharField(help_text="Names the request in the log; in a 409, the run in the way.")
    errors = ProblemErrorSerializer(many=True)  # type: ignore[assignment]  # DRF takes fields out of the class


def handle(exception: Exception, context: Mapping[str, Any]) -> Response:
    """Turn whatever an endpoint raises into a problem document; our own faults go into the log."""
    error = _as_api_exception(exception)
    request = context["request"]
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(exception, Unavailable):
        log.error("%s %s broke", request.method, request.path, exc_info=exception)
    document = problem(
        request,
        status=error.status_code,
        code=_code(error),
        detail=_summary(error),
        errors=list(_errors(error.detail)) if isinstance(error, ValidationError) else getattr(error, "errors", []),
        trace_id=getattr(error, "trace_id", ""),
    )
    response = Response(document, status=error.status_code, content_type=CONTENT_TYPE)
    if isinstance(error, Throttled | Unavailable):
        response["Retry-After"] = str(math.ceil(getattr(error, "wait", None) or 1))
    header = getattr(error, "auth_header", None)
    if header:
        response["WWW-Authenticate"] = header
    return response


def problem(
    request: Any, *, status: int, code: str, detail: str, errors: list[dict[str, Any]], trace_id: str = ""
) -> dict[str, Any]:
    """Write the document."""
    return {
        "type": f"urn:ntrl:problem:{code.replace('_', '-')}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "instance": escape_uri_path(request.path),
        "trace_id": trace_id or getattr(request, "trace_id", "") or new_trace_id(),
        "errors": errors,
    }


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The site's answer to a request that Django itself refuses."""
    if not _is_of_the_api(request):
        return defaults.bad_request(request, exception)
    return _plain(request, HTTPStatus.BAD_REQUEST, "malformed", "This request can't be answered.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The site's answer to an address that nothing stands at."""
    if not _is_of_the_api(request):
        return defaults.page_not_found(request, exception)
    return _plain(request, HTTPStatus.NOT_FOUND, "not_found", "Nothing stands at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    """The site's answer when something broke outside of any endpoint."""
    if not _is_of_the_api(request):
        return defaults.server_error(request)
    # The endpoint's own lines have it from their context, which has ended by now.
    trace_id = request.trace_id = getattr(request, "trace_id", "") or new_trace_id()  # type: ignore[attr-defined]  # ours
    log.error("%s %s broke, trace_id %s", request.method, request.path, trace_id, exc_info=True)
    return _plain(request, HTTPStatus.INTERNAL_SERVER_ERROR, "error", _SERVER_ERROR)


def _is_of_the_api(request: HttpRequest) -> bool:
    return request.path == PREFIX or request.path.startswith(f"{PREFIX}/")


def _plain(request: HttpRequest, status: HTTPStatus, code: str, detail: str) -> JsonResponse:
    document = problem(request, status=status, code=code, detail=detail, errors=[])
    return JsonResponse(document, status=status, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def _as_api_exception(exception: Exception) -> APIException:
    if isinstance(exception, ValidationError):
        exception.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(exception, APIException):
        return exception
    if isinstance(exception, Http404):
        return NotFound("Nothing stands at this address.")
    if isinstance(exception, OperationalError | InterfaceError):
        return Unavailable("The database can't be reached just now.")
    if isinstance(exception, PermissionDenied):
        return Forbidden()
    if isinstance(exception, RequestDataTooBig):
        return TooLarge()
    if isinstance(exception, SuspiciousOperation):
        refused = APIException("This request can't be answered.", "malformed")
        refused.status_code = HTTPStatus.BAD_REQUEST
        return refused
    return APIException(_SERVER_ERROR)


def _code(error: APIException) -> str:
    if isinstance(error, ValidationError):
        return "invalid_values"
    if isinstance(error, AuthenticationFailed | NotAuthenticated):
        return "key_needed"
    return error.default_code if isinstance(error.default_code, str) else "error"


def _summary(error: APIException) -> str:
    if not isinstance(error, ValidationError):
        return str(error.detail)
    first = next(_errors(error.detail), None)
    if first is None:
        return "A value is not allowed."
    return f"{first['field']}: {first['detail']}" if first["field"] else str(first["detail"])


def _errors(detail: Any, field: str = "") -> Iterator[dict[str, Any]]:
    """Yield each wrong value of DRF's nested details; a field within a field is "outer.inner"."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = name not in {"non_field_errors", "__all__"}
            yield from _errors(inner, ".".join(filter(None, [field, str(name) if own else ""])))
    elif isinstance(detail, list | tuple):
        for inner in detail:
            yield from _errors(inner, field)
    else:
        yield {"field": field or None, "detail": str(detail), "code": getattr(detail, "code", "invalid")}
