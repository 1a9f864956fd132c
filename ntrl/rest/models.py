"""Keys of the REST API, hashed, and the answers to requests that may be sent again."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from rest_framework_api_key.models import AbstractAPIKey

from ntrl.rest.access import Scope


def _no_scopes() -> list[str]:
    return []


class ApiKey(AbstractAPIKey):
    """A key with a name and scopes. Of the key itself only its prefix and its SHA-512 are kept.

    Transitions: usable -> revoked, once and for all.
    """

    scopes = models.JSONField(default=_no_scopes, help_text=f"Of {', '.join(Scope)}.")
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API key"
        verbose_name_plural = "API keys"


class IdempotentRequest(models.Model):
    """A request that came with an Idempotency-Key, and its answer.

    Transitions: none -> in work (status empty) -> answered, kept until `expires_at` -> deleted; in work -> deleted when
    it was refused or failed, or its process died, so that it can be sent again.
    """

    key_hash = models.CharField(max_length=64, unique=True, help_text="Of the caller and the Idempotency-Key.")
    request_hash = models.CharField(max_length=64, help_text="Of method, path and body.")
    owner = models.CharField(max_length=200, help_text="The process that has it in work.")
    trace_id = models.CharField(max_length=32, blank=True, help_text="Of the run that it started.")
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    location = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status=None) | Q(status__range=(200, 299)), name="idempotent_success")
        ]

    def __str__(self) -> str:
        return f"{self.key_hash[:12]} {self.status or 'in work'}"
