"""What readers are shown of a story, in immutable versions: texts, spans, edits and the audit's verdicts."""

from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ingestion.models import StoryRaw
from neutralization.taxonomy import REASONS, Action, Category, Reason
from neutralization.types import Mode, Output


class Status(models.TextChoices):
    """How a neutralization came out. Only `success` is ever shown.

    `failed_llm`: what makes the texts gave none (a provider's error, or with the reason "bug: …" our own);
    `failed_garbled`: it gave what can't be read; `failed_audit`: the audit said no.
    """

    SUCCESS = "success"
    FAILED_LLM = "failed_llm"
    FAILED_GARBLED = "failed_garbled"
    FAILED_AUDIT = "failed_audit"
    SKIPPED = "skipped"


class Method(models.TextChoices):
    """What made the texts."""

    LEXICON = "lexicon"
    LLM = "llm"
    EDITOR = "editor"


class StoryNeutralized(models.Model):
    """One version of a story's neutral texts, or of the reason why there are none.

    Rows are never changed, but for `is_current`: a new attempt is a new version. A version becomes current only when
    it is a success, so a failure never takes a good version's place.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    story = models.ForeignKey(StoryRaw, on_delete=models.CASCADE, related_name="neutralizations")
    version = models.PositiveIntegerField()
    is_current = models.BooleanField(default=False)
    is_locked = models.BooleanField(default=False, help_text="An editor's version: runs leave it alone.")
    status = models.CharField(max_length=16, choices=Status)
    failure_reason = models.CharField(max_length=80, blank=True)
    failure_detail = models.TextField(blank=True)
    body_version = models.PositiveIntegerField()
    method = models.CharField(max_length=10, choices=Method)
    mode = models.CharField(max_length=16, choices=[(m.value, m.value) for m in Mode])
    input_hash = models.CharField(max_length=64)
    rule_hashes = models.JSONField(default=dict)
    model_name = models.CharField(max_length=64, blank=True)
    prompt_version = models.CharField(max_length=40, blank=True)
    feed_title = models.TextField(blank=True)
    feed_summary = models.TextField(blank=True)
    detail_title = models.TextField(blank=True)
    detail_brief = models.TextField(blank=True)
    detail_full = models.TextField(blank=True)
    written_outputs = models.JSONField(
        default=list,
        blank=True,
        help_text="Short texts that somebody wrote; the others were composed from detail_full, and follow it.",
    )
    disclosure = models.TextField(blank=True)
    has_manipulative_content = models.BooleanField(default=False)
    redline = models.JSONField(null=True, help_text="Each change of the body, with the spans that explain it.")
    unattributed_changes = models.PositiveIntegerField(null=True, help_text="Changes that no span explains.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "neutralized story"
        verbose_name_plural = "neutralized stories"
        constraints = [
            models.UniqueConstraint(fields=["story", "version"], name="neutralized_unique_version"),
            models.UniqueConstraint(fields=["story"], condition=Q(is_current=True), name="neutralized_one_current"),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(status="success"), name="neutralized_current_is_success"
            ),
            models.CheckConstraint(
                condition=(
                    ~Q(status="success")
                    | (
                        ~Q(feed_title="")
                        & ~Q(feed_summary="")
                        & ~Q(detail_title="")
                        & ~Q(detail_brief="")
                        & ~Q(detail_full="")
                    )
                ),
                name="neutralized_success_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(status="success") | ~Q(failure_reason=""), name="neutralized_failure_has_reason"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="neutralized_status"),
            models.CheckConstraint(condition=Q(method__in=Method.values), name="neutralized_method"),
            models.CheckConstraint(condition=Q(mode__in=[one.value for one in Mode]), name="neutralized_mode"),
        ]

    def __str__(self) -> str:
        return self.feed_title or f"{self.status}: {self.failure_reason}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new version; an existing one may only stop or start being current.

        Raises:
            ValueError: another field of a stored version would change.
        """
        if not self._state.adding and set(kwargs.get("update_fields") or ()) != {"is_current"}:
            raise ValueError("a neutralized version is never changed: make a new one")
        super().save(*args, **kwargs)


class TransparencySpan(models.Model):
    """An accepted manipulative phrase of the body: `body[start:end] == original_text`, in code points."""

    neutralized = models.ForeignKey(StoryNeutralized, on_delete=models.CASCADE, related_name="spans")
    position = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    original_text = models.TextField()
    category = models.CharField(max_length=40, choices=[(c.value, c.value) for c in Category])
    action = models.CharField(max_length=10, choices=[(a.value, a.value) for a in Action])
    replacement_text = models.TextField(blank=True)
    rule_key = models.CharField(max_length=160, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["neutralized", "position"], name="span_unique_position"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="span_not_empty"),
            models.CheckConstraint(condition=Q(category__in=list(Category)), name="span_category"),
            models.CheckConstraint(condition=Q(action__in=list(Action)), name="span_action"),
        ]

    def __str__(self) -> str:
        return self.original_text

    @property
    def reason(self) -> Reason:
        """The category's reason on the wire."""
        return REASONS[Category(self.category)]


class NeutralEdit(models.Model):
    """One change of the body because of a span: `body[start:end]` became `replacement`.

    Its range may be wider than the span's; all edits of a version, applied to its body, give detail_full.
    """

    neutralized = models.ForeignKey(StoryNeutralized, on_delete=models.CASCADE, related_name="edits")
    span = models.ForeignKey(TransparencySpan, on_delete=models.CASCADE, related_name="edits")
    position = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    replacement = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["neutralized", "position"], name="edit_unique_position"),
            models.CheckConstraint(condition=Q(start__lte=F("end")), name="edit_range"),
        ]

    def __str__(self) -> str:
        return f"{self.start}–{self.end}"


class AuditVerdict(models.Model):
    """What one audit rule said of one output of a version, with its evidence."""

    neutralized = models.ForeignKey(StoryNeutralized, on_delete=models.CASCADE, related_name="verdicts")
    output = models.CharField(max_length=16, choices=[(o.value, o.value) for o in Output])
    rule_id = models.CharField(max_length=60)
    passed = models.BooleanField()
    evidence = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["neutralized", "output", "rule_id"], name="verdict_unique_rule")]

    def __str__(self) -> str:
        return f"{self.rule_id} on {self.output}: {'passed' if self.passed else 'failed'}"


class KeptReply(models.Model):
    """A model's reply that was paid for by an attempt which failed elsewhere; it spares the next attempt that call.

    Deleted as soon as an attempt comes to an end, or nobody will try again.
    """

    story = models.ForeignKey(StoryRaw, on_delete=models.CASCADE, related_name="kept_replies")
    key = models.CharField(max_length=64)
    text = models.TextField()
    model_name = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "kept replies"
        constraints = [models.UniqueConstraint(fields=["story", "key"], name="kept_reply_unique_key")]

    def __str__(self) -> str:
        return f"{self.model_name}, {len(self.text)} characters"
