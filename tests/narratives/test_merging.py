"""Consolidation and the editors' changes: members move, derived values stay true, all of it can be undone."""

from uuid import UUID

import pytest
from django.apps import apps

from narratives import selectors
from narratives.fingerprints import BadFingerprint
from narratives.lifecycle import State
from narratives.models import EntityAlias, EventKind, Narrative, NarrativeMembership, Reason
from narratives.rules_in_force import load_identity
from narratives.services import editing
from narratives.services.consolidation import consolidate_narratives, pair_as_dict
from narratives.services.derived import refresh
from narratives.services.foci import fill_missing_foci
from narratives.services.merging import CannotMerge
from tests.narratives.make import assign, days, fingerprinted, narrative_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def twins() -> tuple[Narrative, Narrative]:
    """Two narratives that a new alias makes one: the first has two stories, the second one of an earlier day."""
    stories = [fingerprinted("Kraken", "bank charter bid", "OCC", at=days(number)) for number in (2, 3)]
    other = fingerprinted("Payward", "bank charter application", "OCC", at=days(0))
    assign(days(3))
    EntityAlias.objects.create(alias="Payward", entity="Kraken", key="payward")
    return narrative_of(stories[0]), narrative_of(other)


def everything() -> list[object]:
    """Every row of the app."""
    models = apps.get_app_config("narratives").get_models()
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def is_true(narrative: Narrative) -> bool:
    """Whether what is written of a narrative follows from its members."""
    narrative.refresh_from_db()
    before = {name: getattr(narrative, name) for name in ("article_count", "timeline_data", "entities", "theme")}
    refresh([narrative.pk], narrative.last_updated)
    narrative.refresh_from_db()
    return before == {name: getattr(narrative, name) for name in before}


def test_a_dry_run_names_the_pairs_and_writes_nothing(twins: tuple[Narrative, Narrative]) -> None:
    before = everything()
    result = consolidate_narratives(dry_run=True)
    (pair,) = map(pair_as_dict, result.pairs)
    assert (pair["survivor"], pair["loser"]) == (str(twins[0].pk), str(twins[1].pk))
    assert pair["foci"] == ["bank charter bid", "bank charter application"]
    assert everything() == before


def test_consolidation_merges_once_and_then_finds_nothing(twins: tuple[Narrative, Narrative]) -> None:
    survivor, loser = twins
    assert consolidate_narratives().merged == 1
    assert consolidate_narratives().merged == 0
    survivor.refresh_from_db()
    loser.refresh_from_db()
    assert (loser.state, loser.merged_into, loser.article_count) == (State.MERGED, survivor, 0)
    assert (survivor.article_count, len(survivor.timeline_data)) == (3, 3)
    assert survivor.first_detected_at == days(0)
    assert is_true(survivor)
    assert selectors.also_known_as(survivor, selectors.gone_into(survivor)) == ["Payward: bank charter application"]
    assert not loser.keys.exists()


def test_what_an_editor_locked_no_run_merges(twins: tuple[Narrative, Narrative]) -> None:
    editing.set_lock(narrative=twins[1], is_locked=True, by=None)
    assert consolidate_narratives().merged == 0


@pytest.mark.parametrize("moved_to", [0, 1])
def test_a_story_that_an_editor_moved_stays_in_its_narrative(twins: tuple[Narrative, Narrative], moved_to: int) -> None:
    story = fingerprinted("Tether", "reserve audit dispute", at=days(1))
    assign(days(3))
    editing.move_story(story_id=story.id, target=twins[moved_to], by=None)
    assert consolidate_narratives(dry_run=True).pairs == ()
    assert consolidate_narratives().merged == 0
    assert narrative_of(story) == twins[moved_to]


def test_chains_are_flattened_and_undone() -> None:
    stories = [fingerprinted("Kraken", f"matter{n} subject{n}", at=days(n)) for n in range(3)]
    assign(days(3))
    first, second, third = (narrative_of(story) for story in stories)
    editing.merge(survivor=second, losers=[third], by=None)
    second.refresh_from_db()
    editing.merge(survivor=first, losers=[second], by=None)
    third.refresh_from_db()
    assert third.merged_into == first
    assert NarrativeMembership.objects.filter(narrative=first).count() == 3

    second.refresh_from_db()
    assert "2 stories" in editing.preview_unmerge(loser=second)
    done = editing.unmerge(loser=second, by=None)
    third.refresh_from_db()
    assert (done.stories, third.merged_into) == (2, second)
    assert is_true(first)
    assert is_true(second)
    assert NarrativeMembership.objects.filter(narrative=second).count() == 2
    assert selectors.also_known_as(second, selectors.gone_into(second)) == [third.shown_title]
    assert consolidate_narratives().merged == 0


def test_undoing_a_merge_leaves_what_another_one_moved_since() -> None:
    stories = [fingerprinted("Kraken", f"matter{n} subject{n}", at=days(n)) for n in range(3)]
    assign(days(3))
    for survivor, loser in ((1, 0), (2, 1)):
        first, second = (Narrative.objects.get(founded_by=stories[n].id) for n in (survivor, loser))
        editing.merge(survivor=first, losers=[second], by=None)
    alone, second, last = (Narrative.objects.get(founded_by=story.id) for story in stories)
    editing.unmerge(loser=alone, by=None)
    alone.refresh_from_db()
    editing.merge(survivor=last, losers=[alone], by=None)
    second.refresh_from_db()
    assert "1 stories" in editing.preview_unmerge(loser=second)
    editing.unmerge(loser=second, by=None)
    alone.refresh_from_db()
    assert alone.merged_into == last
    assert [narrative_of(story) for story in stories] == [last, second, last]


def test_an_undone_merge_is_not_repeated_by_the_next_run(twins: tuple[Narrative, Narrative]) -> None:
    consolidate_narratives()
    loser = Narrative.objects.get(pk=twins[1].pk)
    editing.unmerge(loser=loser, by=None)
    assert consolidate_narratives().merged == 0
    loser.refresh_from_db()
    assert (loser.is_tombstone, loser.article_count, loser.keys.exists()) == (False, 1, True)


def test_merges_that_make_no_sense_are_refused(twins: tuple[Narrative, Narrative]) -> None:
    survivor, loser = twins
    with pytest.raises(CannotMerge, match="itself"):
        editing.preview_merge(survivor=survivor, losers=[survivor])
    with pytest.raises(CannotMerge, match="not been merged"):
        editing.preview_unmerge(loser=loser)
    assert "focus 1.00" in editing.preview_merge(survivor=survivor, losers=[loser])[0]
    editing.merge(survivor=survivor, losers=[loser], by=None)
    loser.refresh_from_db()
    with pytest.raises(CannotMerge, match="merged already"):
        editing.merge(survivor=loser, losers=[survivor], by=None)


def test_a_story_is_moved_and_locked(twins: tuple[Narrative, Narrative]) -> None:
    target, source = twins
    story_id = NarrativeMembership.objects.get(narrative=source).story_id
    assert "leaves" in editing.preview_move(story_id=story_id, target=target)
    moved = editing.move_story(story_id=story_id, target=target, by=None)
    assert (moved.narrative, moved.is_locked, moved.reason) == (target, True, "editor")
    assert is_true(source)
    assert is_true(target)
    source.refresh_from_db()
    assert (source.article_count, source.timeline_data, source.state) == (0, [], State.DORMANT)
    with pytest.raises(editing.CannotEdit, match="already"):
        editing.preview_move(story_id=story_id, target=target)
    assert {event.kind for event in target.events.all()} >= {EventKind.SPLIT}


def test_an_editor_wakes_a_dormant_narrative() -> None:
    narrative = narrative_of_a_dormant_story()
    editing.reactivate(narrative=narrative, by=None)
    narrative.refresh_from_db()
    assert (narrative.state, narrative.reactivated_count) == (State.EMERGING, 1)
    refresh([narrative.pk], narrative.woken_at)  # type: ignore[arg-type]
    narrative.refresh_from_db()
    assert narrative.reactivated_count == 1
    with pytest.raises(editing.CannotEdit, match="not dormant"):
        editing.preview_reactivate(narrative=narrative)


def narrative_of_a_dormant_story() -> Narrative:
    story = fingerprinted("Kraken", "bank charter bid", at=days(0))
    assign()
    narrative = narrative_of(story)
    assert narrative.state == State.DORMANT
    return narrative


def test_a_new_title_and_a_new_focus_are_in_the_history() -> None:
    narrative = narrative_of_a_dormant_story()
    editing.rename(narrative=narrative, title="  The  charter ", by=None)
    assert narrative.shown_title == "The charter"
    editing.set_focus(narrative=narrative, focus="Charter Withdrawal", by=None)
    assert (narrative.narrative_focus, narrative.is_locked) == ("charter withdrawal", True)
    words = narrative.keys.exclude(word__contains=" ").values_list("word", flat=True)
    assert set(words) == load_identity().identity.focus.tokens("charter withdrawal")
    with pytest.raises(BadFingerprint):
        editing.set_focus(narrative=narrative, focus="Kraken", by=None)
    edits = narrative.events.filter(kind=EventKind.EDITED)
    assert [event.detail["to"] for event in edits][-1] == {"title": "The charter"}


def test_a_missing_focus_is_filled_from_the_summary_and_then_compared() -> None:
    narrative = Narrative.objects.create(
        id=UUID(int=1),
        nucleus_entity="Kraken",
        summary="Kraken applied for a bank charter in Wyoming. The charter application names three directors.",
        first_detected_at=days(0),
        last_article_at=days(0),
    )
    assert fill_missing_foci(load_identity()) == 1
    narrative.refresh_from_db()
    assert narrative.narrative_focus
    assert narrative.events.get().kind == EventKind.FOCUS_BACKFILLED
    assert fill_missing_foci(load_identity()) == 0


def test_what_did_not_change_is_not_compared_again(twins: tuple[Narrative, Narrative]) -> None:
    other = fingerprinted("Tether", "reserve audit dispute", at=days(1))
    assign(days(3))
    assert not narrative_of(other).is_compared
    consolidate_narratives()
    assert narrative_of(other).is_compared
    EntityAlias.objects.create(alias="Krakn", entity="Kraken", key="krakn")
    consolidate_narratives()
    assert narrative_of(other).is_compared, "the alias is none of its names"
    editing.set_focus(narrative=narrative_of(other), focus="reserve report", by=None)
    assert not narrative_of(other).is_compared


def test_what_is_given_back_to_runs_is_compared_again(twins: tuple[Narrative, Narrative]) -> None:
    editing.set_lock(narrative=twins[1], is_locked=True, by=None)
    assert consolidate_narratives().merged == 0
    editing.set_lock(narrative=Narrative.objects.get(pk=twins[1].pk), is_locked=False, by=None)
    assert len(consolidate_narratives(dry_run=True).pairs) == 1
    assert consolidate_narratives().merged == 1


def test_a_merged_story_says_so_until_the_merge_is_undone(twins: tuple[Narrative, Narrative]) -> None:
    survivor, loser = twins
    story_id = NarrativeMembership.objects.get(narrative=loser).story_id
    consolidate_narratives()
    merged = NarrativeMembership.objects.get(story=story_id)
    assert (merged.narrative, merged.reason, merged.components["nucleus"]) == (survivor, Reason.MERGED, 1.0)
    assert NarrativeMembership.objects.filter(narrative=survivor, reason=Reason.FOUNDED).count() == 1
    loser.refresh_from_db()
    editing.unmerge(loser=loser, by=None)
    parted = NarrativeMembership.objects.get(story=story_id)
    assert (parted.narrative, parted.reason, parted.components) == (loser, Reason.FOUNDED, {})


def test_what_an_editor_put_there_stays_the_editor_s(twins: tuple[Narrative, Narrative]) -> None:
    survivor, loser = twins
    moved = fingerprinted("Tether", "reserve audit dispute", at=days(1))
    assign(days(3))
    put = editing.move_story(story_id=moved.id, target=loser, by=None)
    assert (put.components["focus"], put.components["nucleus"]) == (0.0, 0.0)
    editing.merge(survivor=survivor, losers=[loser], by=None)
    kept = NarrativeMembership.objects.get(story=moved.id)
    assert (kept.narrative, kept.reason, kept.is_locked) == (survivor, Reason.EDITOR, True)
