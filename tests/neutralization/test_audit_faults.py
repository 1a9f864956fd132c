"""The audit against faults planted by somebody who had not seen it: each is caught, and no true text is blamed."""

import json
from pathlib import Path
from typing import Any

import pytest

from neutralization.audit import audit
from neutralization.taxonomy import Action, Category
from neutralization.types import Output, Outputs, Span

HERE = Path(__file__).parent / "faults"
# What of the corpus the audit must catch: one miss is allowed, so that a case can be argued about.
MAX_MISSED = 1


def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((HERE / name).read_text(encoding="utf-8"))
    return rows


BODIES = {row["id"]: row for row in _rows("bodies.json")}
CLEAN = _rows("clean.json")


def _spans(correct: dict[str, Any]) -> list[Span]:
    return [
        Span(
            start=span["start"],
            end=span["end"],
            original_text=span["original_text"],
            category=Category(span["category"]),
            action=Action(span["action"]),
            replacement="",
            rule_key="",
        )
        for span in correct["spans"]
    ]


def _blamed(body_id: str, changes: dict[str, str]) -> dict[Output, list[str]]:
    """The rules that the body's correct outputs break once `changes` are made to them."""
    correct = BODIES[body_id]["correct"]
    outputs = Outputs(**{output: correct[output] for output in Output} | changes)
    failed: dict[Output, list[str]] = {}
    for verdict in audit(BODIES[body_id]["body"], outputs, spans=_spans(correct)):
        if not verdict.passed:
            failed.setdefault(verdict.output, []).append(f"{verdict.rule_id}: {verdict.evidence}")
    return failed


def test_planted_faults_are_caught_on_their_own_output() -> None:
    faults = _rows("faults.json")
    missed = [
        (fault["id"], fault["kind"])
        for fault in faults
        if Output(fault["output"]) not in _blamed(fault["body"], {fault["output"]: fault["text"]})
    ]
    assert len(faults) > 60
    assert len(missed) <= MAX_MISSED, missed


@pytest.mark.parametrize("body_id", BODIES)
def test_correct_outputs_raise_nothing(body_id: str) -> None:
    assert _blamed(body_id, {}) == {}


@pytest.mark.parametrize("case", CLEAN, ids=lambda case: str(case["id"]))
def test_other_true_forms_raise_nothing(case: dict[str, Any]) -> None:
    assert _blamed(case["body"], {case["output"]: case["text"]}) == {}
