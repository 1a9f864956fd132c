"""Keys in the admin: made (shown once), named, scoped, revoked; their last use."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from rest_framework_api_key.admin import APIKeyModelAdmin
from rest_framework_api_key.models import APIKey

from ntrl.rest.access import Scope
from ntrl.rest.models import ApiKey, IdempotentRequest
from ntrl.stages.admin import ReadOnlyAdmin

# The library's own table of keys, without scopes: nothing asks it.
admin.site.unregister(APIKey)


class ApiKeyForm(forms.ModelForm[ApiKey]):
    """Scopes as boxes to tick."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, scope.value) for scope in Scope], widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiKey
        fields = ["name", "scopes", "expiry_date", "revoked"]


@admin.register(ApiKey)
class ApiKeyAdmin(APIKeyModelAdmin):
    """The key itself is shown once, when it is made."""

    form = ApiKeyForm
    list_display = ("name", "prefix", "scopes", "created", "last_used_at", "expiry_date", "revoked")  # type: ignore[assignment]
    list_filter = ("revoked",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Show the last use too."""
        return (*super().get_readonly_fields(request, obj), "last_used_at")


@admin.register(IdempotentRequest)
class IdempotentRequestAdmin(ReadOnlyAdmin):
    """Requests that came with an Idempotency-Key in the last day."""

    list_display = ["created_at", "status", "owner", "expires_at"]
    exclude = ["body"]
