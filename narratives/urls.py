"""The readers' pages of narratives."""

from django.urls import path

from narratives import views

app_name = "narratives"
urlpatterns = [
    path("narratives/", views.by_state, name="list"),
    path("narratives/<uuid:narrative_id>/", views.detail, name="detail"),
    path("narratives/<slug:state>/", views.of_state, name="state"),
]
