"""Where each address leads: the readers' pages, the editors' admin, and the API."""

from django.contrib import admin
from django.urls import include, path

from ntrl.api.documents import Nothing
from ntrl.pipeline import views as health

urlpatterns = [
    path("admin/", admin.site.urls),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.Metrics.as_view(), name="metrics"),
    path("", include("briefs.urls")),
    path("", include("narratives.urls")),
    # Without this Django would lead to "v1/", where nothing stands either.
    path("v1", Nothing.as_view()),
    path("v1/", include("ntrl.api.urls")),
]

handler400 = "ntrl.rest.problems.bad_request"
handler404 = "ntrl.rest.problems.not_found"
handler500 = "ntrl.rest.problems.server_error"
