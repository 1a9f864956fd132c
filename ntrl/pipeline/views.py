"""What machines ask: is the process alive, can it do its work, and the figures for Prometheus."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from prometheus_client import CONTENT_TYPE_LATEST
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from ntrl.pipeline.metrics import render_metrics
from ntrl.pipeline.readiness import OK, readiness
from ntrl.rest.views import Endpoint


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": OK})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Every part can be used, or 503 and which one can't."""
    checks = readiness(timezone.now())
    is_ready = set(checks.values()) == {OK}
    return JsonResponse({"status": OK if is_ready else "down", "checks": checks}, status=200 if is_ready else 503)


class Metrics(Endpoint):
    """The figures for Prometheus, for whoever has a key that may read."""

    def get_throttles(self) -> list[BaseThrottle]:
        """Only the limit that every client has: who scrapes may do so more often than a person asks."""
        return []

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """All figures as text."""
        return HttpResponse(render_metrics(), content_type=CONTENT_TYPE_LATEST)
