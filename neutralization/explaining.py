"""Why each phrase of a text that a rule names was accepted or dropped; and why another one was not found. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from neutralization.lexicon import Lexicon, compile_false_positives, compile_lexicon
from neutralization.spans import Phrase, Step, detect, find_phrase_positions
from neutralization.taxonomy import Action, Category
from neutralization.types import Span
from ntrl.text.fold import fold

# So many of the lexicon's phrases are named when an asked one is not among them.
MAX_SIMILAR = 5
# A longer phrase is compared with the lexicon's by its beginning: comparing takes the square of the length.
_COMPARED_CHARS = 80
# Characters of context shown on each side.
CONTEXT_CHARS = 40


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule's phrase in a text: accepted when `why` is empty, else dropped by `step` because of `why`."""

    span: Span
    step: str
    why: str
    example: str

    @property
    def is_accepted(self) -> bool:
        """Whether the phrase is a span."""
        return not self.why


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the rules say of a text.

    Attributes:
        text: The text.
        hits: Every phrase that a rule names, by place; of one place the accepted one first.
        phrase: What was asked for, if anything.
        answer: Why the asked phrase was found or not, in a sentence; empty when none was asked.
        similar: Phrases of the lexicon that are written like the asked one, when no rule names it.
    """

    text: str
    hits: tuple[Hit, ...]
    phrase: str = ""
    answer: str = ""
    similar: tuple[str, ...] = ()


def explain_text(
    text: str,
    lexicon_entries: Mapping[str, Mapping[str, Any]],
    false_positive_entries: Mapping[str, Mapping[str, Any]],
    *,
    phrase: str = "",
) -> Explanation:
    """Detect spans in `text` by these rules, and explain every hit, or those that touch `phrase`.

    Raises:
        ValueError: A rule can't be used.
    """
    lexicon = compile_lexicon(lexicon_entries)
    detection = detect(text, lexicon, compile_false_positives(false_positive_entries))
    hits = sorted(_hits(detection.spans, detection.trace, lexicon_entries), key=_by_place)
    if not phrase.strip():
        return Explanation(text, tuple(hits))
    places = find_phrase_positions(text, [_asked(phrase)]).kept
    touching = tuple(hit for hit in hits if any(_touch(hit.span, place) for place in places))
    answer = _answer(phrase, places, touching, lexicon)
    similar = () if touching or _is_named(phrase, lexicon) else _similar(phrase, lexicon)
    return Explanation(text, touching, phrase, answer, similar)


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """Return the words before and after a place, on one line, cut between words."""
    before = " ".join(text[max(0, start - CONTEXT_CHARS) : start].split())
    after = " ".join(text[end : end + CONTEXT_CHARS].split())
    is_cut_before, is_cut_after = start > CONTEXT_CHARS, end + CONTEXT_CHARS < len(text)
    left = "… " + before.partition(" ")[2] if is_cut_before and " " in before else before
    right = after.rpartition(" ")[0] + " …" if is_cut_after and " " in after else after
    return left, right


def _hits(spans: Sequence[Span], trace: Sequence[Step], entries: Mapping[str, Mapping[str, Any]]) -> Iterable[Hit]:
    dropped = [(drop.item, step.name, drop.why) for step in trace for drop in step.dropped]
    for item, step, why in [*((span, "accepted", "") for span in spans), *dropped]:
        if isinstance(item, Span):
            yield Hit(item, step, why, str(entries.get(item.rule_key, {}).get("example", "")))


def _by_place(hit: Hit) -> tuple[int, int, bool, str]:
    return (hit.span.start, -hit.span.end, not hit.is_accepted, hit.span.rule_key)


def _asked(phrase: str) -> Phrase:
    return Phrase(phrase, Category.EDITORIAL_VOICE, Action.REMOVED, "", "")


def _touch(span: Span, place: Span) -> bool:
    return span.start < place.end and place.start < span.end


def _answer(phrase: str, places: Sequence[Span], hits: Sequence[Hit], lexicon: Lexicon) -> str:
    if not places:
        rule = "A rule names it." if _is_named(phrase, lexicon) else "No rule names it either."
        return f"“{phrase}” is not in the text as whole words. {rule}"
    accepted = sum(any(hit.is_accepted and _touch(hit.span, place) for hit in hits) for place in places)
    times = "once" if len(places) == 1 else f"{len(places)} times"
    if accepted:
        return f"“{phrase}” is in the text {times}; accepted in {accepted} of {len(places)} places."
    if hits:
        return f"“{phrase}” is in the text {times}, and every rule that names it was dropped: see why below."
    return f"“{phrase}” is in the text {times}, and no rule names it."


def _is_named(phrase: str, lexicon: Lexicon) -> bool:
    return any(fold(form) == fold(phrase) for entry in lexicon.entries for form in entry.forms)


def _similar(phrase: str, lexicon: Lexicon) -> tuple[str, ...]:
    forms = {fold(form): form for entry in lexicon.entries for form in entry.forms}
    asked = " ".join(fold(phrase[:_COMPARED_CHARS]).split())
    holding = [form for form in forms if asked in form.split() or set(form.split()) & set(asked.split())]
    close = get_close_matches(asked, forms, n=MAX_SIMILAR)
    return tuple(forms[form] for form in dict.fromkeys([*close, *holding]))[:MAX_SIMILAR]
