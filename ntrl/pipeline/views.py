"""What machines ask: is the process alive, can it do its work, and the figures for Prometheus."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from ntrl.access import has_key
from ntrl.pipeline.readiness import OK, readiness
from ntrl.pipeline.metrics import render_metrics


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


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for whoever has a key."""
    if not has_key(request):
        refusal = {
            "type": "about:blank",
            "title": "Unauthorized",
            "status": 401,
            "detail": "A valid X-API-Key is needed.",
        }
        headers = {"WWW-Authenticate": "X-API-Key"}
        return JsonResponse(refusal, status=401, content_type="application/problem+json", headers=headers)
    return HttpResponse(render_metrics(), content_type=CONTENT_TYPE_LATEST)
