"""A row per call, the money set aside for calls under way, and alerts. Stories and narratives are named by id alone."""

from django.db import models
from django.db.models import Q

from ntrl.llm.prices import COST_PLACES

# With COST_PLACES: up to a million dollars.
_COST_DIGITS = 16


class CallOutcome(models.TextChoices):
    """What became of a call: a reply that was used, one that could not be, or none."""

    SUCCESS = "success"
    UNUSABLE = "unusable"
    FAILED = "failed"


class LLMCall(models.Model):
    """One call to a model, also one that failed. Written once, never changed."""

    created_at = models.DateTimeField(db_index=True)
    trace_id = models.CharField(max_length=32, db_index=True)
    operation = models.CharField(max_length=40)
    provider = models.CharField(max_length=20)
    model = models.CharField(max_length=100)
    prompt_version = models.CharField(max_length=80, blank=True)
    attempt = models.PositiveSmallIntegerField(help_text="Which entry of the chain, from 1.")
    story_id = models.UUIDField(null=True, blank=True, db_index=True)
    narrative_id = models.CharField(max_length=200, blank=True, help_text="In its store: a UUID, or another system's.")
    outcome = models.CharField(max_length=10, choices=CallOutcome)
    error_class = models.CharField(max_length=80, blank=True)
    tokens_input = models.PositiveIntegerField(default=0, help_text="With those from and to the provider's cache.")
    tokens_cached = models.PositiveIntegerField(default=0)
    tokens_output = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(
        max_digits=_COST_DIGITS,
        decimal_places=COST_PLACES,
        null=True,
        blank=True,
        help_text="Empty when the model's price is not known.",
    )
    cost_is_worst_case = models.BooleanField(default=False, help_text="The provider did not say what it bills.")
    latency_ms = models.PositiveIntegerField(default=0)
    prompt_text = models.TextField(blank=True)
    reply_text = models.TextField(blank=True)

    class Meta:
        verbose_name = "call to a model"
        verbose_name_plural = "calls to models"
        constraints = [models.CheckConstraint(condition=Q(outcome__in=CallOutcome.values), name="llm_call_outcome")]

    def __str__(self) -> str:
        return f"{self.operation} {self.provider} {self.model} {self.outcome}"


class Reservation(models.Model):
    """Money set aside for an item before a call for it goes out.

    Transitions: made when an item is handed out -> grows when its calls need more, shrinks by what a finished call
    cost -> deleted when the item's calls are all written. The row of a process that died stays, and counts as spent.
    """

    created_at = models.DateTimeField(db_index=True)
    trace_id = models.CharField(max_length=32, db_index=True)
    owner = models.CharField(max_length=200)
    stage = models.CharField(max_length=40, blank=True)
    item_key = models.CharField(max_length=200, blank=True)
    amount_usd = models.DecimalField(max_digits=_COST_DIGITS, decimal_places=COST_PLACES)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_usd__gte=0), name="llm_reservation_amount")]

    def __str__(self) -> str:
        return f"{self.stage} {self.item_key}: {self.amount_usd} USD"


class AlertCode(models.TextChoices):
    """What an operator must know of a run's models."""

    PROVIDER_DOWN = "provider_down"
    BUDGET_EXHAUSTED = "llm_budget_exhausted"


class LLMAlert(models.Model):
    """An alert of a run: once for each code and subject (a provider, its model, a budget)."""

    created_at = models.DateTimeField()
    trace_id = models.CharField(max_length=32)
    code = models.CharField(max_length=40, choices=AlertCode)
    subject = models.CharField(max_length=130)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "alert on models"
        verbose_name_plural = "alerts on models"
        constraints = [
            models.UniqueConstraint(fields=["trace_id", "code", "subject"], name="llm_alert_once"),
            models.CheckConstraint(condition=Q(code__in=AlertCode.values), name="llm_alert_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.subject}"
