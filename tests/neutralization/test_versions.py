"""Versions of neutral texts: numbered, never changed, one current, and a failure takes no good one's place."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from ingestion.models import StoryRaw
from neutralization.lexicon_neutralizer import Neutralized
from neutralization.models import (
    AuditVerdict,
    Method,
    NeutralEdit,
    Status,
    StoryNeutralized,
    TransparencySpan,
)
from neutralization.taxonomy import Action, Category
from neutralization.types import Edit, Mode, Output, Outputs, Span, Verdict
from neutralization.versions import NewVersion, add_version, is_locked
from tests.support.factories import a_story

pytestmark = pytest.mark.django_db

MADE = Neutralized(
    spans=(
        Span(4, 12, "shocking", Category.EMOTIONAL_TRIGGERS, Action.REMOVED, "", "emotional/shocking"),
        Span(20, 27, "slammed", Category.LOADED_VERBS, Action.REPLACED, "criticized", "verbs/slam"),
    ),
    edits=(Edit(4, 13, "", 0), Edit(20, 27, "criticized", 1)),
    outputs=Outputs("Title", "Summary.", "Detail title", "Brief.", "Full text."),
    verdicts=(
        Verdict("form.length", Output.FEED_TITLE, True),
        Verdict("grounding.numbers", Output.DETAIL_FULL, False, ("“seven” at 3",)),
    ),
)
SUCCESS = NewVersion(Status.SUCCESS, made=MADE)
FAILED = NewVersion(Status.FAILED_AUDIT, "grounding.numbers", "seven", MADE)
SKIPPED = NewVersion(Status.SKIPPED, "no_body", "http_404")


def add(story: StoryRaw, version: NewVersion = SUCCESS, **fields: Any) -> StoryNeutralized:
    values = {
        "method": Method.LEXICON,
        "mode": Mode.SPAN_GUIDED,
        "input_hash": "i" * 64,
        "rule_hashes": {"lexicon": "h"},
    }
    return add_version(story=story, version=version, **{**values, **fields})


def current(story: StoryRaw) -> list[int]:
    return list(StoryNeutralized.objects.filter(story=story, is_current=True).values_list("version", flat=True))


def test_a_success_is_kept_whole() -> None:
    row = add(a_story())
    row.refresh_from_db()

    assert (row.version, row.is_current, row.status, row.method, row.mode) == (
        1,
        True,
        "success",
        "lexicon",
        "span_guided",
    )
    assert (row.feed_title, row.feed_summary, row.detail_title, row.detail_brief, row.detail_full) == (
        "Title",
        "Summary.",
        "Detail title",
        "Brief.",
        "Full text.",
    )
    assert (row.has_manipulative_content, row.rule_hashes, row.body_version) == (True, {"lexicon": "h"}, 1)
    assert row.disclosure.startswith("NTRL removed 1 phrase and replaced 1 phrase")
    spans = list(TransparencySpan.objects.filter(neutralized=row))
    assert [(span.start, span.end, span.original_text, span.rule_key) for span in spans] == [
        (4, 12, "shocking", "emotional/shocking"),
        (20, 27, "slammed", "verbs/slam"),
    ]
    assert [(edit.start, edit.end, edit.replacement, edit.span) for edit in NeutralEdit.objects.all()] == [
        (4, 13, "", spans[0]),
        (20, 27, "criticized", spans[1]),
    ]
    assert set(AuditVerdict.objects.values_list("rule_id", "output", "passed")) == {
        ("form.length", "feed_title", True),
        ("grounding.numbers", "detail_full", False),
    }


def test_without_changes_nothing_is_disclosed() -> None:
    row = add(a_story(), NewVersion(Status.SUCCESS, made=replace(MADE, spans=(), edits=())))

    assert (row.disclosure, row.has_manipulative_content) == ("", False)


def test_versions_are_numbered_by_story_and_the_newest_success_is_current() -> None:
    first, second = a_story(), a_story()

    assert [add(story).version for story in (first, second, first, first)] == [1, 1, 2, 3]
    assert (current(first), current(second)) == ([3], [1])


@pytest.mark.parametrize("version", [FAILED, SKIPPED, NewVersion(Status.FAILED_GARBLED, "KeyError")])
def test_a_failure_is_a_version_and_takes_no_good_ones_place(version: NewVersion) -> None:
    story = a_story()
    add(story)

    failed = add(story, version)

    assert (failed.version, failed.is_current) == (2, False)
    assert current(story) == [1]
    assert failed.failure_reason == version.failure_reason


def test_a_version_is_never_changed() -> None:
    row = add(a_story())
    row.feed_title = "Another"

    with pytest.raises(ValueError, match="never changed"):
        row.save()
    with pytest.raises(ValueError, match="never changed"):
        row.save(update_fields=["feed_title", "is_current"])
    row.refresh_from_db()
    assert row.feed_title == "Title"


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"status": "failed_audit", "failure_reason": "x", "is_current": True}, id="a current failure"),
        pytest.param({"is_current": True, "version": 9}, id="two current ones"),
        pytest.param({"version": 1}, id="a number twice"),
        pytest.param({"feed_summary": "", "version": 9}, id="a success with a text missing"),
        pytest.param({"status": "skipped", "failure_reason": "", "version": 9}, id="a failure without a reason"),
        pytest.param({"status": "fine", "failure_reason": "x", "version": 9}, id="an unknown status"),
        pytest.param({"method": "magic", "version": 9}, id="an unknown method"),
        pytest.param({"mode": "loose", "version": 9}, id="an unknown mode"),
    ],
)
def test_the_database_itself_refuses(fields: dict[str, Any]) -> None:
    row = add(a_story())
    row.refresh_from_db()
    values = {field.attname: getattr(row, field.attname) for field in row._meta.fields if field.name != "id"}

    with pytest.raises(IntegrityError), transaction.atomic():
        StoryNeutralized.objects.create(**{**values, "is_current": False, **fields})


def test_when_a_part_cannot_be_written_nothing_is() -> None:
    story = a_story()
    add(story)
    twice = replace(MADE, verdicts=(*MADE.verdicts, *MADE.verdicts))

    with pytest.raises(IntegrityError), transaction.atomic():
        add(story, NewVersion(Status.SUCCESS, made=twice))

    assert current(story) == [1]
    assert TransparencySpan.objects.count() == 2


def test_an_editors_version_locks_its_story() -> None:
    story = a_story()
    add(story)
    assert not is_locked(story)

    add(story, is_locked=True, method=Method.EDITOR)
    assert is_locked(story)

    add(story, FAILED)
    assert is_locked(story)
    add(story)
    assert not is_locked(story), "only a forced run does that"
