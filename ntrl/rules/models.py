"""Rules that editors add, change or switch off: rows over the entries that ship with an app."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Rule(models.Model):
    """One entry of a rule set. A row with a shipped entry's key overrides it; `is_enabled=False` switches it off."""

    rule_set = models.CharField(max_length=40)
    key = models.CharField(max_length=160)
    is_enabled = models.BooleanField(default=True)
    payload = models.JSONField(
        default=dict,
        blank=True,
        help_text="The entry's fields, as in the shipped file. Empty: keep the shipped ones.",
    )
    note = models.TextField(blank=True, help_text="Why: what would convince another editor.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule_set", "key"], name="rule_unique_key")]

    def __str__(self) -> str:
        return f"{self.rule_set}: {self.key}"
