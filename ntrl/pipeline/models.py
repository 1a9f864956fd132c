"""One row per scheduled run, with its figures, status and alerts; the clusters that work; alerts and their messages."""

from decimal import Decimal
from uuid import uuid4

from django.db import models
from django.db.models import Q, Value

from ntrl.stages.models import RunStatus


class Trigger(models.TextChoices):
    """Who started the run."""

    SCHEDULED = "scheduled"
    MANUAL = "manual"
    API = "api"


class PipelineStatus(models.TextChoices):
    """How a whole run stands or ended: as a stage's does, and before that it may wait in the queue."""

    QUEUED = "queued"
    RUNNING = RunStatus.RUNNING.value
    COMPLETED = RunStatus.COMPLETED.value
    PARTIAL = RunStatus.PARTIAL.value
    FAILED = RunStatus.FAILED.value


UNDER_WAY = (PipelineStatus.QUEUED, PipelineStatus.RUNNING)


class PipelineRunSummary(models.Model):
    """A run of the whole pipeline. At most one row is `queued` or `running`: a second run is refused.

    Transitions: (queued ->) running -> completed | partial | failed; a row whose owner died, or that no cluster took
    up, is closed as failed by the watch or the next run.
    """

    trace_id = models.CharField(max_length=32, unique=True)
    trigger = models.CharField(max_length=10, choices=Trigger)
    status = models.CharField(max_length=10, choices=PipelineStatus, default=PipelineStatus.RUNNING)
    parameters = models.JSONField(default=dict, blank=True, help_text="What the run was asked to do.")
    open_stage = models.CharField(max_length=40, blank=True, help_text="The stage in which others may help now.")
    reason = models.TextField(blank=True, help_text="Why the run is not completed.")
    notice = models.TextField(blank=True, help_text="What to know of its language models, also when all went well.")
    owner = models.CharField(max_length=200)
    heartbeat_at = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveBigIntegerField(default=0)

    ingest_total = models.PositiveIntegerField(default=0)
    ingest_success = models.PositiveIntegerField(default=0)
    ingest_body_downloaded = models.PositiveIntegerField(default=0)
    ingest_body_failed = models.PositiveIntegerField(default=0)
    ingest_skipped_duplicate = models.PositiveIntegerField(default=0)
    classify_total = models.PositiveIntegerField(default=0)
    classify_success = models.PositiveIntegerField(default=0)
    classify_llm = models.PositiveIntegerField(default=0)
    classify_keyword_fallback = models.PositiveIntegerField(default=0)
    classify_failed = models.PositiveIntegerField(default=0)
    neutralize_total = models.PositiveIntegerField(default=0)
    neutralize_success = models.PositiveIntegerField(default=0)
    neutralize_skipped_no_body = models.PositiveIntegerField(default=0)
    neutralize_failed = models.PositiveIntegerField(default=0)
    brief_story_count = models.PositiveIntegerField(default=0)
    brief_section_count = models.PositiveIntegerField(default=0)
    tokens_input = models.PositiveBigIntegerField(default=0)
    tokens_output = models.PositiveBigIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal("0"))
    alerts = models.JSONField(default=list)
    alerts_noted = models.BooleanField(default=False, help_text="What it raised and cleared has been told.")

    class Meta:
        verbose_name = "pipeline run"
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(Value(1), condition=Q(status__in=UNDER_WAY), name="pipeline_one_under_way"),
            models.CheckConstraint(condition=Q(status__in=PipelineStatus.values), name="pipeline_run_status"),
            models.CheckConstraint(condition=Q(trigger__in=Trigger.values), name="pipeline_run_trigger"),
        ]

    def __str__(self) -> str:
        return f"{self.trace_id} {self.status}"


class Cluster(models.Model):
    """A process group that takes tasks off the queue (`manage.py qcluster`): one a machine, as a rule.

    Transitions: made when it starts -> beats -> deleted when it stops, or by the watch when it has died.
    """

    key = models.CharField(max_length=40, unique=True)
    owner = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Alert(models.Model):
    """An alert from the run that raised it to the run that did not raise it again.

    Transitions: open (`cleared_at` empty) -> cleared. Raised again, it is another row.
    """

    code = models.CharField(max_length=40)
    raised_at = models.DateTimeField()
    raised_by = models.CharField(max_length=32, help_text="The run's trace id.")
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], condition=Q(cleared_at=None), name="alert_open_once")]

    def __str__(self) -> str:
        return f"{self.code} {'open' if self.cleared_at is None else 'cleared'}"


class AlertEvent(models.TextChoices):
    """What a message tells."""

    RAISED = "raised"
    CLEARED = "cleared"


class Channel(models.TextChoices):
    """How it is told."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class MessageStatus(models.TextChoices):
    """How a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


class AlertMessage(models.Model):
    """A message to people on an alert, written with it and sent afterwards; its id tells the receiver a double.

    Transitions: waiting -> (tried: later again) -> sent | given_up.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="messages")
    event = models.CharField(max_length=10, choices=AlertEvent)
    channel = models.CharField(max_length=10, choices=Channel)
    status = models.CharField(max_length=10, choices=MessageStatus, default=MessageStatus.WAITING)
    created_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "event", "channel"], name="alert_message_once"),
            models.CheckConstraint(condition=Q(status__in=MessageStatus.values), name="alert_message_status"),
        ]
        indexes = [models.Index(fields=["status", "next_attempt_at"], name="alert_message_due")]

    def __str__(self) -> str:
        return f"{self.alert.code} {self.event} by {self.channel}: {self.status}"
