"""Where each address leads: the readers' pages, and the editors' admin."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("briefs.urls")),
    path("", include("narratives.urls")),
]
