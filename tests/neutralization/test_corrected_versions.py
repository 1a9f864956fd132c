"""Corrected versions: what runs make of them, showing an earlier one again, and correcting without the article."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ingestion.models import StoryBody, StoryRaw
from neutralization.corrections import (
    AuditRefused,
    Refused,
    Rejection,
)
from neutralization.editing import StaleVersion, make_anew, restore_version
from neutralization.models import Status, StoryNeutralized
from neutralization.stage import NeutralizeStage
from neutralization.types import Mode, Output
from ntrl.bodies import delete_body, get_body, put_body
from ntrl.stages.models import Claim
from ntrl.stages.owner import this_process
from tests.neutralization.desk_case import (
    A_TITLE,
    BODY,
    SHOCKING,
    a_neutralized_story,
    an_editor,
    correct,
    neutralize,
    numbers,
    on_the_desk,
    phrases,
)
from tests.support.factories import a_story

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bodies")]


def test_runs_leave_a_corrected_story_alone_unless_forced() -> None:
    base = a_neutralized_story()
    made = correct(base, A_TITLE).version

    neutralize(base.story)
    assert on_the_desk(base.story) == made
    neutralize(base.story, force=True)

    anew = on_the_desk(base.story)
    assert (anew.version, anew.method, anew.is_locked, anew.feed_title) == (3, "lexicon", False, base.feed_title)


def test_a_forced_run_does_not_take_the_place_of_what_an_editor_made_while_it_computed() -> None:
    base = a_neutralized_story()
    stage = NeutralizeStage(story_ids=[base.story_id], force=True)
    item = next(stage.pending())
    result = stage.compute(item)
    made = correct(base, A_TITLE).version

    assert stage.save(item, result).reason == "locked"
    assert on_the_desk(base.story) == made


def test_a_run_that_may_replace_one_version_leaves_another_that_came_before_it_began() -> None:
    base = a_neutralized_story()
    seen = correct(base, A_TITLE).version
    made = correct(seen, rejections=(Rejection(SHOCKING),)).version
    stage = NeutralizeStage(story_ids=[base.story_id], force=True, over=seen.pk)
    item = next(stage.pending())

    assert stage.save(item, stage.compute(item)).reason == "locked"
    assert on_the_desk(base.story) == made


def test_undo_shows_the_version_before_again_and_frees_runs_if_it_was_a_runs() -> None:
    base = a_neutralized_story()
    mistaken = correct(base, A_TITLE).version
    again = correct(mistaken, rejections=(Rejection(SHOCKING),)).version

    back = restore_version(base=again, version=2, editor=an_editor()).version
    assert (back, back.is_current, numbers(base.story)) == (mistaken, True, [(1, False), (2, True), (3, False)])
    first = restore_version(base=back, version=1, editor=an_editor()).version

    assert (first, first.is_locked) == (base, False)
    stored = NeutralizeStage(force=True).open_stories().get(pk=base.story_id)
    assert stored.locked_version is None  # type: ignore[attr-defined]  # annotated
    neutralize(base.story)
    assert on_the_desk(base.story) == base, "what was made of this text need not be made again"


def test_undone_a_story_whose_article_has_changed_is_made_anew_by_the_next_run() -> None:
    base = a_neutralized_story()
    locked = correct(base, A_TITLE).version
    stored = put_body(base.story_id, 2, BODY.replace("Tuesday", "Friday"))
    StoryRaw.objects.update(raw_content_uri=stored.key, raw_content_hash=stored.content_hash, body_version=2)
    neutralize(base.story)
    assert on_the_desk(base.story) == locked

    restore_version(base=locked, version=1, editor=an_editor())
    neutralize(base.story)

    anew = on_the_desk(base.story)
    assert (anew.version, anew.body_version, "Friday" in anew.detail_full) == (3, 2, True)


@pytest.mark.parametrize("version", [0, 2, 3, 10**8])
def test_only_an_earlier_version_that_passed_can_be_shown_again(version: int) -> None:
    base = a_neutralized_story()
    made = correct(base, A_TITLE).version
    delete_body(base.story.raw_content_uri)
    neutralize(base.story, force=True)
    assert numbers(base.story) == [(1, False), (2, True), (3, False)]

    with pytest.raises(Refused, match="earlier version"):
        restore_version(base=made, version=version, editor=an_editor())


def test_restoring_checks_what_the_editor_saw() -> None:
    base = a_neutralized_story()
    second = correct(base, A_TITLE).version
    restore_version(base=second, version=1, editor=an_editor())

    with pytest.raises(StaleVersion, match="Version 1 is shown again meanwhile"):
        correct(second, rejections=(Rejection(SHOCKING),))
    with pytest.raises(StaleVersion):
        restore_version(base=second, version=1, editor=an_editor())


def test_made_anew_by_the_rules_a_story_is_free_again() -> None:
    base = a_neutralized_story()
    locked = correct(base, rejections=(Rejection(SHOCKING),)).version

    anew = make_anew(story_id=base.story_id, base=locked, editor=an_editor()).version

    assert (anew.version, anew.method, anew.is_locked, anew.is_current) == (3, "lexicon", False, True)
    assert phrases(anew) == phrases(base)


def test_when_it_cannot_be_made_anew_the_editors_version_stays_and_the_reason_is_said() -> None:
    base = a_neutralized_story()
    locked = correct(base, A_TITLE).version
    delete_body(base.story.raw_content_uri)

    with pytest.raises(Refused, match="Version 3 failed, so it is not shown: body_unreadable"):
        make_anew(story_id=base.story_id, base=locked, editor=an_editor())
    assert on_the_desk(base.story) == locked
    with pytest.raises(StaleVersion):
        make_anew(story_id=base.story_id, base=base, editor=an_editor())


def test_what_another_run_has_in_hand_is_not_made_anew() -> None:
    base = a_neutralized_story()
    later = timezone.now() + timedelta(hours=1)
    Claim.objects.create(
        stage="neutralize", item_key=str(base.story_id), owner=str(this_process()), until=later, attempts=1
    )

    with pytest.raises(Refused, match="another run has it in hand"):
        make_anew(story_id=base.story_id, base=base, editor=an_editor())


def test_a_story_without_any_version_can_be_made() -> None:
    story = a_story(body=BODY)

    assert make_anew(story_id=story.id, base=None, editor=an_editor()).version.is_current


def test_a_failed_version_is_what_lies_on_the_desk_and_can_be_put_right() -> None:
    base = a_neutralized_story()
    StoryNeutralized.objects.filter(pk=base.pk).update(
        is_current=False, status=Status.FAILED_AUDIT, failure_reason="form.length", feed_title="FIRE!"
    )
    failed = on_the_desk(base.story)
    with pytest.raises(AuditRefused):
        correct(failed, texts={Output.FEED_SUMMARY: failed.feed_summary + " It is 99 years old."})

    made = correct(failed, A_TITLE).version

    assert (made.status, made.is_current) == (Status.SUCCESS, True)


def without_body(base: StoryNeutralized) -> None:
    StoryBody.objects.update(expired_at=timezone.now())
    delete_body(base.story.raw_content_uri)


def test_without_the_body_texts_are_audited_by_what_is_left_of_it() -> None:
    base = a_neutralized_story()
    without_body(base)

    made = correct(base, A_TITLE).version

    made.refresh_from_db()
    assert (made.feed_title, made.detail_full) == (A_TITLE.texts[Output.FEED_TITLE], base.detail_full)
    assert (phrases(made), made.redline, made.body_version) == (phrases(base), base.redline, base.body_version)
    assert list(made.spans.values_list("start", "end")) == list(base.spans.values_list("start", "end"))
    for title in ("Seventeen critics of the council", "The council slammed its critics", "Council hears Bob Marsh"):
        with pytest.raises(AuditRefused):
            correct(made, texts={Output.FEED_TITLE: title})


def test_without_the_body_phrases_stay_and_failures_cannot_be_put_right() -> None:
    base = a_neutralized_story()
    without_body(base)
    with pytest.raises(Refused, match="text is gone"):
        correct(base, rejections=(Rejection(SHOCKING),))
    StoryNeutralized.objects.update(is_current=False, status=Status.FAILED_AUDIT, failure_reason="form.length")

    with pytest.raises(Refused, match="no longer kept"):
        correct(on_the_desk(base.story), A_TITLE)


def test_a_text_that_a_model_wrote_as_a_whole_is_not_rebuilt_from_phrases() -> None:
    base = a_neutralized_story()
    StoryNeutralized.objects.update(mode=Mode.SYNTHESIS)
    base.refresh_from_db()

    with pytest.raises(Refused, match="not available yet"):
        correct(base, rejections=(Rejection(SHOCKING),))
    made = correct(base, A_TITLE).version

    assert (made.mode, made.detail_full) == (Mode.SYNTHESIS, base.detail_full)


def test_a_correction_stays_with_the_text_that_its_version_was_made_of() -> None:
    base = a_neutralized_story()
    StoryRaw.objects.filter(pk=base.story_id).update(body_version=2, raw_content_uri="raw/elsewhere")
    base.story.refresh_from_db()

    made = correct(base, rejections=(Rejection(SHOCKING),)).version

    assert made.body_version == 1
    assert get_body(StoryBody.objects.get().uri)[slice(*made.spans.values_list("start", "end")[0])] == "slammed"
