"""What editors fill in about narratives, checked as it will be used."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect

from narratives.entities import fold_name
from narratives.fingerprints import BadFingerprint, check_focus, clean_focus
from narratives.models import EntityAlias, Narrative, NarrativeMembership
from narratives.rules_in_force import load_identity


class NarrativeForm(forms.ModelForm[Narrative]):
    """What an editor decides of a narrative."""

    class Meta:
        model = Narrative
        fields = ["title", "narrative_focus", "is_locked"]

    def clean_narrative_focus(self) -> str:
        """A focus that may stand, or the one that is there."""
        focus: str = self.cleaned_data["narrative_focus"]
        if focus == self.instance.narrative_focus:
            return focus
        focus = clean_focus(focus)
        try:
            check_focus(focus, self.instance.nucleus_entity, load_identity().identity.aliases)
        except BadFingerprint as refusal:
            raise forms.ValidationError(refusal.detail) from refusal
        return focus


class MoveForm(forms.Form):
    """Where chosen stories go."""

    target = forms.ModelChoiceField(
        Narrative.objects.filter(merged_into=None),
        widget=AutocompleteSelect(NarrativeMembership._meta.get_field("narrative"), admin.site),
        label="Narrative",
    )


class EntityAliasForm(forms.ModelForm[EntityAlias]):
    """Checks an alias as it will be used."""

    class Meta:
        model = EntityAlias
        fields = ["alias", "entity", "is_enabled", "note"]

    def clean(self) -> dict[str, Any]:
        """Refuse a name without a word, one that says nothing, and one that an editor has already."""
        values = super().clean() or {}
        key, entity = fold_name(values.get("alias", "")), fold_name(values.get("entity", ""))
        if not key or not entity:
            raise forms.ValidationError("Both names need a word.")
        if key == entity:
            raise forms.ValidationError("The two names are the same already.")
        if EntityAlias.objects.filter(key=key).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("There is a row for this alias already.")
        self.instance.key = key
        return values
