"""How a story was filed: `StoryClassification`, one a story."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from classification.taxonomy import Domain, FeedCategory
from ingestion.models import StoryRaw


class Method(models.TextChoices):
    """Who filed the story. `keyword`: no model is configured; `keyword_fallback`: models were asked and failed."""

    LLM = "llm"
    KEYWORD = "keyword"
    KEYWORD_FALLBACK = "keyword_fallback"
    EDITOR = "editor"


class ClassificationStatus(models.TextChoices):
    """Filed, or failed with a reason."""

    CLASSIFIED = "classified"
    FAILED = "failed"


class StoryClassification(models.Model):
    """A story's domain and feed category, or the reason why it has none (then it stays out of the brief).

    Transitions: none -> classified | failed; failed -> classified | failed when the body or the rules change;
    any -> classified by an editor, and then locked: no run overwrites it.
    """

    story = models.OneToOneField(StoryRaw, on_delete=models.CASCADE, primary_key=True, related_name="classification")
    status = models.CharField(max_length=10, choices=ClassificationStatus)
    failure_reason = models.CharField(max_length=80, blank=True)
    domain = models.CharField(max_length=40, blank=True, choices=[(d.value, d.value) for d in Domain])
    feed_category = models.CharField(
        max_length=32, blank=True, choices=[(c.value, c.display_name) for c in FeedCategory]
    )
    tags = models.JSONField(default=dict, blank=True)
    confidence = models.FloatField(default=0.0)
    model = models.CharField(max_length=64, blank=True)
    method = models.CharField(max_length=20, choices=Method)
    is_locked = models.BooleanField(default=False)
    body_version = models.PositiveIntegerField(default=0)
    input_hash = models.CharField(max_length=64, blank=True)
    rule_hashes = models.JSONField(default=dict, blank=True)
    prompt_version = models.CharField(max_length=40, blank=True)
    classified_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(status="classified", domain__in=list(Domain), feed_category__in=list(FeedCategory))
                    | (Q(status="failed", domain="", feed_category="") & ~Q(failure_reason=""))
                ),
                name="classification_whole_or_reasoned",
            ),
            models.CheckConstraint(
                condition=Q(confidence__gte=0.0, confidence__lte=1.0), name="classification_confidence"
            ),
            models.CheckConstraint(condition=Q(method__in=Method.values), name="classification_method"),
        ]
        indexes = [models.Index(fields=["feed_category"], name="classification_category")]

    def __str__(self) -> str:
        return self.feed_category or f"failed: {self.failure_reason}"
