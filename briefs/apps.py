"""The briefs app."""

from django.apps import AppConfig

from ntrl.stages.events import story_corrected


class BriefsConfig(AppConfig):
    """Stage 4: the daily brief, and the readers' pages."""

    name = "briefs"

    def ready(self) -> None:
        """Render the brief anew whenever an editor corrects a story."""
        from briefs.services import render_anew

        story_corrected.connect(render_anew, dispatch_uid="briefs.render_anew")
