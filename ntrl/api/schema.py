"""What the OpenAPI document says of every endpoint alike: keys, and problems in place of an answer."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from ntrl.rest.fields import Body
from ntrl.rest.keys import HEADER
from ntrl.rest.problems import CONTENT_TYPE, ProblemSerializer
from ntrl.rest.views import Endpoint

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
        needed = self.view.needed_scope(self.method)
        statuses = {"429": "Asked too often; Retry-After says when to ask again.", "default": "It went wrong."}
        if needed is not None:
            statuses["401"] = "No valid key."
            statuses["403"] = f"The key does not have the scope “{needed}”."
        for status, meaning in statuses.items():
            operation["responses"].setdefault(status, {"description": meaning, **_PROBLEM})
        return operation

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        """A body takes no field beside its own."""
        described: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        return described | {"additionalProperties": False} if isinstance(serializer, Body) else described


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # it registers its subclasses
    """How a key is sent."""

    target_class = "ntrl.rest.authentication.KeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """The header."""
        return {"type": "apiKey", "in": "header", "name": HEADER}
