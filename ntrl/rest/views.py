"""The base classes of all endpoints: who may ask, how often, and how errors come out."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from ntrl.logs import tracing
from ntrl.rest.access import Scope
from ntrl.rest.idempotency import once
from ntrl.rest.parsing import refuse_chunks
from ntrl.rest.throttling import AdminThrottle, ClientThrottle, TriggerThrottle
from ntrl.stages.records import new_trace_id


class Endpoint(APIView):
    """An endpoint. What it needs of a key, a subclass says: without a word it is closed."""

    # OPTIONS would describe the endpoint, which the OpenAPI document does.
    http_method_names = ["get", "head", "post", "patch", "delete"]
    needs: ClassVar[Scope | None] = Scope.READ
    needs_to_write: ClassVar[Scope] = Scope.EDIT
    throttle: ClassVar[type[BaseThrottle]] = AdminThrottle
    # Whether its GET answers by `ntrl.rest.conditional`; the description says so.
    has_etag: ClassVar[bool] = False

    def needed_scope(self, method: str | None) -> Scope | None:
        """The scope that a method needs, None for no key. One that is not offered here needs what reading does."""
        is_write = method not in SAFE_METHODS and hasattr(self, (method or "").lower())
        return self.needs_to_write if is_write else self.needs

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, with a name in the log."""
        trace_id = request.trace_id = new_trace_id()  # type: ignore[attr-defined]  # ours
        with tracing(trace_id):
            return super().dispatch(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        """Count the request first, so that keys can't be guessed; then look at the key, where one is needed."""
        self._count(request, ClientThrottle())
        if self.needed_scope(request.method) is not None:
            super().perform_authentication(request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Before any method: who asks, may they, how often; and whether what they sent can be read."""
        super().initial(request, *args, **kwargs)
        refuse_chunks(request)

    def get_throttles(self) -> list[BaseThrottle]:
        """The limit of what needs a key."""
        return [] if self.needed_scope(self.request.method) is None else [self.throttle()]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Let nobody keep what was not said to be kept."""
        final = super().finalize_response(request, response, *args, **kwargs)
        if not final.has_header("Cache-Control"):
            patch_cache_control(final, no_store=True)
        return final

    def _count(self, request: Request, throttle: BaseThrottle) -> None:
        if not throttle.allow_request(request, self):
            self.throttled(request, throttle.wait() or 1)


class PublicEndpoint(Endpoint):
    """An endpoint that everybody may read."""

    needs = None


def trace_id_of(request: Request) -> str:
    """Name the request in the log, and the run that it starts."""
    return str(request.trace_id)  # type: ignore[attr-defined]  # `Endpoint.dispatch` gives it


class Trigger(Endpoint):
    """An endpoint that starts a run under the request's trace_id, and answers when it is done; a subclass has `run`."""

    needs = Scope.RUN
    needs_to_write = Scope.RUN
    throttle = TriggerThrottle

    def post(self, request: Request) -> HttpResponseBase:
        """Run, once for each Idempotency-Key."""
        return once(request, self.run, trace_id=trace_id_of(request))

    def run(self, request: Request) -> Any:
        """Do it and return the response."""
        raise NotImplementedError
