"""Editors add rules, change them, or switch shipped ones off. A rule that can't be compiled is refused."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from ntrl.rules.loader import load_rules, shipped_entries
from ntrl.rules.models import Rule
from ntrl.rules.registry import rule_sets


class RuleForm(forms.ModelForm[Rule]):
    """Checks a row together with the rules it will stand among."""

    rule_set = forms.ChoiceField(choices=lambda: [(name, name) for name in sorted(rule_sets())])

    class Meta:
        model = Rule
        fields = ["rule_set", "key", "is_enabled", "payload", "note"]

    def clean(self) -> dict[str, Any]:
        """Refuse an entry that the rule set's own check refuses, in its words."""
        values = super().clean() or {}
        name, key = values.get("rule_set"), values.get("key")
        if not name or not key or not values.get("is_enabled"):
            return values
        shipped = shipped_entries(rule_sets()[name].path).get(key)
        payload = values.get("payload") or shipped
        if payload is None:
            raise forms.ValidationError(f"No shipped entry is called {key!r}: a new one needs its fields.")
        try:
            rule_sets()[name].check({**load_rules(name).entries, key: payload})
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from problem
        return values


@admin.register(Rule)
class RuleAdmin(admin.ModelAdmin[Rule]):
    """The editors' rules."""

    form = RuleForm
    list_display = ["rule_set", "key", "is_enabled", "payload", "note", "created_by", "created_at"]
    list_filter = ["rule_set", "is_enabled"]
    search_fields = ["key", "note"]

    def save_model(self, request: HttpRequest, obj: Rule, form: Any, change: bool) -> None:
        """Remember who made it."""
        if not change and request.user.is_authenticated:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)
