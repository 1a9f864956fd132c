"""Neutralizing stories: which are open, what each outcome leaves, and what opens a story again."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from ingestion.models import StoryRaw
from neutralization.detection_log import log_detection
from neutralization.models import AuditVerdict, Method, Status, StoryNeutralized, TransparencySpan
from neutralization.services import NeutralizeResult, neutralize_pending
from neutralization.spans import Dropped, Phrase, Step
from neutralization.stage import NeutralizeStage
from neutralization.taxonomy import Action, Category
from neutralization.types import Mode
from neutralization.versions import NewVersion, add_version
from ntrl.bodies import delete_body, get_body, put_body
from ntrl.rules.loader import load_rules
from ntrl.rules.models import Rule
from ntrl.stages.models import Claim
from ntrl.stages.runner import RunOptions
from tests.support.factories import NOON, a_story, a_story_without_body, a_version
from tests.support.fetching import PARAGRAPHS

pytestmark = pytest.mark.django_db
PLAIN = "\n\n".join(PARAGRAPHS)
_LOADED = (Category.LOADED_VERBS, Action.REPLACED)
LOADED = PLAIN.replace("The city council voted", "The city council slammed its critics and voted")


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


def neutralize(*stories: StoryRaw, **options: Any) -> NeutralizeResult:
    return neutralize_pending(trace_id="t", options=RunOptions(**options), story_ids=[story.id for story in stories])


def the_version() -> StoryNeutralized:
    return StoryNeutralized.objects.get()


def new_body(story: StoryRaw, text: str) -> None:
    stored = put_body(story.id, story.body_version + 1, text)
    StoryRaw.objects.filter(pk=story.pk).update(
        raw_content_uri=stored.key, raw_content_hash=stored.content_hash, body_version=story.body_version + 1
    )


def an_editors_version(story: StoryRaw) -> StoryNeutralized:
    row = a_version(story, method=Method.EDITOR, is_locked=True, is_current=False)
    StoryNeutralized.objects.filter(story=story).update(is_current=False)
    StoryNeutralized.objects.filter(pk=row.pk).update(is_current=True)
    return row


def test_a_plain_article_becomes_a_success_that_passed_every_rule() -> None:
    story = a_story(body=PLAIN)

    result = neutralize()

    row = the_version()
    assert (row.story, row.status, row.failure_detail, row.is_current) == (story, Status.SUCCESS, "", True)
    assert (row.method, row.mode, row.version, row.body_version) == (Method.LEXICON, Mode.SPAN_GUIDED, 1, 1)
    assert row.detail_full == PLAIN
    assert all([row.feed_title, row.feed_summary, row.detail_title, row.detail_brief])
    assert AuditVerdict.objects.count() > 20
    assert not AuditVerdict.objects.filter(passed=False).exists()
    assert set(row.rule_hashes) == {"lexicon", "false_positives"}
    assert (result.total_processed, result.total_success, result.total_failed) == (1, 1, 0)


def test_manipulative_words_become_spans_of_the_stored_body() -> None:
    story = a_story(body=LOADED)

    neutralize()

    spans = list(TransparencySpan.objects.all())
    body = get_body(story.raw_content_uri)
    assert spans
    assert all(body[span.start : span.end] == span.original_text for span in spans)
    row = the_version()
    assert row.has_manipulative_content
    assert row.disclosure
    assert "slammed" not in row.detail_full


@pytest.mark.parametrize(
    ("fields", "reason", "detail"),
    [
        ({"body_is_truncated": True}, "truncated", "cut off"),
        ({"language": "de"}, "language", "the article is in de"),
        ({"language": ""}, "language", "an unknown language"),
    ],
)
def test_what_the_rules_are_not_for_is_skipped_with_the_reason_once(
    fields: dict[str, Any], reason: str, detail: str
) -> None:
    a_story(body=PLAIN, **fields)

    result = neutralize()

    row = the_version()
    assert (row.status, row.failure_reason, row.is_current, row.detail_full) == (Status.SKIPPED, reason, False, "")
    assert detail in row.failure_detail
    assert (result.total_skipped, result.total_skipped_no_body, result.total_failed) == (1, 0, 0)
    assert neutralize().total_processed == 0
    assert result.report.status == "completed"


def test_a_story_without_a_body_is_skipped_and_opened_when_the_body_comes() -> None:
    story = a_story_without_body()
    assert neutralize().total_skipped_no_body == 1
    assert (the_version().failure_reason, the_version().failure_detail) == ("no_body", "http_404")
    assert neutralize().total_processed == 0

    stored = put_body(story.id, 1, PLAIN)
    StoryRaw.objects.update(
        raw_content_uri=stored.key,
        raw_content_hash=stored.content_hash,
        raw_content_available=True,
        body_version=1,
        language="en",
    )

    assert neutralize().total_success == 1
    assert StoryNeutralized.objects.get(is_current=True).version == 2


def test_a_text_that_cannot_be_composed_or_fails_the_audit_is_kept_and_never_current() -> None:
    a_story(body="One short line without much in it")

    result = neutralize()

    row = the_version()
    assert (row.status, row.is_current) == (Status.FAILED_AUDIT, False)
    assert row.failure_reason
    assert row.failure_detail
    assert result.total_failed == 1
    assert not Claim.objects.exists()
    assert neutralize().total_processed == 0


def test_a_body_that_cannot_be_read_is_skipped_and_not_asked_again() -> None:
    story = a_story(body=PLAIN)
    delete_body(story.raw_content_uri)

    result = neutralize()

    assert (the_version().status, the_version().failure_reason) == (Status.SKIPPED, "body_unreadable")
    assert (result.total_skipped, result.total_skipped_no_body, result.total_failed) == (1, 1, 0)
    assert neutralize().total_processed == 0
    assert StoryNeutralized.objects.count() == 1


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*args: Any, **named: Any) -> None:
        raise error

    monkeypatch.setattr("neutralization.stage.neutralize_by_lexicon", fail)


def test_what_may_pass_leaves_no_version_until_it_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    a_story(body=PLAIN)
    failing(monkeypatch, OperationalError("the database is away"))

    for _ in range(NeutralizeStage.max_attempts - 1):
        assert neutralize().total_failed == 1
        assert not StoryNeutralized.objects.exists()
        Claim.objects.update(next_attempt_at=NOON)
    neutralize()

    assert (the_version().status, the_version().failure_reason) == (Status.FAILED_LLM, "OperationalError")


def test_our_own_fault_is_told_apart_by_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    a_story(body=PLAIN)
    failing(monkeypatch, KeyError("odd"))

    assert neutralize().total_failed == 1

    assert (the_version().status, the_version().failure_reason) == (Status.FAILED_LLM, "bug: KeyError")


def test_the_log_has_the_figures_of_each_step_and_what_was_let_go(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "neutralization.detection_log")
    story = a_story(body=LOADED)
    log_detection(
        story.id,
        [Step("false_positives", (), (Dropped(Phrase("crisis management", *_LOADED, "", "k"), "term"),))],
    )

    neutralize()

    removed, figures = caplog.messages[1], caplog.messages[2]
    assert removed == f"[SPAN_DETECTION] False positive filter removed 1: ['crisis management'], story={story.id}"
    assert re.fullmatch(
        r"\[SPAN_DETECTION\] Pipeline: position_match=1 -> quote_filter=1 -> fp_filter=1 -> overlap_filter=1 "
        rf"-> removal_filter=1, story={story.id}",
        figures,
    )


def test_what_cannot_be_taken_is_not_counted_as_pending() -> None:
    gone = a_story(body=PLAIN)
    delete_body(gone.raw_content_uri)
    a_story(body=PLAIN, language="de")
    assert NeutralizeStage().total() == 2

    neutralize()

    assert NeutralizeStage().total() == 0
    assert NeutralizeStage(force=True).total() == 2


def test_more_than_can_be_counted_quickly_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.story_stage.MAX_STORIES_COUNTED", 1)
    a_story(body=PLAIN)
    assert NeutralizeStage().total() == 1
    a_story(body=PLAIN)

    assert NeutralizeStage().total() is None


def test_a_failure_is_named_by_the_storys_title() -> None:
    story = a_story_without_body(original_title="A dead link")

    assert neutralize().report.failures == [f"A dead link ({story.id}): no_body: http_404"]


def test_a_failed_run_over_a_good_version_leaves_it_current() -> None:
    story = a_story(body=PLAIN)
    neutralize()
    delete_body(story.raw_content_uri)

    neutralize(force=True)

    assert list(StoryNeutralized.objects.order_by("version").values_list("status", "is_current")) == [
        ("success", True),
        ("skipped", False),
    ]


def test_a_new_body_version_is_neutralized_anew_and_the_same_is_not() -> None:
    story = a_story(body=PLAIN)
    neutralize()
    assert neutralize().total_processed == 0

    new_body(story, LOADED)
    neutralize()

    row = StoryNeutralized.objects.get(is_current=True)
    assert (row.version, row.body_version) == (2, 2)


def test_another_rule_opens_what_failed_or_was_skipped_and_leaves_successes() -> None:
    a_story(body=PLAIN)
    failed = a_story(body="One short line without much in it")
    neutralize()
    Rule.objects.create(rule_set="false_positives", key="test/one", is_enabled=False)
    assert neutralize().total_processed == 0, "a row that changes no rule"
    shipped = next(iter(load_rules("lexicon").entries))
    Rule.objects.create(rule_set="lexicon", key=shipped, is_enabled=False)

    assert neutralize().total_processed == 1
    assert StoryNeutralized.objects.filter(story=failed).count() == 2


def test_force_makes_a_new_version_of_the_stories_asked_for() -> None:
    first, second = a_story(body=PLAIN), a_story(body=PLAIN)
    neutralize()

    result = neutralize(first, force=True)

    assert result.total_success == 1
    assert [first.neutralizations.count(), second.neutralizations.count()] == [2, 1]
    assert StoryNeutralized.objects.get(story=first, is_current=True).version == 2


def test_an_editors_version_is_left_alone_also_when_the_body_changes() -> None:
    story = a_story(body=PLAIN)
    edited = an_editors_version(story)
    new_body(story, LOADED)

    assert neutralize().total_processed == 0
    assert StoryNeutralized.objects.get(is_current=True) == edited


def test_an_editor_who_is_quicker_than_the_run_keeps_the_last_word() -> None:
    story = a_story(body=PLAIN)
    stage = NeutralizeStage()
    item = next(stage.pending())
    result = stage.compute(item)
    edited = an_editors_version(story)

    saved = stage.save(item, result)

    assert (saved.outcome, saved.reason) == ("skipped", "locked")
    assert list(StoryNeutralized.objects.all()) == [edited]


def test_a_story_that_another_process_did_meanwhile_is_not_done_again() -> None:
    a_story(body=PLAIN)
    late = NeutralizeStage()
    item = next(late.pending())
    assert late.is_pending(item)

    neutralize()

    assert not late.is_pending(item)


def test_duplicates_are_not_neutralized() -> None:
    shown = a_story(body=PLAIN)
    a_story(body=PLAIN, is_duplicate=True, duplicate_of=shown)

    assert neutralize().total_processed == 1


def test_a_version_that_failed_in_doubt_of_its_input_is_tried_again() -> None:
    story = a_story(body=PLAIN)
    add_version(
        story=story,
        version=NewVersion(Status.FAILED_GARBLED, "KeyError"),
        method=Method.LEXICON,
        mode=Mode.SPAN_GUIDED,
        input_hash="",
        rule_hashes={},
    )

    assert neutralize().total_success == 1


def test_a_dry_run_says_what_would_be_done_or_skipped() -> None:
    wanted, foreign = a_story(body=PLAIN), a_story(body=PLAIN, language="de")

    result = neutralize(dry_run=True)

    assert sorted(result.report.planned) == sorted(
        [f"would neutralize {wanted.id} by the lexicon", f"would skip {foreign.id} (language)"]
    )
    assert not StoryNeutralized.objects.exists()
