"""Preservation: detail_full loses no quotation, number, paragraph or order."""

import pytest

from neutralization.audit import audit
from neutralization.audit.alignment import align
from neutralization.types import Output, Outputs
from tests.neutralization.audit_case import BODY, EDIT, FULL, SPAN, broken

QUOTATION = "“We will build five new hospitals in the north,”"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (QUOTATION, '"We will build five new hospitals in the north,"'),
        ("$2 billion", "two billion dollars"),
        ("20 percent", "20%"),
        ("1,200", "1200"),
        ("five new", "five  new"),
        ("critics called late", "critics found late"),
    ],
)
def test_what_is_still_there_is_preserved(old: str, new: str) -> None:
    assert old in FULL
    assert not any(rule.startswith("preservation.") for rule in broken(Output.DETAIL_FULL, FULL.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (QUOTATION, "“We will build five hospitals in the north,”", "quotations"),
        (QUOTATION, "We will build five new hospitals in the north,", "quotations"),
        (QUOTATION, "", "quotations"),
        ("five new", "FIVE new", "quotations"),
        ("covers 1,200 beds", "covers many beds", "numbers"),
        ("Two members", "Some members", "numbers"),
        ("20 percent", "20", "numbers"),
        ("by March 3, 2025", "by March", "numbers"),
    ],
)
def test_what_is_lost_is_found(old: str, new: str, rule: str) -> None:
    assert old in FULL
    assert f"preservation.{rule}" in broken(Output.DETAIL_FULL, FULL.replace(old, new))


def test_a_clause_is_not_cut_out_of_its_sentence() -> None:
    clause = ", which nurses in Leeds had cleaned and painted for the visitors,"
    body = f"{BODY} The wards{clause} opened with tea."
    assert "preservation.clauses" in broken(Output.DETAIL_FULL, f"{FULL} The wards opened with tea.", body=body)
    retold = f"{FULL} The wards opened with tea. Leeds nurses had cleaned and painted them for visitors."
    assert "preservation.clauses" not in broken(Output.DETAIL_FULL, retold, body=body)


def test_a_number_counts_as_often_as_the_body_has_it() -> None:
    body = "He saw 12 cats here. He saw 12 dogs there."
    outputs = Outputs("", "", "", "", "He saw 12 cats here. He saw dogs there.")
    lost = [verdict for verdict in audit(body, outputs, spans=[]) if verdict.rule_id == "preservation.numbers"]
    assert lost[0].evidence == ("12",)


def test_a_colouring_number_may_go_with_its_span() -> None:
    body = BODY.replace("shocking", "millions of shocking")
    span = type(SPAN)(*(SPAN.start, SPAN.end + 12, "millions of shocking"), SPAN.category, SPAN.action, "", "key")
    outputs = Outputs("", "", "", "", FULL)
    verdicts = audit(body, outputs, spans=[span])
    assert all(verdict.passed for verdict in verdicts if verdict.rule_id == "preservation.numbers")


def test_length_may_shrink_by_what_spans_removed() -> None:
    half = FULL[: len(FULL) // 2]
    assert "preservation.length" in broken(Output.DETAIL_FULL, half)
    whole = [type(EDIT)(len(half), len(BODY), "", 0)]
    verdicts = audit(BODY, Outputs("", "", "", "", half), spans=[SPAN], edits=whole)
    assert all(verdict.passed for verdict in verdicts if verdict.rule_id == "preservation.length")


def test_paragraphs_keep_their_order() -> None:
    first, second, *rest = FULL.split("\n\n")
    assert "preservation.order" in broken(Output.DETAIL_FULL, "\n\n".join([second, first, *rest]))


def test_alignment_tells_new_words_and_seams_from_kept_ones() -> None:
    old, new = "the very big old cat sat on the mat today", "the big new cat sat on the mat"
    found = align(old, new)
    assert [new[start:end] for start, end in found.fresh] == ["new"]
    assert new[: found.seams[0]] == "the"
    assert all(old[start:end] == new[left:right] for (start, end), (left, right) in found.kept)
