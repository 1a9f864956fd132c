"""The desk's form: a decision for each phrase, a phrase to add, the texts to write. It parses; services decide."""

from collections.abc import Sequence
from typing import Any

from django import forms

from neutralization.corrections import WRITABLE, Addition, Change, Corrections, Rejection, Scope
from neutralization.limits import (
    DETAIL_BRIEF_MAX_PARAGRAPHS,
    DETAIL_BRIEF_MIN_PARAGRAPHS,
    DETAIL_TITLE_MAX_CHARS,
    FEED_SUMMARY_MAX_CHARS,
    FEED_SUMMARY_MAX_SENTENCES,
    FEED_TITLE_MAX_WORDS,
    FEED_TITLE_SOFT_MAX_CHARS,
)
from neutralization.rebuilding import Basis
from neutralization.span_corrections import MAX_PHRASE_CHARS, places_of
from neutralization.taxonomy import NAMES, Action, Category
from neutralization.types import Output, Span

# With six fields each they stay under Django's limit of a form's fields; the rest is on the next page.
SPANS_A_PAGE = 100
# Places of one phrase to choose from; whoever means another gives more of its words.
MAX_PLACES = 30
# Of the text around a place, on each side.
_CONTEXT_CHARS = 40
# Far more than any text may have; what is longer was not written by an editor.
_MAX_TEXT_CHARS = 20_000

_CATEGORIES = [(category.value, NAMES[category]) for category in Category]
_ACTIONS = [(action.value, action.value) for action in Action]
_KEEP, _CHANGE = "keep", "change"
_LIMITS = {
    Output.FEED_TITLE: f"At most {FEED_TITLE_MAX_WORDS} words, better within {FEED_TITLE_SOFT_MAX_CHARS} characters.",
    Output.FEED_SUMMARY: f"At most {FEED_SUMMARY_MAX_SENTENCES} sentences, {FEED_SUMMARY_MAX_CHARS} characters.",
    Output.DETAIL_TITLE: f"At most {DETAIL_TITLE_MAX_CHARS} characters.",
    Output.DETAIL_BRIEF: f"{DETAIL_BRIEF_MIN_PARAGRAPHS} to {DETAIL_BRIEF_MAX_PARAGRAPHS} paragraphs of prose, "
    "with a blank line between them.",
}


class SpanForm(forms.Form):
    """What becomes of one accepted phrase."""

    decision = forms.ChoiceField(required=False)
    category = forms.ChoiceField(choices=_CATEGORIES, required=False)
    action = forms.ChoiceField(choices=_ACTIONS, required=False)
    replacement = forms.CharField(max_length=MAX_PHRASE_CHARS, required=False)
    term = forms.CharField(
        label="Term to leave alone",
        max_length=MAX_PHRASE_CHARS,
        required=False,
        help_text="The phrase itself, or with the words that make it harmless, as they stand here: “crisis talks”.",
    )
    reason = forms.CharField(max_length=300, required=False, help_text="What would convince another editor.")

    def __init__(self, data: Any, *, position: int, span: Span, may_exempt: bool) -> None:
        initial = {
            "category": span.category,
            "action": span.action,
            "replacement": span.replacement,
            "term": " ".join(span.original_text.split()),
        }
        super().__init__(data, prefix=f"phrase-{position}", initial=initial)
        self.position, self.span = position, span
        choices = [
            (_KEEP, "Keep it as it is"),
            (_CHANGE, "Change what is done to it"),
            (Scope.HERE.value, "Reject it in this place"),
            (Scope.STORY.value, "Reject it in this story, every time"),
            *([(Scope.EVERYWHERE.value, "Reject it everywhere, by a rule")] if may_exempt else []),
        ]
        self.fields["decision"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["decision"].label = f"Decision on “{span.original_text}”"

    @property
    def number(self) -> int:
        """The phrase's number as the page shows it."""
        return self.position + 1

    @property
    def category_name(self) -> str:
        """The category in words."""
        return NAMES[self.span.category]

    def decided(self) -> Rejection | Change | None:
        """The decision, when there is one."""
        values = self.cleaned_data
        decision = values["decision"] or _KEEP
        if decision == _KEEP:
            return None
        if decision == _CHANGE:
            category = Category(values["category"] or self.span.category)
            return Change(self.position, category, Action(values["action"] or self.span.action), values["replacement"])
        return Rejection(self.position, Scope(decision), values["term"], values["reason"])


class AdditionForm(forms.Form):
    """A phrase that was overlooked. Its places are looked up in the body; several are offered to choose from."""

    phrase = forms.CharField(
        max_length=MAX_PHRASE_CHARS,
        required=False,
        help_text="Whole words, as they stand in the article.",
    )
    starts = forms.TypedMultipleChoiceField(
        label="Which of its places", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    category = forms.ChoiceField(choices=[("", "---------"), *_CATEGORIES], required=False)
    action = forms.ChoiceField(choices=_ACTIONS, required=False)
    replacement = forms.CharField(max_length=MAX_PHRASE_CHARS, required=False, help_text="Empty when it is removed.")
    selected = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, body: str) -> None:
        super().__init__(data, prefix="added")
        phrase = str(self.data.get("added-phrase", "")).strip()
        places = [place for place in places_of(body, phrase) if not place.refused] if phrase else []
        self.fields["starts"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (place.start, _in_context(body, place.start, place.end)) for place in places[:MAX_PLACES]
        ]
        self.has_choice = len(places) > 1

    def clean(self) -> dict[str, Any]:
        """Ask for a category, and take the place that was selected in the text when no other is chosen."""
        values = super().clean() or {}
        if values.get("phrase") and not values.get("category") and "category" not in self.errors:
            self.add_error("category", "Choose a category: readers are told why it was changed.")
        known = {start for start, _ in self.fields["starts"].choices}  # type: ignore[attr-defined]
        if not values.get("starts") and values.get("selected") in known:
            values["starts"] = [values["selected"]]
        return values

    def decided(self) -> Addition | None:
        """The phrase to add, when one is given."""
        values = self.cleaned_data
        if not values["phrase"]:
            return None
        action = Action(values["action"] or Action.REMOVED)
        return Addition(
            values["phrase"], Category(values["category"]), action, values["replacement"], tuple(values["starts"])
        )


class TextsForm(forms.Form):
    """The short texts."""

    def __init__(self, data: Any, *, basis: Basis) -> None:
        super().__init__(data, prefix="text")
        for name in WRITABLE:
            made = "Written by an editor." if name in basis.written else "Composed from the full text."
            rows = 14 if name is Output.DETAIL_BRIEF else 3
            self.fields[name.value] = forms.CharField(
                max_length=_MAX_TEXT_CHARS,
                required=False,
                initial=getattr(basis.outputs, name),
                help_text=f"{_LIMITS[name]} {made} Empty it to have it composed.",
                widget=forms.Textarea(attrs={"rows": rows}),
            )

    def decided(self) -> dict[Output, str]:
        """The texts that were sent."""
        return {name: self.cleaned_data[name.value] for name in WRITABLE if self.add_prefix(name.value) in self.data}


def corrections_of(
    span_forms: Sequence[SpanForm], addition: AdditionForm | None, texts: TextsForm
) -> Corrections | None:
    """Gather what the forms ask for; None when one of them is not filled in right."""
    every = [*span_forms, *([addition] if addition else []), texts]
    # All of them are asked, so that each shows its own errors.
    if {form.is_valid() for form in every} != {True}:
        return None
    decided = [form.decided() for form in span_forms]
    added = addition.decided() if addition else None
    return Corrections(
        rejections=tuple(each for each in decided if isinstance(each, Rejection)),
        changes=tuple(each for each in decided if isinstance(each, Change)),
        additions=(added,) if added else (),
        texts=texts.decided(),
    )


def _in_context(body: str, start: int, end: int) -> str:
    before, after = body[max(0, start - _CONTEXT_CHARS) : start], body[end : end + _CONTEXT_CHARS]
    return f"… {before}[{body[start:end]}]{after} …"
