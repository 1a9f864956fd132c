"""The readers' pages."""

from datetime import date

from django.urls import path, register_converter

from briefs import views


class DayConverter:
    """A day as YYYY-MM-DD; one that no calendar has does not match."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Read the day."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """Write the day."""
        return value.isoformat()


register_converter(DayConverter, "day")

app_name = "briefs"
urlpatterns = [
    path("", views.current, name="current"),
    path("briefs/<day:day>/", views.of_day, name="day"),
    path("stories/<uuid:story_id>/", views.story_brief, name="story"),
    path("stories/<uuid:story_id>/full/", views.story_full, name="story-full"),
    path("stories/<uuid:story_id>/changes/", views.story_changes, name="story-changes"),
    path("stories/<uuid:story_id>/original/", views.story_original, name="story-original"),
    path("about/", views.about, name="about"),
]
