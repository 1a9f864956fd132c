"""The backfill over this project's own narratives: the same rules, and index and history follow."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.serializers import serialize
from pytest_django.fixtures import Settings

from narratives.backfill.stage import FocusBackfillStage
from narratives.models import Narrative, NarrativeEvent, NarrativeKey
from narratives.rules_in_force import load_identity
from narratives.services.consolidation import consolidate_narratives
from narratives.stores.own import OwnStore
from ntrl.stages.models import Claim, StageRun
from ntrl.stages.pool import DaemonPool
from tests.narratives.make import assign, days, fingerprinted
from tests.support.backfilling import (
    DECEMBER,
    SUMMARIES,
    Scripted,
    always,
    backfill,
    command,
    document_of,
    three_in_ten_fail,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_mongo(settings: Settings) -> None:
    settings.MONGODB_URI = ""


def narratives(number: int, **fields: Any) -> list[Narrative]:
    """So many live narratives with a summary and without a focus."""
    for index in range(number):
        fingerprinted(f"Entity {index}", f"matter{index} subject{index}", at=days(0))
    assign(days(0))
    values = {"narrative_focus": "", "summary": SUMMARIES[0], "first_detected_at": DECEMBER, **fields}
    Narrative.objects.update(**values)
    NarrativeKey.objects.all().delete()
    return list(Narrative.objects.order_by("pk"))


def own_store() -> OwnStore:
    return OwnStore(rules=load_identity(), since=DECEMBER)


def contents() -> str:
    return serialize("json", [*Narrative.objects.order_by("pk"), *NarrativeEvent.objects.order_by("pk")])


def foci() -> list[str]:
    return list(Narrative.objects.order_by("pk").values_list("narrative_focus", flat=True))


def test_foci_index_and_history() -> None:
    rows = narratives(60)
    status, said = command()
    assert status == 0, said
    assert said.splitlines()[0].startswith("Store: django: this project's own narratives")
    assert "Processed 50/60 narratives" in said
    assert "Processed 60/60 narratives" in said
    assert all(2 <= len(focus.split()) <= 5 for focus in foci())
    assert {key.narrative_id for key in NarrativeKey.objects.all()} == {row.pk for row in rows}
    events = NarrativeEvent.objects.filter(kind="focus_backfilled")
    assert events.count() == 60
    assert {event.detail["method"] for event in events} == {"rules"}
    assert not Claim.objects.exists()
    assert document_of()["found"] == 0


def test_who_has_found_a_focus_stands_in_the_history() -> None:
    narratives(1)
    backfill(own_store(), Scripted(always))
    detail = NarrativeEvent.objects.get(kind="focus_backfilled").detail
    assert detail == {"focus": "fund approval", "method": "llm", "model": "model-1"}


@pytest.mark.parametrize(
    ("fields", "is_filled"),
    [
        ({}, True),
        ({"narrative_focus": " "}, True),
        ({"narrative_focus": "\u00a0\n"}, True),
        ({"narrative_focus": "price surge"}, False),
        ({"first_detected_at": DECEMBER - timedelta(microseconds=1)}, False),
        ({"is_locked": True}, False),
    ],
)
def test_what_is_filled(fields: dict[str, Any], is_filled: bool) -> None:
    (row,) = narratives(1, **fields)
    status, said = command()
    assert status == 0
    assert (foci() != [row.narrative_focus]) == is_filled
    assert bool(foci()[0].strip()) == (is_filled or fields.get("narrative_focus") == "price surge")
    assert ("1 without a focus are locked by editors" in said) == ("is_locked" in fields)


def test_a_tombstone_is_left_alone() -> None:
    first, second = narratives(2)
    Narrative.objects.filter(pk=second.pk).update(state="merged", merged_into=first)
    assert document_of()["filled"] == 1
    second.refresh_from_db()
    assert second.narrative_focus == ""


def test_a_dry_run_writes_nothing() -> None:
    narratives(7)
    before = contents()
    status, said = command("--dry-run")
    assert status == 0
    assert "7 narratives would be done, nothing is written. The first 5:" in said
    assert contents() == before
    assert not StageRun.objects.exists()
    assert not NarrativeKey.objects.exists()


def test_thirty_percent_of_failing_calls() -> None:
    narratives(60)
    result = backfill(own_store(), Scripted(three_in_ten_fail), batch_size=7)
    missing = {str(row.pk) for row in Narrative.objects.filter(narrative_focus="")}
    assert 5 < len(missing) < 40
    assert result.tally.failed.keys() == missing
    assert (result.tally.filled, result.missing) == (60 - len(missing), len(missing))
    assert backfill(own_store(), Scripted(always)).missing == 0


def test_without_a_summary() -> None:
    (row,) = narratives(1, summary=" ")
    status, said = command()
    assert status == 1
    assert f"  failed: {row.pk}: no_summary" in said


def test_what_another_has_filled_since_it_was_read_is_neither_asked_for_nor_overwritten() -> None:
    rows = narratives(6)
    pool = DaemonPool(1, name="test")
    stage = FocusBackfillStage(
        store=own_store(), source=Scripted(always), pool=pool, workers=1, batch_size=3, limit=None, pause_seconds=0
    )
    one, other = stage.pending()
    pool.close()
    Narrative.objects.filter(pk=rows[0].pk).update(narrative_focus="an editor's")
    Narrative.objects.filter(pk__in=[row.pk for row in rows[3:]]).update(narrative_focus="an editor's")
    assert stage.is_pending(one)
    assert [narrative.key for narrative in one.narratives] == [row.pk for row in rows[1:3]]
    assert not stage.is_pending(other)


def test_what_is_edited_between_the_answer_and_the_write_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    (row, *_) = narratives(3)
    write = OwnStore.write

    def late(self: OwnStore, found: Any) -> Any:
        Narrative.objects.filter(pk=row.pk).update(narrative_focus="an editor's")
        return write(self, found)

    monkeypatch.setattr(OwnStore, "write", late)
    result = backfill(own_store(), Scripted(always))
    assert (result.tally.filled, result.tally.filled_by_others, result.missing) == (2, 1, 0)
    assert foci()[0] == "an editor's"


def test_a_filled_focus_lets_narratives_become_one() -> None:
    narratives(2, nucleus_entity="Kraken")
    assert consolidate_narratives(dry_run=True).merged == 0
    assert command()[0] == 0
    assert consolidate_narratives().merged == 1


def test_no_narratives_at_all_is_an_error() -> None:
    for args in ([], ["--dry-run"]):
        status, said = command(*args)
        assert status == 1
        assert "hold no narratives" in said
        assert "detect_narratives" in said


def test_options_that_are_none() -> None:
    narratives(1)
    assert "for --store mongo" in command("--database", "backdrop")[1]
    for bad in (["--since", "yesterday"], ["--limit", "0"], ["--batch-size", "5000"], ["--pause", "nan"]):
        assert command(*bad)[0] == 1
    assert foci() == [""]


def test_a_set_address_chooses_the_store(settings: Settings) -> None:
    settings.MONGODB_URI = "mongodb://host/"
    assert command()[0] == 2
    narratives(1)
    assert command("--store", "django")[0] == 0


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    assert not Claim.objects.exclude(owner="").exists(), "no batch stays in hand"
