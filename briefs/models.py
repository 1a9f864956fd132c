"""The daily brief: its items as they were shown, the rendered document, and why other stories were left out."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from classification.taxonomy import FeedCategory
from ingestion.models import StoryRaw
from neutralization.models import StoryNeutralized


class DailyBrief(models.Model):
    """One assembled brief. Exactly one is current; earlier ones stay readable.

    It holds stories from `cutoff_time` to `stories_until`; a brief made again for a correction keeps both of the one
    it replaces, and its day. `rendered` is the whole document as readers and clients get it, so that reading it costs
    no query per story.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    brief_date = models.DateField()
    cutoff_time = models.DateTimeField()
    assembled_at = models.DateTimeField(default=timezone.now)
    stories_until = models.DateTimeField(default=timezone.now, help_text="The stories had reached us by then.")
    is_current = models.BooleanField(default=False)
    total_stories = models.PositiveIntegerField()
    section_count = models.PositiveIntegerField(help_text="Sections that hold a story.")
    rendered = models.JSONField()
    trace_id = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ["-assembled_at"]
        constraints = [
            models.UniqueConstraint(fields=["is_current"], condition=Q(is_current=True), name="brief_one_current")
        ]
        indexes = [models.Index(fields=["brief_date", "-assembled_at"], name="brief_by_date")]

    def __str__(self) -> str:
        return f"{self.brief_date} ({self.total_stories} stories)"


class DailyBriefItem(models.Model):
    """One story in one brief, as shown: copied, so that a later version of the story changes no past brief."""

    brief = models.ForeignKey(DailyBrief, on_delete=models.CASCADE, related_name="items")
    story = models.ForeignKey(StoryRaw, on_delete=models.CASCADE, related_name="+")
    neutralized = models.ForeignKey(StoryNeutralized, on_delete=models.CASCADE, related_name="+")
    section = models.CharField(max_length=32)
    section_order = models.PositiveSmallIntegerField()
    position = models.PositiveIntegerField()
    feed_title = models.TextField()
    feed_summary = models.TextField()
    source_name = models.CharField(max_length=200)
    original_url = models.TextField()
    published_at = models.DateTimeField()
    has_manipulative_content = models.BooleanField()

    class Meta:
        ordering = ["section_order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["brief", "story"], name="brief_item_unique_story"),
            models.UniqueConstraint(fields=["brief", "section", "position"], name="brief_item_unique_place"),
            models.CheckConstraint(
                condition=Q(section__in=[one.value for one in FeedCategory]), name="brief_item_section"
            ),
        ]

    def __str__(self) -> str:
        return self.feed_title


class BriefExclusion(models.Model):
    """A story of the brief's time that is not in it, and why, for editors."""

    brief = models.ForeignKey(DailyBrief, on_delete=models.CASCADE, related_name="exclusions")
    story = models.ForeignKey(StoryRaw, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=40)
    detail = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brief", "story"], name="exclusion_unique_story")]

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason
