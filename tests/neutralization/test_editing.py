"""An editor's corrections: new versions, audited, locked, told to the brief; and the ways in which they are refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from briefs.models import DailyBrief
from briefs.services import assemble_brief
from neutralization.corrections import (
    Addition,
    AdditionRefused,
    AuditRefused,
    Change,
    Corrections,
    Refused,
    Rejection,
    Scope,
    TextRefused,
)
from neutralization.editing import StaleVersion, make_anew, restore_version
from neutralization.models import Method, Status
from neutralization.taxonomy import Action, Category
from neutralization.types import Mode, Output
from ntrl.rules.models import Rule
from ntrl.stages.events import story_corrected
from ntrl.stages.records import new_trace_id
from ntrl.stages.runner import RunOptions
from tests.neutralization.desk_case import (
    A_TITLE,
    BODY,
    SHOCKING,
    SLAMMED,
    SLAMMED_AGAIN,
    a_neutralized_story,
    an_editor,
    correct,
    neutralize,
    numbers,
    on_the_desk,
    phrases,
)
from tests.support.factories import a_story, file_under

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bodies")]

LOADED = (Category.LOADED_VERBS, Action.REPLACED)


def test_the_case_is_what_the_tests_think() -> None:
    base = a_neutralized_story()

    assert (base.status, phrases(base)) == (Status.SUCCESS, ["slammed", "shocking", "slammed"])


def test_a_rejected_phrase_stands_again_in_a_new_version_by_an_editor() -> None:
    base = a_neutralized_story()

    made = correct(base, rejections=(Rejection(SHOCKING),)).version

    made.refresh_from_db()
    assert (made.version, made.is_current, made.is_locked, made.method) == (2, True, True, Method.EDITOR)
    assert (made.status, made.mode, made.body_version) == (Status.SUCCESS, Mode.SPAN_GUIDED, base.body_version)
    assert phrases(made) == ["slammed", "slammed"]
    assert "found shocking cracks" in made.detail_full
    assert "slammed" not in made.detail_full
    assert made.unattributed_changes == 0
    assert made.disclosure.endswith("by an editor.")
    assert made.verdicts.exists()
    assert not made.verdicts.filter(passed=False).exists()
    base.refresh_from_db()
    assert not base.is_current


@pytest.mark.parametrize(
    ("scope", "left"),
    [(Scope.HERE, ["shocking", "slammed"]), (Scope.STORY, ["shocking"]), (Scope.EVERYWHERE, ["shocking"])],
)
def test_a_rejection_reaches_as_far_as_asked(scope: Scope, left: list[str]) -> None:
    base = a_neutralized_story()

    result = correct(base, rejections=(Rejection(SLAMMED, scope, reason="It was physical."),))

    assert phrases(result.version) == left
    assert Rule.objects.count() == len(result.rules) == (scope is Scope.EVERYWHERE)


def test_a_phrase_rejected_everywhere_is_left_alone_by_later_runs_until_its_rule_is_switched_off() -> None:
    base = a_neutralized_story()
    other = a_story(body=BODY.replace("Tuesday", "Friday"))

    [rule] = correct(base, rejections=(Rejection(SHOCKING, Scope.EVERYWHERE, reason="A fact here."),)).rules
    neutralize(other)

    assert (rule.rule_set, rule.payload) == ("false_positives", {"forms": ["shocking"], "reason": "A fact here."})
    assert (rule.note, rule.created_by) == ("A fact here.", an_editor())
    assert phrases(on_the_desk(other)) == ["slammed", "slammed"]
    Rule.objects.update(is_enabled=False)
    neutralize(other, force=True)
    assert phrases(on_the_desk(other)) == ["slammed", "shocking", "slammed"]


def test_a_wider_term_leaves_the_phrase_alone_only_there() -> None:
    base = a_neutralized_story()
    rejection = Rejection(SLAMMED, Scope.EVERYWHERE, term="slammed  its critics", reason="A quotation of sorts.")

    [rule] = correct(base, rejections=(rejection,)).rules

    assert rule.payload["forms"] == ["slammed its critics"]
    assert phrases(on_the_desk(base.story)) == ["shocking", "slammed"]


def test_the_same_term_rejected_again_has_one_rule_and_it_is_switched_on() -> None:
    first, second = a_neutralized_story(), a_neutralized_story(BODY.replace("river", "canal"))
    correct(first, rejections=(Rejection(SHOCKING, Scope.EVERYWHERE, reason="One."),))
    Rule.objects.update(is_enabled=False)

    correct(second, rejections=(Rejection(SHOCKING, Scope.EVERYWHERE, reason="Two."),))

    assert list(Rule.objects.values_list("is_enabled", "note")) == [(True, "Two.")]


def test_a_changed_phrase_has_its_new_words_and_is_the_editors() -> None:
    base = a_neutralized_story()
    change = Change(SLAMMED, Category.EDITORIAL_VOICE, Action.SOFTENED, " rebuked ")

    made = correct(base, changes=(change,)).version

    span = made.spans.get(position=0)
    assert (span.category, span.action, span.replacement_text, span.rule_key) == (
        "editorial_voice",
        "softened",
        "rebuked",
        "editor",
    )
    assert made.detail_full.startswith("The city council rebuked its critics")


def test_an_added_phrase_is_found_in_the_body_and_changed_there() -> None:
    base = a_neutralized_story()

    made = correct(base, additions=(Addition("repair the OLD  bridge", *LOADED, "repair the bridge"),)).version

    span = made.spans.get(rule_key="editor")
    assert (span.original_text, BODY[span.start : span.end]) == ("repair the old bridge",) * 2
    assert "voted to repair the bridge over the river" in made.detail_full
    assert [each.position for each in made.spans.order_by("start")] == [0, 1, 2, 3]


def test_of_several_places_one_has_to_be_chosen() -> None:
    base = a_neutralized_story()
    added = Addition("bridge", Category.EDITORIAL_VOICE, Action.REPLACED, "crossing")

    with pytest.raises(AdditionRefused, match="2 places: choose") as refused:
        correct(base, additions=(added,))
    places = refused.value.places
    assert [BODY[place.start : place.end] for place in places] == ["bridge", "bridge"]

    made = correct(base, additions=(replace(added, starts=(places[1].start,)),)).version
    assert ("old bridge" in made.detail_full, "northern crossing" in made.detail_full) == (True, True)


def test_a_text_that_somebody_wrote_stays_when_phrases_change_and_others_follow() -> None:
    base = a_neutralized_story()
    written = correct(base, A_TITLE).version
    assert (written.written_outputs, written.detail_full) == (["feed_title"], base.detail_full)
    assert written.detail_brief == base.detail_brief

    again = correct(written, rejections=(Rejection(SHOCKING),)).version

    assert (again.feed_title, again.written_outputs) == (written.feed_title, ["feed_title"])
    assert "shocking cracks" in again.detail_full
    assert "shocking cracks" in again.detail_brief


def test_an_emptied_text_is_composed_again() -> None:
    base = a_neutralized_story()
    written = correct(base, A_TITLE).version

    composed = correct(written, texts={Output.FEED_TITLE: " "}).version

    assert (composed.feed_title, composed.written_outputs) == (base.feed_title, [])
    assert LogEntry.objects.get(object_id=str(composed.pk)).change_message == "had feed_title composed"


def test_line_ends_of_a_browser_are_plain_ones() -> None:
    base = a_neutralized_story()
    brief = base.detail_brief.replace("The city council", "On Tuesday, the city council").replace(
        " on Tuesday and", " and"
    )

    made = correct(base, texts={Output.DETAIL_BRIEF: brief.replace("\n", "\r\n") + "\r\n"}).version

    assert made.detail_brief == brief


def test_what_the_audit_refuses_is_not_saved_and_said_with_its_evidence() -> None:
    base = a_neutralized_story()

    with pytest.raises(AuditRefused) as refused:
        correct(base, texts={Output.FEED_TITLE: "Council slammed by 17 critics"})

    found = {verdict.rule_id: verdict.evidence for verdict in refused.value.verdicts}
    assert found["grounding.numbers"] == ("17",)
    assert refused.value.texts[Output.FEED_TITLE] == "Council slammed by 17 critics"
    assert numbers(base.story) == [(1, True)]
    assert not LogEntry.objects.exists()


def test_a_rule_is_not_made_when_the_audit_refuses_the_rest() -> None:
    base = a_neutralized_story()

    with pytest.raises(AuditRefused):
        correct(
            base,
            rejections=(Rejection(SHOCKING, Scope.EVERYWHERE, reason="x"),),
            texts={Output.FEED_TITLE: "WAR IN 17 CITIES!"},
        )

    assert not Rule.objects.exists()


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ({Output.DETAIL_FULL: "Anything."}, "by its phrases alone"),
        ({Output.FEED_TITLE: "a\0b"}, "can't be stored"),
        ({Output.DETAIL_BRIEF: "\udcff"}, "can't be stored"),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused(texts: dict[Output, str], says: str) -> None:
    base = a_neutralized_story()

    with pytest.raises(TextRefused, match=says) as refused:
        correct(base, texts=texts)

    assert refused.value.output in texts


def test_nothing_changed_makes_no_version() -> None:
    base = a_neutralized_story()

    for corrections in (Corrections(), Corrections(texts={name: getattr(base, name) for name in A_TITLE.texts})):
        with pytest.raises(Refused, match="Nothing was changed"):
            correct(base, corrections)

    assert numbers(base.story) == [(1, True)]


def test_the_second_of_two_editors_is_told_that_the_first_was_quicker() -> None:
    base = a_neutralized_story()
    correct(base, A_TITLE)

    with pytest.raises(StaleVersion, match="Version 2 was made meanwhile by another editor") as stale:
        correct(base, rejections=(Rejection(SHOCKING),))

    assert stale.value.newer == on_the_desk(base.story)
    assert numbers(base.story) == [(1, False), (2, True)]


def test_an_editor_who_is_quicker_while_texts_are_made_is_not_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    base = a_neutralized_story()
    from neutralization import editing

    def slow(*args: Any) -> Any:
        monkeypatch.setattr(editing, "rebuild", rebuild)
        correct(base, A_TITLE)
        return rebuild(*args)

    rebuild = editing.rebuild
    monkeypatch.setattr(editing, "rebuild", slow)
    with pytest.raises(StaleVersion):
        correct(base, rejections=(Rejection(SHOCKING),))

    assert numbers(base.story) == [(1, False), (2, True)]


def test_the_record_says_who_did_what() -> None:
    base = a_neutralized_story()
    corrections = Corrections(
        rejections=(Rejection(SHOCKING, Scope.EVERYWHERE, reason="A fact."), Rejection(SLAMMED)),
        changes=(Change(SLAMMED_AGAIN, Category.LOADED_VERBS, Action.REPLACED, "rejected"),),
        additions=(Addition("footpath", Category.EDITORIAL_VOICE, Action.REPLACED, "path"),),
        texts={**A_TITLE.texts, Output.DETAIL_TITLE: base.detail_title, Output.FEED_SUMMARY: ""},
    )

    made = correct(base, corrections).version

    entry = LogEntry.objects.get(object_id=str(made.pk))
    assert (entry.user.username, entry.change_message) == (
        "ed",
        "rejected “shocking” (everywhere, as “shocking”: A fact.); rejected “slammed” (here); "
        "changed “slammed”: replaced by “rejected”; added “footpath”: replaced by “path”; wrote feed_title",
    )
    assert LogEntry.objects.count() == 2, "one for the rule"


def test_later_stages_are_told_of_each_change() -> None:
    told: list[UUID] = []

    def listen(*, story_id: UUID, **_: Any) -> None:
        told.append(story_id)

    story_corrected.connect(listen)
    try:
        base = a_neutralized_story()
        made = correct(base, A_TITLE).version
        restore_version(base=made, version=1, editor=an_editor())
        make_anew(story_id=base.story_id, base=base, editor=an_editor())
    finally:
        story_corrected.disconnect(listen)

    assert told == [base.story_id] * 3


def test_a_correction_reaches_the_brief_at_once() -> None:
    an_hour_ago = timezone.now() - timedelta(hours=1)
    base = a_neutralized_story(published_at=an_hour_ago, ingested_at=an_hour_ago)
    file_under(base.story)
    assemble_brief(trace_id=new_trace_id(), options=RunOptions(workers=1))

    correct(base, A_TITLE)

    brief = DailyBrief.objects.get(is_current=True)
    assert [item.feed_title for item in brief.items.all()] == [A_TITLE.texts[Output.FEED_TITLE]]
