"""Where each address leads: the readers' pages, and the editors' admin."""

from django.contrib import admin
from django.urls import include, path

from ntrl.pipeline import views as health

urlpatterns = [
    path("admin/", admin.site.urls),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("", include("briefs.urls")),
    path("", include("narratives.urls")),
]
