"""What the runner keeps: who has which item in hand, what each worker did, and a log row per item."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone


class FailureKind(models.TextChoices):
    """Why an item is not done: worth another try, hopeless as it is, or our own fault."""

    RETRY = "retry"
    QUARANTINE = "quarantine"
    BUG = "bug"


class Claim(models.Model):
    """One item of one stage that somebody has in hand, or that failed. Success deletes the row.

    Transitions: none -> held (token, owner, until set) -> deleted (saved), or -> released with a `failure_kind`
    (owner and until empty) -> held again when `ntrl.stages.claims.may_claim` allows it.
    """

    stage = models.CharField(max_length=40)
    item_key = models.CharField(max_length=200)
    token = models.UUIDField(default=uuid4)
    owner = models.CharField(max_length=200, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    failure_kind = models.CharField(max_length=12, choices=FailureKind, blank=True)
    reason = models.TextField(blank=True)
    input_hash = models.CharField(max_length=64, blank=True)
    code_version = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stage", "item_key"], name="claim_unique_item"),
            models.CheckConstraint(
                condition=Q(owner="", until__isnull=True) | (~Q(owner="") & Q(until__isnull=False)),
                name="claim_owner_with_lease",
            ),
            models.CheckConstraint(condition=Q(failure_kind__in=["", *FailureKind.values]), name="claim_failure_kind"),
        ]
        indexes = [models.Index(fields=["owner"], name="claim_owner")]

    def __str__(self) -> str:
        return f"{self.stage} {self.item_key}"


class RunStatus(models.TextChoices):
    """How a run stands or ended; `running` turns into one of the others once and for all."""

    RUNNING = "running"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"


class StageRun(models.Model):
    """What one worker process did in one stage of one run.

    Transitions: running -> completed | partial | failed; a row whose owner died is closed as failed by the next run.
    """

    trace_id = models.CharField(max_length=32, db_index=True)
    stage = models.CharField(max_length=40)
    owner = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=RunStatus, default=RunStatus.RUNNING)
    reason = models.TextField(blank=True)
    counts = models.JSONField(default=dict)
    taken = models.PositiveIntegerField(default=0, help_text="Of a limit that several workers share.")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField()
    duration_ms = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="stage_run_status")]
        indexes = [models.Index(fields=["status", "stage"], name="stage_run_status_stage")]

    def __str__(self) -> str:
        return f"{self.stage} {self.trace_id} {self.status}"


class LogStatus(models.TextChoices):
    """How one item came out."""

    COMPLETED = "completed"
    SKIPPED = "skipped"
    FAILED = "failed"


class PipelineLog(models.Model):
    """One item in one stage, once: the audit trail. Stories are named by id, without a foreign key."""

    trace_id = models.CharField(max_length=32, db_index=True)
    stage = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=LogStatus)
    item_key = models.CharField(max_length=200)
    story_raw_id = models.UUIDField(null=True, blank=True, db_index=True)
    entry_url = models.TextField(blank=True)
    entry_url_hash = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    duration_ms = models.PositiveBigIntegerField()
    failure_reason = models.CharField(max_length=80, blank=True)
    error_message = models.TextField(blank=True)
    retry_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(status__in=LogStatus.values), name="pipeline_log_status")]
        indexes = [models.Index(fields=["stage", "finished_at"], name="pipeline_log_stage_time")]

    def __str__(self) -> str:
        return f"{self.stage} {self.item_key} {self.status}"
