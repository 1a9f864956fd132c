"""The readers' pages."""

app_name = "briefs"
urlpatterns: list = []
