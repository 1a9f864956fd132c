"""The audit as a whole: every rule answers for every output, and no input makes it fail."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neutralization.audit import MAX_EVIDENCE, MAX_EVIDENCE_CHARS, RULES, audit, passed
from neutralization.audit.search import MAX_QUESTIONS, Haystack
from neutralization.audit.subject import MAX_BODY_CHARS
from neutralization.types import Output, Outputs
from ntrl.text.common_words import word_list
from tests.neutralization.audit_case import BODY, EDIT, GOOD, SPAN
from tests.support.scaling import assert_linear

TEXTS = st.text(alphabet=st.sampled_from("aA the1,. \n“”\"'‘’«[]{}<>&*#!?…-\\\ud800é½$%"), max_size=80) | st.text()
# Words that rules look for, in any order.
CUED = st.lists(
    st.sampled_from(
        word_list(
            "said , . ; : “ ” ‘ that She Lee according to one of whom 5 5-2 8 a.m. metres above would plan not unless "
            "if accused thief charged hour and minutes No. claimed sold called it free the at least told"
        )
    ),
    max_size=30,
).map(" ".join)


def test_good_outputs_pass() -> None:
    verdicts = audit(BODY, GOOD, spans=[SPAN], edits=[EDIT])
    assert [verdict for verdict in verdicts if not verdict.passed] == []
    assert passed(verdicts)


def test_an_unchanged_body_passes_whatever_it_is() -> None:
    body = "WOW!!! <b>as an AI</b> the the [NAME]\n\n“lone … mark {“a”: 1}\n\n…and of the"
    verdicts = audit(body, replace(GOOD, detail_full=body), spans=[])
    assert [verdict for verdict in verdicts if verdict.output is Output.DETAIL_FULL and not verdict.passed] == []


def test_every_rule_answers_for_each_of_its_outputs() -> None:
    verdicts = audit(BODY, GOOD, spans=[])
    assert [(verdict.rule_id, verdict.output) for verdict in verdicts] == [
        (rule.id, output) for rule in RULES for output in rule.outputs
    ]
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_empty_outputs_never_pass() -> None:
    verdicts = audit(BODY, Outputs("", " ", "\n", "…", "\u200b"), spans=[])
    failed = {verdict.output for verdict in verdicts if verdict.rule_id == "form.not_empty" and not verdict.passed}
    assert failed == set(Output)


def test_evidence_is_short() -> None:
    outputs = replace(GOOD, detail_brief=" ".join(f"Xavier{number}" + "x" * 500 for number in range(500)))
    for verdict in audit(BODY, outputs, spans=[]):
        assert len(verdict.evidence) <= MAX_EVIDENCE
        assert all(len(each) <= MAX_EVIDENCE_CHARS for each in verdict.evidence)
        assert verdict.passed == (not verdict.evidence)


@given(TEXTS, TEXTS)
def test_no_text_makes_the_audit_raise(body: str, text: str) -> None:
    audit(body, Outputs(text, text, text, text, text), spans=[])


@given(CUED, CUED)
def test_no_words_of_saying_doubt_or_number_make_the_audit_raise(body: str, text: str) -> None:
    audit(body, Outputs(text, text, text, text, text), spans=[])


@given(TEXTS)
def test_a_body_is_grounded_in_itself_and_preserves_itself(body: str) -> None:
    verdicts = audit(body, Outputs(body, body, body, body, body), spans=[])
    not_form = [verdict for verdict in verdicts if not verdict.rule_id.startswith("form.")]
    assert passed(not_form)


@pytest.mark.parametrize(
    "piece",
    [
        "“a b c d ",
        "1,234",
        "the ",
        "U.S. ",
        "<a",
        "**a",
        "May 1 to 2 and ",
        "a'",
        "\n\na",
        "AB CD ",
        ".",
        '"',
        "‘a’ ",
        "A!",
        "Seven men, one of whom sold 5-2 at 8, one in 5. ",
        "He would buy 3 metres above, 4 feet, it said. ",
    ],
)
def test_time_grows_with_the_text_alone(piece: str) -> None:
    def audited(text: str) -> None:
        # The body ends otherwise than the texts do.
        audit(text + " x", Outputs(text, text, text, text, text[:-1] + "z"), spans=[])

    assert_linear(audited, piece * (16_000 // len(piece)))


@pytest.mark.parametrize(
    ("output", "chars"),
    [(Output.FEED_TITLE, 2_001), (Output.DETAIL_BRIEF, 20_001), (Output.DETAIL_FULL, MAX_BODY_CHARS + 1)],
)
def test_what_is_too_long_to_be_read_never_passes(output: Output, chars: int) -> None:
    text = ("Five new hospitals will be built. " * (chars // 34 + 1))[:chars]
    verdicts = audit(BODY, replace(GOOD, **{output.value: text}), spans=[])
    assert [each.evidence for each in verdicts if each.rule_id == "form.length" and each.output is output] == [
        (f"{chars} characters",)
    ]


def test_a_body_too_long_to_be_read_never_passes() -> None:
    body = BODY + " And so on." * (MAX_BODY_CHARS // 11)
    assert "form.length" in {each.rule_id for each in audit(body, GOOD, spans=[]) if not each.passed}


def test_more_questions_than_an_honest_text_asks_are_answered_with_no() -> None:
    haystack = Haystack("the word stands here")
    assert "stands" in haystack
    assert not [number for number in range(MAX_QUESTIONS) if str(number) in haystack]
    assert "here" not in haystack
    assert "stands" in haystack
