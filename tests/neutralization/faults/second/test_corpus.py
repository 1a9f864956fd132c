"""The second, the third and the fourth corpus of planted faults are themselves sound; nothing here runs an audit.

The three files of each have the form of those in the folder above. `rule_group` is finer: faults of attribution and
of neutrality have groups of their own. Every case was written from the list of what is faulty, without a look
at the code it judges; a case is changed only when it is untrue.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from neutralization import limits
from neutralization.taxonomy import Action, Category
from neutralization.types import Output

CORPORA = Path(__file__).parent.parent
BODY_CHARS = range(1_000, 2_501)
RULE_GROUPS = {"grounding", "preservation", "attribution", "neutrality", "form"}
FAULT_FIELDS = ["id", "body", "output", "kind", "rule_group", "text", "why"]
CLEAN_FIELDS = ["id", "body", "output", "kind", "text", "why"]
MAX_CHARS = {
    "feed_title": limits.FEED_TITLE_SOFT_MAX_CHARS,
    "feed_summary": limits.FEED_SUMMARY_MAX_CHARS,
    "detail_title": limits.DETAIL_TITLE_MAX_CHARS,
}
OUTSIDE_LIMITS = {"too_long", "over_long", "paragraph_count", "empty"}


@dataclass(frozen=True)
class Corpus:
    """A folder of cases, the letters its ids begin with, and how many cases of what kind it should hold."""

    name: str
    fault_letter: str
    clean_letter: str
    body_count: int
    fault_count: int
    clean_count: int
    min_of: dict[str, dict[str, int]]
    fault_digits: int = 3

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of one of the corpus's three files."""
        rows: list[dict[str, Any]] = json.loads((CORPORA / self.name / name).read_text(encoding="utf-8"))
        return rows


SECOND = Corpus(
    name="second",
    fault_letter="s",
    clean_letter="k",
    body_count=14,
    fault_count=100,
    clean_count=60,
    min_of={
        "kind": {
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
    },
)
THIRD = Corpus(
    name="third",
    fault_letter="t",
    clean_letter="m",
    body_count=10,
    fault_count=50,
    clean_count=30,
    min_of={"rule_group": {"grounding": 14, "attribution": 14, "preservation": 9, "neutrality": 4, "form": 9}},
)
FOURTH = Corpus(
    name="fourth",
    fault_letter="f",
    clean_letter="c",
    body_count=10,
    fault_count=50,
    clean_count=30,
    min_of={"rule_group": {"grounding": 19, "attribution": 5, "preservation": 10, "neutrality": 5, "form": 11}},
    fault_digits=2,
)
ALL_CORPORA = [SECOND, THIRD, FOURTH]
BODIES = {row["id"]: row for corpus in ALL_CORPORA for row in corpus.rows("bodies.json")}
FAULTS = [case for corpus in ALL_CORPORA for case in corpus.rows("faults.json")]
CLEAN = [case for corpus in ALL_CORPORA for case in corpus.rows("clean.json")]


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


@pytest.mark.parametrize("corpus", ALL_CORPORA, ids=lambda corpus: str(corpus.name))
def test_corpus_has_the_counts_it_should_have(corpus: Corpus) -> None:
    assert len(corpus.rows("bodies.json")) == corpus.body_count
    for field, least_of in corpus.min_of.items():
        found = Counter(fault[field] for fault in corpus.rows("faults.json"))
        assert not {value: found[value] for value, least in least_of.items() if found[value] < least}


@pytest.mark.parametrize("corpus", ALL_CORPORA, ids=lambda corpus: str(corpus.name))
def test_ids_are_unique_and_in_order(corpus: Corpus) -> None:
    faults, clean = corpus.rows("faults.json"), corpus.rows("clean.json")
    assert [case["id"] for case in faults] == [
        f"{corpus.fault_letter}{number:0{corpus.fault_digits}d}" for number in range(1, corpus.fault_count + 1)
    ]
    assert [case["id"] for case in clean] == [
        f"{corpus.clean_letter}{number:02d}" for number in range(1, corpus.clean_count + 1)
    ]


def test_no_body_has_the_id_of_another() -> None:
    assert len(BODIES) == sum(corpus.body_count for corpus in ALL_CORPORA)


@pytest.mark.parametrize("corpus", ALL_CORPORA, ids=lambda corpus: str(corpus.name))
def test_every_body_and_output_has_faults_and_clean_variants(corpus: Corpus) -> None:
    bodies = {body["id"] for body in corpus.rows("bodies.json")}
    for cases in (corpus.rows("faults.json"), corpus.rows("clean.json")):
        assert {case["body"] for case in cases} == bodies
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
    body = BODIES[body_id]["body"].lower()
    spans = Counter(span["original_text"].lower() for span in BODIES[body_id]["correct"]["spans"])
    for words, count in spans.items():
        # What somebody is quoted with stays: "that is not radical".
        texts = {output: text.lower() for output, text in correct.items()}
        assert not [output for output, text in texts.items() if text.count(words) > body.count(words) - count]


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
