"""Real bodies pass their own audit: the rules blame detail_full for nothing that the publisher wrote."""

import json
from pathlib import Path

import pytest

from neutralization.audit import audit
from neutralization.types import Output, Outputs
from ntrl.text.sentences import sentences

MIN_BODY_CHARS = 500


def bodies(shared_data: Path, name: str) -> list[str]:
    path = shared_data / "extraction" / name / "ground-truth.json"
    found = (entry["articleBody"] for entry in json.loads(path.read_text()).values())
    return [body for body in found if len(body) >= MIN_BODY_CHARS]


@pytest.mark.parametrize("name", ["benchmark", "fundus"])
def test_an_unchanged_body_breaks_no_rule(shared_data: Path, name: str) -> None:
    for body in bodies(shared_data, name):
        whole = [body[start:end] for start, end in sentences(body) if body[end - 1] in ".”"]
        outputs = Outputs(whole[0], whole[0], whole[0], "\n\n".join(whole[:4]), body) if whole else Outputs(*[body] * 5)
        failed = [verdict for verdict in audit(body, outputs, spans=[]) if not verdict.passed]
        assert [verdict for verdict in failed if verdict.output is Output.DETAIL_FULL] == []
        assert [verdict for verdict in failed if not verdict.rule_id.startswith("form.")] == []


def test_a_body_without_its_adverbs_breaks_no_rule_of_grounding_or_preservation(shared_data: Path) -> None:
    for body in bodies(shared_data, "fundus"):
        full = body.replace(" very ", " ").replace(" really ", " ").replace(" also ", " ")
        verdicts = audit(body, Outputs("", "", "", "", full), spans=[])
        failed = [verdict for verdict in verdicts if not verdict.passed and not verdict.rule_id.startswith("form.")]
        # A word inside a quotation may not go; every other number, name and quotation still stands.
        assert {verdict.rule_id for verdict in failed} <= {"preservation.quotations", "grounding.quotations"}
