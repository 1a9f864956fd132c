"""The corpus of planted faults is itself sound: offsets, limits, ids and kinds hold.

`bodies.json`: news-style bodies of our own invention, each with one correct set of outputs and its spans.
`faults.json`: one output of a body made wrong on purpose; an audit must flag it. `rule_group` names the
    kind of rule it breaks.
`clean.json`: other true forms of an output; an audit must let each of them pass.
They were written from the design's words, without a look at the code they judge; a case is changed only
when it is untrue.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from neutralization import limits
from neutralization.taxonomy import Action, Category
from neutralization.types import Output

HERE = Path(__file__).parent
MIN_BODIES, MIN_FAULTS, MIN_CLEAN = 8, 60, 30
BODY_CHARS = range(900, 2_501)
RULE_GROUPS = {"grounding", "preservation", "form"}
MAX_CHARS = {
    "feed_summary": limits.FEED_SUMMARY_MAX_CHARS,
    "detail_title": limits.DETAIL_TITLE_MAX_CHARS,
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
    """Whether a hard maximum or the count of paragraphs is broken."""
    if output == Output.FEED_TITLE:
        return not 1 <= len(text.split()) <= limits.FEED_TITLE_MAX_WORDS
    if output == Output.DETAIL_BRIEF:
        paragraphs = len(text.split("\n\n"))
        return not limits.DETAIL_BRIEF_MIN_PARAGRAPHS <= paragraphs <= limits.DETAIL_BRIEF_MAX_PARAGRAPHS
    return len(text) > MAX_CHARS.get(output, len(text))


def _without_spans(body: str, spans: list[dict[str, Any]]) -> str:
    """The body less each span and the space after it."""
    for span in sorted(spans, key=lambda span: -int(span["start"])):
        assert body[span["end"]] == " "
        body = body[: span["start"]] + body[span["end"] + 1 :]
    return body


def test_corpus_is_as_large_as_it_should_be() -> None:
    assert len(BODIES) >= MIN_BODIES
    assert len(FAULTS) >= MIN_FAULTS
    assert len(CLEAN) >= MIN_CLEAN


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_spans_stand_at_their_offsets_and_explain_every_change(body: dict[str, Any]) -> None:
    spans = body["correct"]["spans"]
    assert len(body["body"]) in BODY_CHARS
    assert spans
    for span in spans:
        assert body["body"][span["start"] : span["end"]] == span["original_text"]
        assert Category(span["category"])
        assert Action(span["action"]) is Action.REMOVED
    assert _without_spans(body["body"], spans) == body["correct"]["detail_full"]


@pytest.mark.parametrize("body_id", BODIES)
def test_correct_outputs_keep_the_limits(body_id: str) -> None:
    correct = _correct(body_id)
    assert not [output for output, text in correct.items() if _outside_limits(output, text)]
    assert len(correct["feed_title"]) <= limits.FEED_TITLE_SOFT_MAX_CHARS


@pytest.mark.parametrize("case", [*FAULTS, *CLEAN], ids=lambda case: str(case["id"]))
def test_case_differs_from_the_correct_text_and_says_why(case: dict[str, Any]) -> None:
    assert case["text"] != _correct(case["body"])[case["output"]]
    assert case["kind"]
    assert case["why"]


@pytest.mark.parametrize("case", CLEAN, ids=lambda case: str(case["id"]))
def test_clean_variants_keep_the_limits(case: dict[str, Any]) -> None:
    assert not _outside_limits(case["output"], case["text"])


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: str(case["id"]))
def test_a_fault_breaks_a_limit_only_where_that_is_its_fault(case: dict[str, Any]) -> None:
    assert case["rule_group"] in RULE_GROUPS
    meant = case["kind"] in {"too_long", "paragraph_count", "empty"}
    assert _outside_limits(case["output"], case["text"]) is meant


def test_ids_are_unique() -> None:
    ids = [case["id"] for case in (*FAULTS, *CLEAN)]
    assert len(ids) == len(set(ids))
