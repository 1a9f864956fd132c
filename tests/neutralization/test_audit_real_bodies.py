"""Real bodies pass their own audit: the rules blame a text for nothing that the publisher wrote."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.language import detect_language
from neutralization.audit import audit
from neutralization.types import Output, Outputs, Verdict
from ntrl.text.sentences import sentences

MIN_BODY_CHARS = 500
FOLDERS = ["benchmark", "fundus", "wcxb"]
# The rules are for English; of that there is enough.
MIN_PAIRS = 200
# A second set of short texts is made of the sentences from here on: later ones lean on more than the lead does.
LATER_SENTENCE = 3


def bodies(shared_data: Path, name: str) -> list[str]:
    path = shared_data / "extraction" / name / "ground-truth.json"
    found = (entry["articleBody"] for entry in json.loads(path.read_text(encoding="utf-8")).values())
    return [body for body in found if len(body) >= MIN_BODY_CHARS]


def pairs(shared_data: Path, name: str) -> Iterator[tuple[str, Outputs]]:
    """Each body with itself as detail_full and its own whole sentences as the short texts."""
    for body in bodies(shared_data, name):
        whole = [body[start:end] for start, end in sentences(body) if body[end - 1] in ".”"]
        for own in (whole, whole[LATER_SENTENCE:]):
            if own:
                yield body, Outputs(own[0], own[0], own[0], "\n\n".join(own[:4]), body)


def failed(body: str, outputs: Outputs) -> list[Verdict]:
    return [verdict for verdict in audit(body, outputs, spans=[]) if not verdict.passed]


def test_there_are_pairs_enough(shared_data: Path) -> None:
    english = {body for name in FOLDERS for body, _ in pairs(shared_data, name) if detect_language(body) == "en"}
    assert len(english) >= MIN_PAIRS


@pytest.mark.parametrize("name", FOLDERS)
def test_an_unchanged_body_breaks_no_rule(shared_data: Path, name: str) -> None:
    for body, outputs in pairs(shared_data, name):
        verdicts = failed(body, outputs)
        assert [verdict for verdict in verdicts if verdict.output is Output.DETAIL_FULL] == []
        assert [verdict for verdict in verdicts if not verdict.rule_id.startswith("form.")] == []


def test_a_body_without_its_adverbs_breaks_no_rule_of_grounding_or_preservation(shared_data: Path) -> None:
    for body in bodies(shared_data, "fundus"):
        full = body.replace(" very ", " ").replace(" really ", " ").replace(" also ", " ")
        rules = {verdict.rule_id for verdict in failed(body, Outputs("", "", "", "", full))}
        # A word inside a quotation may not go; every other number, name and quotation still stands.
        assert {rule for rule in rules if not rule.startswith("form.")} <= {
            "preservation.quotations",
            "grounding.quotations",
        }
