"""The second corpus of planted faults is itself sound; nothing here runs an audit.

The three files have the form of those in the folder above. `rule_group` is finer: faults of attribution and
of neutrality have groups of their own. Every case was written from the list of what is faulty, without a look
at the code it judges; a case is changed only when it is untrue.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from neutralization import limits
from neutralization.taxonomy import Action, Category
from neutralization.types import Output

HERE = Path(__file__).parent
MIN_BODIES, FAULT_COUNT, CLEAN_COUNT = 14, 100, 60
BODY_CHARS = range(1_000, 2_501)
RULE_GROUPS = {"grounding", "preservation", "attribution", "neutrality", "form"}
FAULT_FIELDS = ["id", "body", "output", "kind", "rule_group", "text", "why"]
CLEAN_FIELDS = ["id", "body", "output", "kind", "text", "why"]
MAX_CHARS = {
    "feed_title": limits.FEED_TITLE_SOFT_MAX_CHARS,
    "feed_summary": limits.FEED_SUMMARY_MAX_CHARS,
    "detail_title": limits.DETAIL_TITLE_MAX_CHARS,
}
OUTSIDE_LIMITS = {"too_long", "paragraph_count", "empty"}
MIN_OF_KIND = {
    **dict.fromkeys(
        (
            "invented_number",
            "changed_number",
            "changed_date",
            "invented_name",
            "swapped_name",
            "invented_quotation",
            "changed_quotation",
            "dropped_quotation",
            "dropped_number",
            "dropped_paragraph",
            "reordered",
            "hype_left",
        ),
        4,
    ),
    "dropped_attribution": 8,
    "lost_hedge": 6,
    "lost_negation": 3,
}


def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((HERE / name).read_text(encoding="utf-8"))
    return rows


BODIES = {row["id"]: row for row in _rows("bodies.json")}
FAULTS = _rows("faults.json")
CLEAN = _rows("clean.json")


def _correct(body_id: str) -> dict[str, str]:
    return {output: BODIES[body_id]["correct"][output] for output in Output}


def _outside_limits(output: str, text: str) -> bool:
    """Whether the text is blank, too long, or has too many or too few paragraphs."""
    if not text.strip():
        return True
    if output == Output.FEED_TITLE and len(text.split()) > limits.FEED_TITLE_MAX_WORDS:
        return True
    if output == Output.DETAIL_BRIEF:
        paragraphs = len(text.split("\n\n"))
        return not limits.DETAIL_BRIEF_MIN_PARAGRAPHS <= paragraphs <= limits.DETAIL_BRIEF_MAX_PARAGRAPHS
    return len(text) > MAX_CHARS.get(output, len(text))


def _with_spans_applied(body: str, spans: list[dict[str, Any]]) -> str:
    """The body with each span replaced, or removed with the space after it."""
    for span in sorted(spans, key=lambda span: -int(span["start"])):
        end = span["end"]
        if Action(span["action"]) is Action.REMOVED:
            assert not span["replacement"]
            assert body[end] == " "
            end += 1
        else:
            assert span["replacement"]
        body = body[: span["start"]] + span["replacement"] + body[end:]
    return body


def test_corpus_has_the_counts_it_should_have() -> None:
    assert len(_rows("bodies.json")) == len(BODIES) >= MIN_BODIES
    assert len(FAULTS) == FAULT_COUNT
    assert len(CLEAN) == CLEAN_COUNT
    kinds = Counter(fault["kind"] for fault in FAULTS)
    assert not {kind: kinds[kind] for kind, least in MIN_OF_KIND.items() if kinds[kind] < least}


def test_ids_are_unique_and_in_order() -> None:
    assert [case["id"] for case in FAULTS] == [f"s{number:03d}" for number in range(1, FAULT_COUNT + 1)]
    assert [case["id"] for case in CLEAN] == [f"k{number:02d}" for number in range(1, CLEAN_COUNT + 1)]


def test_every_body_and_output_has_faults_and_clean_variants() -> None:
    for cases in (FAULTS, CLEAN):
        assert {case["body"] for case in cases} == set(BODIES)
        assert {case["output"] for case in cases} == {str(output.value) for output in Output}


def test_no_text_stands_twice() -> None:
    keys = [(case["body"], case["output"], case["text"]) for case in (*FAULTS, *CLEAN)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_spans_stand_at_their_offsets_and_explain_every_change(body: dict[str, Any]) -> None:
    spans = body["correct"]["spans"]
    assert len(body["body"]) in BODY_CHARS
    assert spans
    for span in spans:
        assert body["body"][span["start"] : span["end"]] == span["original_text"]
        assert Category(span["category"])
    assert _with_spans_applied(body["body"], spans) == body["correct"]["detail_full"]


@pytest.mark.parametrize("body_id", BODIES)
def test_correct_outputs_keep_the_limits_and_use_no_word_of_a_span(body_id: str) -> None:
    correct = _correct(body_id)
    assert not [output for output, text in correct.items() if _outside_limits(output, text)]
    for span in BODIES[body_id]["correct"]["spans"]:
        assert not [output for output, text in correct.items() if span["original_text"].lower() in text.lower()]


@pytest.mark.parametrize("case", [*FAULTS, *CLEAN], ids=lambda case: str(case["id"]))
def test_case_differs_from_the_correct_text_and_says_why(case: dict[str, Any]) -> None:
    assert list(case) == (FAULT_FIELDS if "rule_group" in case else CLEAN_FIELDS)
    assert case["text"] != _correct(case["body"])[case["output"]]
    assert case["kind"]
    assert case["why"]


@pytest.mark.parametrize("case", CLEAN, ids=lambda case: str(case["id"]))
def test_clean_variants_keep_the_limits_and_use_no_word_of_a_span(case: dict[str, Any]) -> None:
    assert not _outside_limits(case["output"], case["text"])
    for span in BODIES[case["body"]]["correct"]["spans"]:
        assert span["original_text"].lower() not in case["text"].lower()


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: str(case["id"]))
def test_a_fault_breaks_a_limit_only_where_that_is_its_fault(case: dict[str, Any]) -> None:
    assert case["rule_group"] in RULE_GROUPS
    assert _outside_limits(case["output"], case["text"]) is (case["kind"] in OUTSIDE_LIMITS)
