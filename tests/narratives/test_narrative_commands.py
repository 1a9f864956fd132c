"""The commands: what they print for people and machines, and how they exit."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from narratives.models import EntityAlias, Narrative
from tests.narratives.make import assign, days, fingerprinted, narrative_of
from tests.support.factories import a_story

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bodies")]


def said(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def document(*args: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(*args, "--json"))
    return found


def test_detect_narratives() -> None:
    body = "Boeing machinists walked out on Monday. Boeing said the strike stops work on two jets."
    a_story(original_title="Boeing machinists strike over contract", body=body)
    assert "would fingerprint" in said("detect_narratives", "--dry-run")
    first = document("detect_narratives", "--workers", "1")
    assert (first["fingerprinted"], first["assigned"], first["created"]) == (1, 1, 1)
    assert [stage["stage"] for stage in first["stages"]] == ["fingerprint", "assign"]
    assert document("detect_narratives")["assigned"] == 0


def test_consolidate_narratives() -> None:
    for number, nucleus in enumerate(("Kraken", "Payward")):
        fingerprinted(nucleus, "bank charter bid", at=days(number))
    assign()
    EntityAlias.objects.create(alias="Payward", entity="Kraken", key="payward")
    dry = document("consolidate_narratives", "--dry-run")
    assert (dry["merged"], len(dry["pairs"]), dry["pairs"][0]["components"]["focus"]) == (0, 1, 1.0)
    assert "would merge 1 pairs" in said("consolidate_narratives", "--dry-run")
    assert "merged 1 pairs" in said("consolidate_narratives")
    assert document("consolidate_narratives")["pairs"] == []
    assert Narrative.objects.filter(merged_into=None).count() == 1


def test_narrative_metrics() -> None:
    assert "none yet" in said("narrative_metrics")
    for number in range(5):
        fingerprinted("Kraken", f"matter{number} subject{number}", at=days(0))
    assign(days(0))
    figures = document("narrative_metrics", "--sample", "3")
    assert figures["narratives"]["emerging"] == 5
    assert (figures["per_nucleus"], figures["most_per_nucleus"], figures["is_alarming"]) == (5.0, [["Kraken", 5]], True)
    assert len(figures["sample"]) == 3
    assert "alarm" in said("narrative_metrics")


def test_explain_match() -> None:
    first = fingerprinted("Dogecoin", "price surge", at=days(0))
    second = fingerprinted("DOGE", "price rally", at=days(1))
    fingerprinted("Dogecoin", "price fall", at=days(2))
    assign()
    found = document("explain_match", str(second.id))
    assert found["membership"]["narrative"] == str(narrative_of(first).pk)
    assert found["membership"]["reason"] == "same_nucleus_strong_focus"
    assert [(row["narrative_focus"], row["is_same"]) for row in found["candidates"]] == [
        ("price surge", True),
        ("price fall", False),
    ]
    assert "same nucleus, same focus" in said("explain_match", str(second.id))


def test_a_story_that_is_not_there_or_not_read_is_said() -> None:
    with pytest.raises(CommandError, match="no story"):
        said("explain_match", "00000000-0000-4000-8000-000000000000")
    with pytest.raises(CommandError, match="detect_narratives"):
        said("explain_match", str(a_story().id))
