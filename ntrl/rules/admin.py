"""Editors add rules, change them, or switch shipped ones off. A rule that can't be compiled is refused."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from ntrl.rules.loader import RuleFileError, checked_entries, shipped_entries
from ntrl.rules.models import Rule
from ntrl.rules.registry import rule_sets


class RuleForm(forms.ModelForm[Rule]):
    """Checks a row together with the rules it will stand among."""

    rule_set = forms.ChoiceField(choices=lambda: [(name, name) for name in sorted(rule_sets())])

    class Meta:
        model = Rule
        fields = ["rule_set", "key", "is_enabled", "payload", "note"]

    def clean_payload(self) -> dict[str, Any]:
        """Take an object with fields, or nothing at all; anything else would stop the stages that read it."""
        payload = self.cleaned_data["payload"]
        if payload is None:
            return {}
        if not isinstance(payload, dict):
            raise forms.ValidationError(
                'Write an object with fields, such as {"weight": 2}; {} keeps the shipped ones.'
            )
        try:
            text = json.dumps(payload, ensure_ascii=False, allow_nan=False)
            text.encode()
        except ValueError as problem:
            raise forms.ValidationError("It holds a number or a character that can't be stored.") from problem
        if "\\u0000" in text:
            raise forms.ValidationError("It holds a NUL character.")
        return payload

    def clean(self) -> dict[str, Any]:
        """Refuse a row that means nothing, and an entry that the rule set's own check refuses, in its words.

        A row that is switched off is not checked further: that is how one that can't be used is taken out.
        """
        values = super().clean() or {}
        name, key = values.get("rule_set"), values.get("key")
        if not name or not key or "payload" not in values:
            return values
        if not values["payload"] and key not in shipped_entries(rule_sets()[name].path):
            raise forms.ValidationError(f"No shipped entry is called {key!r}: a new one needs its fields.")
        if values["is_enabled"]:
            others = Rule.objects.filter(rule_set=name).exclude(pk=self.instance.pk).exclude(key=key)
            try:
                checked_entries(name, [*others, Rule(rule_set=name, key=key, payload=values["payload"])])
            except RuleFileError as problem:
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
