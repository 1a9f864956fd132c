"""Phrases rejected, changed and added: where they come to stand, and what can't be done with its reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neutralization.corrections import (
    Addition,
    AdditionRefused,
    Change,
    Corrections,
    Refused,
    Rejection,
    Scope,
    SpanRefused,
)
from neutralization.edits import apply_edits, make_edits
from neutralization.span_corrections import corrected_spans, places_of
from neutralization.taxonomy import Action, Category
from neutralization.types import Span
from ntrl.text.quotes import quotations
from tests.neutralization.desk_case import BODY, SHOCKING, SLAMMED

VERB = Category.LOADED_VERBS


def a_span(words: str, after: int = 0) -> Span:
    start = BODY.index(words, after)
    return Span(start, start + len(words), words, VERB, Action.REPLACED, "criticized", "verbs/slam")


SPANS = (a_span("slammed"), a_span("shocking"), a_span("slammed", 100))


@pytest.mark.parametrize(
    ("rejection", "says"),
    [
        (Rejection(SHOCKING, Scope.EVERYWHERE), "reason"),
        (Rejection(SHOCKING, Scope.EVERYWHERE, term="slammed", reason="x"), "does not hold"),
        (Rejection(SHOCKING, Scope.EVERYWHERE, term="shocking news", reason="x"), "does not stand"),
        (Rejection(SHOCKING, Scope.EVERYWHERE, term="!?", reason="x"), "does not stand"),
        (Rejection(SHOCKING, Scope.EVERYWHERE, term="shocking " * 99_999, reason="x"), "does not stand"),
        (Rejection(SHOCKING, Scope.EVERYWHERE, reason="\0"), "can't be stored"),
        (Rejection(SHOCKING, Scope.EVERYWHERE, reason="\ud800"), "can't be stored"),
        (Rejection(3), "no phrase 4"),
        (Rejection(-1), "no phrase 0"),
    ],
)
def test_a_rejection_that_means_nothing_is_refused(rejection: Rejection, says: str) -> None:
    with pytest.raises(SpanRefused, match=says) as refused:
        corrected_spans(BODY, SPANS, Corrections(rejections=(rejection,)))

    assert refused.value.position == rejection.position


@pytest.mark.parametrize(
    ("action", "replacement", "says"),
    [
        (Action.REMOVED, "criticized", "no replacement"),
        (Action.REPLACED, "  ", "Say what"),
        (Action.SOFTENED, "", "Say what"),
        (Action.REPLACED, "SLAMMED", "the phrase itself"),
        (Action.REPLACED, "x" * 501, "at most"),
        (Action.REPLACED, "a\0b", "can't be stored"),
    ],
)
def test_words_that_do_not_fit_the_action_are_refused(action: Action, replacement: str, says: str) -> None:
    change = Change(SLAMMED, VERB, action, replacement)
    with pytest.raises(SpanRefused, match=says):
        corrected_spans(BODY, SPANS, Corrections(changes=(change,)))

    addition = Addition("slammed", VERB, action, replacement, (SPANS[SLAMMED].start,))
    with pytest.raises(AdditionRefused, match=says):
        corrected_spans(BODY, (), Corrections(additions=(addition,)))


@pytest.mark.parametrize(
    ("phrase", "starts", "says"),
    [
        ("waste", (), "in a quotation"),
        ("waste of public", (), "in a quotation"),
        ("shocking", (BODY.index("shocking waste"),), "in a quotation"),
        ("slammed its", (), "overlaps “slammed”"),
        ("bridge", (), "2 places"),
        ("bridge", (1,), "not stand in the place"),
        ("bridge", (-1,), "not stand in the place"),
        ("ridge", (), "whole words"),
        ("…", (), "whole words"),
        ("", (), "whole words"),
        ("x" * 100_000, (), "whole words"),
        ("bridge\ud800", (), "can't be stored"),
    ],
)
def test_a_phrase_that_cannot_be_taken_is_refused_with_its_reason(
    phrase: str, starts: tuple[int, ...], says: str
) -> None:
    addition = Addition(phrase, Category.EDITORIAL_VOICE, Action.REMOVED, "", starts)

    with pytest.raises(AdditionRefused, match=says):
        corrected_spans(BODY, SPANS, Corrections(additions=(addition,)))


def test_a_rejected_phrase_makes_room_for_a_longer_one_in_the_same_go() -> None:
    addition = Addition("slammed its critics", VERB, Action.REPLACED, "answered its critics")

    spans = corrected_spans(BODY, SPANS, Corrections(rejections=(Rejection(SLAMMED),), additions=(addition,)))

    assert [span.original_text for span in spans] == ["slammed its critics", "shocking", "slammed"]


def test_places_in_and_out_of_quotations_are_told_apart() -> None:
    assert [(BODY[place.start : place.end], place.refused) for place in places_of(BODY, "SHOCKING")] == [
        ("shocking", ""),
        ("shocking", "in a quotation"),
    ]


_WORDS = sorted({word.strip(".,“”") for word in BODY.split()})
_ADDITIONS = st.builds(
    Addition,
    st.sampled_from(_WORDS) | st.lists(st.sampled_from(_WORDS), min_size=2, max_size=3).map(" ".join),
    st.sampled_from(Category),
    st.just(Action.REPLACED),
    st.sampled_from(["calm", "an even word"]),
    st.lists(st.integers(0, len(BODY)), max_size=2).map(tuple),
)
_REJECTIONS = st.builds(
    Rejection, st.integers(-1, 3), st.sampled_from(Scope), st.sampled_from(["", *_WORDS]), st.just("x")
)


@given(st.lists(_REJECTIONS, max_size=2), st.lists(_ADDITIONS, max_size=3))
def test_whatever_is_asked_spans_are_exact_sorted_disjoint_and_outside_speech(
    rejections: list[Rejection], additions: list[Addition]
) -> None:
    try:
        spans = corrected_spans(BODY, SPANS, Corrections(tuple(rejections), (), tuple(additions)))
    except Refused:
        return
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(BODY[span.start : span.end] == span.original_text for span in spans)
    speech = [quotation for quotation in quotations(BODY) if quotation.is_speech]
    assert not any(span.start < said.end and said.start < span.end for span in spans for said in speech)
    apply_edits(BODY, make_edits(BODY, spans))
