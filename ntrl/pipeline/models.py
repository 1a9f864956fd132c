"""One row per scheduled run: its figures, its status and its alerts."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from ntrl.stages.models import RunStatus


class Trigger(models.TextChoices):
    """Who started the run."""

    SCHEDULED = "scheduled"
    MANUAL = "manual"
    API = "api"


class PipelineRunSummary(models.Model):
    """A run of the whole pipeline. At most one row is `running`: a second run is refused.

    Transitions: running -> completed | partial | failed; a row whose owner died is closed as failed by the next run.
    """

    trace_id = models.CharField(max_length=32, unique=True)
    trigger = models.CharField(max_length=10, choices=Trigger)
    status = models.CharField(max_length=10, choices=RunStatus, default=RunStatus.RUNNING)
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

    class Meta:
        verbose_name = "pipeline run"
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["status"], condition=Q(status="running"), name="pipeline_one_running"),
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="pipeline_run_status"),
            models.CheckConstraint(condition=Q(trigger__in=Trigger.values), name="pipeline_run_trigger"),
        ]

    def __str__(self) -> str:
        return f"{self.trace_id} {self.status}"
