"""What the search knows of a story; the database itself keeps it true (see `search.engines`)."""

from django.db import models

from ingestion.models import Source, StoryRaw
from neutralization.models import StoryNeutralized


class Document(models.Model):
    """A story that can be found: one that is shown and nobody's duplicate.

    Written by triggers alone, in the transaction that changes what it is made from, and by `search.index`, which makes
    good what was changed while there were none. Its words stand in a column (PostgreSQL) or table (SQLite) beside it.
    """

    story = models.OneToOneField(StoryRaw, on_delete=models.CASCADE, related_name="+")
    version = models.OneToOneField(StoryNeutralized, on_delete=models.CASCADE, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    feed_category = models.CharField(max_length=32, blank=True)
    published_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="search_newest"),
            models.Index(fields=["feed_category", "source"], name="search_facets"),
        ]

    def __str__(self) -> str:
        return str(self.story_id)
