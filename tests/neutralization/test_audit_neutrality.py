"""What was accepted as manipulative is gone: from its place, and from every text made of the body."""

from dataclasses import replace

import pytest

from neutralization.audit import audit
from neutralization.taxonomy import Action, Category
from neutralization.types import Output, Span
from tests.neutralization.audit_case import BODY, FULL, GOOD, SPAN


def blamed(output: Output, text: str, *spans: Span, body: str = BODY) -> list[str]:
    verdicts = audit(body, replace(GOOD, **{output.value: text}), spans=spans)
    return [word for each in verdicts if each.rule_id.startswith("neutrality.") for word in each.evidence]


def span_at(body: str, words: str, replacement: str = "") -> Span:
    at = body.rindex(words)
    action = Action.REPLACED if replacement else Action.REMOVED
    return Span(at, at + len(words), words, Category.EMOTIONAL_TRIGGERS, action, replacement, "key")


@pytest.mark.parametrize("full", [BODY, BODY.replace("Wow! ", ""), BODY.replace("which shocking", "that shocking")])
def test_a_span_left_in_its_place_is_found(full: str) -> None:
    assert blamed(Output.DETAIL_FULL, full, SPAN) == ["shocking"]


def test_a_span_whose_words_stand_elsewhere_too_is_judged_by_its_place() -> None:
    body = "A shocking rise came in the north in May.\n\n" + BODY
    full = body.replace("which shocking", "which")
    assert blamed(Output.DETAIL_FULL, full, span_at(body, "shocking"), body=body) == []


def test_one_of_several_words_may_stay() -> None:
    span = span_at(BODY, "which shocking critics called", "which critics called")
    assert blamed(Output.DETAIL_FULL, FULL, span) == []


@pytest.mark.parametrize("output", [Output.FEED_TITLE, Output.FEED_SUMMARY, Output.DETAIL_TITLE, Output.DETAIL_BRIEF])
def test_no_short_text_repeats_a_span(output: Output) -> None:
    text = getattr(GOOD, output.value).replace("hospitals", "shocking hospitals", 1)
    assert blamed(output, text, SPAN) == ["shocking"]


def test_words_that_the_body_has_elsewhere_too_may_be_repeated() -> None:
    body = BODY + " The report listed five shocking prices."
    assert blamed(Output.FEED_TITLE, "Report lists shocking prices", SPAN, body=body) == []


def test_a_quotation_may_hold_what_was_a_span() -> None:
    assert blamed(Output.FEED_TITLE, "Lee: “It is a shocking plan”", SPAN) == []
