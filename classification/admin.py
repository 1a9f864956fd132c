"""Classifications in the admin: an editor corrects a story's domain and geography."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from classification.models import StoryClassification
from classification.services import correct_classification
from classification.taxonomy import Domain, Geography


class CorrectionForm(forms.ModelForm[StoryClassification]):
    """The two things an editor decides; the category follows from them."""

    # A story without a domain begins with none: an editor chooses it, not the list's first.
    domain = forms.ChoiceField(choices=[("", "---------"), *((domain.value, domain.value) for domain in Domain)])
    geography = forms.ChoiceField(choices=[(place.value, place.value) for place in Geography])

    class Meta:
        model = StoryClassification
        fields = ["domain"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["geography"].initial = self.instance.tags.get("geography", Geography.US)


@admin.register(StoryClassification)
class StoryClassificationAdmin(admin.ModelAdmin[StoryClassification]):
    """How stories were filed. Saving a correction locks it and renders the brief anew."""

    form = CorrectionForm
    list_display = [
        "story",
        "feed_category",
        "domain",
        "status",
        "failure_reason",
        "method",
        "is_locked",
        "classified_at",
    ]
    list_filter = ["status", "feed_category", "domain", "method", "is_locked"]
    list_select_related = ["story"]
    search_fields = ["story__original_title", "story__id__exact"]
    readonly_fields = [
        "story",
        "feed_category",
        "status",
        "failure_reason",
        "method",
        "model",
        "prompt_version",
        "confidence",
        "is_locked",
        "tags",
        "classified_at",
    ]
    fields = ["story", "domain", "geography", *readonly_fields[1:]]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Runs file stories; editors correct them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A wrong class is corrected, not deleted."""
        return False

    def save_model(self, request: HttpRequest, obj: StoryClassification, form: Any, change: bool) -> None:
        """Correct through the one service that does it."""
        correct_classification(
            story=obj.story,
            domain=Domain(form.cleaned_data["domain"]),
            geography=Geography(form.cleaned_data["geography"]),
        )
