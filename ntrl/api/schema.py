"""What the OpenAPI document says of every endpoint alike: keys, and problems in place of an answer."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from ntrl.rest.fields import Body
from ntrl.rest.idempotency import HEADER as IDEMPOTENCY_HEADER
from ntrl.rest.keys import HEADER
from ntrl.rest.problems import CONTENT_TYPE, ProblemSerializer
from ntrl.rest.views import Endpoint, Trigger

_BODY_PROBLEMS = {
    "400": "The body is not JSON.",
    "404": "The body names something that there isn't.",
    "409": "It does not go with what is there.",
    "411": "The body has no Content-Length.",
    "413": "The body is too large.",
    "415": "The body is said not to be JSON.",
}
_KEPT = {
    name: {"description": meaning, "schema": {"type": "string"}}
    for name, meaning in (
        ("ETag", "For If-None-Match; left out where nobody may keep the answer."),
        ("Last-Modified", "Where a time alone tells answers apart."),
        ("Cache-Control", "How long the answer may be kept."),
    )
}
_PROBLEM = {"content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


class EndpointSchema(AutoSchema):
    """Says of each method whether it needs a key, and what problems look like."""

    view: Endpoint  # type: ignore[override]  # every view here is one

    def get_auth(self) -> list[dict[str, Any]]:
        """No key where none is needed."""
        needed = self.view.needed_scope(self.method)
        return [{"ApiKey": []}] if needed is not None else []

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Describe one method; problems are the same everywhere."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        self._map_serializer(ProblemSerializer, "response")  # type: ignore[no-untyped-call]
        headers = self._request_headers()
        if headers:
            operation["parameters"] = [*operation.get("parameters", []), *headers]
        if self._is_conditional:
            operation["responses"]["200"]["headers"] = _KEPT
            operation["responses"]["304"] = {"description": "What the client has still holds.", "headers": _KEPT}
        for status, meaning in self._problems(operation).items():
            operation["responses"].setdefault(status, {"description": meaning, **_PROBLEM})
        return operation

    @property
    def _is_conditional(self) -> bool:
        return self.view.has_etag and self.method == "GET"

    def _request_headers(self) -> list[dict[str, Any]]:
        if self._is_conditional:
            return [_header("If-None-Match", "The ETag of what the client has; 304 when it still holds.")]
        if isinstance(self.view, Trigger):
            return [_header(IDEMPOTENCY_HEADER, "Sent again with the same one within 24 hours, a request runs once.")]
        return []

    def _problems(self, operation: dict[str, Any]) -> dict[str, str]:
        needed = self.view.needed_scope(self.method)
        statuses = {
            "429": "Asked too often; Retry-After says when to ask again.",
            "503": "It can't be had just now; Retry-After says when to ask again.",
            "default": "It went wrong.",
        }
        if needed is not None:
            statuses |= {"401": "No valid key.", "403": f"The key does not have the scope “{needed}”."}
        if "{" in self.path or self.view.has_etag:
            statuses["404"] = "There is no such thing."
        if operation.get("parameters") or "requestBody" in operation:
            statuses["422"] = "A value is not allowed; `errors` names it."
        if "requestBody" in operation:
            statuses |= _BODY_PROBLEMS
        return statuses

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        """A body takes no field beside its own."""
        described: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        return described | {"additionalProperties": False} if isinstance(serializer, Body) else described


def _header(name: str, meaning: str) -> dict[str, Any]:
    return {"in": "header", "name": name, "schema": {"type": "string"}, "description": meaning}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # it registers its subclasses
    """How a key is sent."""

    target_class = "ntrl.rest.authentication.KeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """The header."""
        return {"type": "apiKey", "in": "header", "name": HEADER}
