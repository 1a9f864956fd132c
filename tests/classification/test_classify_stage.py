"""Filing stories: which are open, what is written, what an editor's word is worth, and what reopens a failed one."""

import logging
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from classification.models import ClassificationStatus, Method, StoryClassification
from classification.services import ClassifyResult, classify_pending, correct_classification
from classification.stage import ClassifyStage
from classification.taxonomy import Domain, FeedCategory, Geography
from ingestion.models import StoryRaw
from ntrl.bodies import delete_body, put_body
from ntrl.rules.models import Rule
from ntrl.stages.models import Claim, PipelineLog
from ntrl.stages.runner import RunOptions
from tests.support.factories import NOON, a_story, a_story_without_body

pytestmark = pytest.mark.django_db
MATCH = "The striker scored a hat-trick as the home team won the football match and went top of the league."
NOTHING = "Xyzzy plugh. Foo bar baz."


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


def classify(*stories: StoryRaw, **options: Any) -> ClassifyResult:
    return classify_pending(trace_id="t", options=RunOptions(**options), story_ids=[story.id for story in stories])


def a_match(**fields: Any) -> StoryRaw:
    return a_story(body=MATCH, original_title="Home team wins football match", **fields)


def nonsense(**fields: Any) -> StoryRaw:
    return a_story(body=NOTHING, original_title="Plugh", **fields)


def test_a_story_is_filed_by_its_title_and_body() -> None:
    story = a_match()

    result = classify()

    filed = StoryClassification.objects.get()
    assert (filed.status, filed.domain, filed.feed_category) == ("classified", "sports_competition", "sports")
    assert (filed.method, filed.model, filed.is_locked, filed.body_version) == (Method.KEYWORD, "keyword", False, 1)
    assert filed.failure_reason == ""
    assert set(filed.rule_hashes) == {"keywords", "gazetteer"}
    assert {"geography", "geography_detail", "actors", "action_type", "topic_keywords"} <= set(filed.tags)
    assert (result.total, result.success, result.keyword, result.llm, result.failed) == (1, 1, 1, 0, 0)
    assert PipelineLog.objects.get().story_raw_id == story.id


def test_without_evidence_a_story_is_filed_nowhere_and_says_why() -> None:
    nonsense()

    result = classify()

    filed = StoryClassification.objects.get()
    assert (filed.status, filed.failure_reason, filed.domain, filed.feed_category) == ("failed", "no_evidence", "", "")
    assert (result.total, result.success, result.failed) == (1, 0, 1)
    assert not Claim.objects.exists()
    assert result.report.status == "completed"


def test_filed_and_failed_stories_are_not_done_again() -> None:
    a_match()
    nonsense()
    classify()

    assert classify().total == 0


def test_stories_without_a_body_and_duplicates_are_not_filed() -> None:
    shown = a_match()
    a_story_without_body()
    a_match(is_duplicate=True, duplicate_of=shown)

    assert classify().total == 1
    assert StoryClassification.objects.get().story == shown


def test_another_body_opens_a_failed_story() -> None:
    story = nonsense()
    classify()
    stored = put_body(story.id, 2, MATCH)
    StoryRaw.objects.update(raw_content_uri=stored.key, raw_content_hash=stored.content_hash, body_version=2)

    assert classify().success == 1
    assert StoryClassification.objects.get().body_version == 2


def test_another_rule_opens_failed_stories_and_leaves_filed_ones() -> None:
    nonsense()
    filed_at = StoryClassification.objects.get(story=_filed(a_match())).classified_at
    classify()
    Rule.objects.create(rule_set="keywords", key="science_research/xyzzy", payload={"weight": 4})

    assert classify().total == 1

    assert set(StoryClassification.objects.values_list("feed_category", flat=True)) == {"science", "sports"}
    assert StoryClassification.objects.get(feed_category="sports").classified_at == filed_at


def _filed(story: StoryRaw) -> StoryRaw:
    classify(story)
    return story


def test_force_files_again_and_a_choice_of_stories_only_those() -> None:
    first, second = a_match(), a_match()
    classify()
    StoryClassification.objects.update(classified_at=NOON)

    result = classify(first, force=True)

    assert result.total == 1
    assert StoryClassification.objects.get(story=first).classified_at > NOON
    assert StoryClassification.objects.get(story=second).classified_at == NOON


@pytest.mark.parametrize("force", [False, True])
def test_no_run_overwrites_an_editor(force: bool) -> None:
    story = a_match()
    correct_classification(story=story, domain=Domain.HEALTH_MEDICINE, geography=Geography.US)

    assert classify(force=force).total == 0

    filed = StoryClassification.objects.get()
    assert (filed.feed_category, filed.method, filed.is_locked) == (FeedCategory.HEALTH, Method.EDITOR, True)


def test_an_editor_who_corrects_while_the_story_is_computed_is_not_overwritten() -> None:
    story = a_match()
    stage = ClassifyStage()
    item = next(stage.pending())
    result = stage.compute(item)
    correct_classification(story=story, domain=Domain.HEALTH_MEDICINE, geography=Geography.US)

    stage.save(item, result)

    assert StoryClassification.objects.get().feed_category == FeedCategory.HEALTH
    assert not stage.is_pending(item)


def test_a_correction_keeps_what_was_found_and_files_where_the_geography_leads() -> None:
    story = a_match()
    classify()

    filed = correct_classification(story=story, domain=Domain.CRIME_PUBLIC_SAFETY, geography=Geography.LOCAL)

    assert (filed.domain, filed.feed_category) == (Domain.CRIME_PUBLIC_SAFETY, FeedCategory.LOCAL)
    assert filed.tags["geography"] == "local"
    assert "scores" in filed.tags
    assert (filed.confidence, filed.status, filed.failure_reason) == (1.0, ClassificationStatus.CLASSIFIED, "")


def test_a_body_that_cannot_be_read_is_said_and_not_asked_again() -> None:
    story = a_match()
    delete_body(story.raw_content_uri)

    result = classify()

    filed = StoryClassification.objects.get()
    assert (filed.status, filed.failure_reason) == ("failed", "body_unreadable")
    assert (result.total, result.failed) == (1, 1)
    assert Claim.objects.get().failure_kind == "quarantine"
    assert classify().total == 0


def test_a_body_that_came_back_is_read_when_forced() -> None:
    story = a_match()
    delete_body(story.raw_content_uri)
    classify()
    put_body(story.id, 1, MATCH)

    assert classify(force=True).success == 1
    assert not Claim.objects.exists()


def test_a_story_that_another_process_filed_meanwhile_is_not_filed_again() -> None:
    a_match()
    late = ClassifyStage()
    item = next(late.pending())
    assert late.is_pending(item)

    classify()

    assert not late.is_pending(item)


def test_the_newest_come_first_and_the_limit_holds() -> None:
    old = a_match(ingested_at=NOON)
    new = a_match(ingested_at=timezone.now())

    classify(limit=1)

    assert StoryClassification.objects.get().story == new
    assert classify().total == 1
    assert StoryClassification.objects.filter(story=old).exists()


def test_a_dry_run_names_the_story_and_files_nothing() -> None:
    story = a_match()

    result = classify(dry_run=True)

    assert result.report.planned == [f"would classify {story.id} ('Home team wins football match')"]
    assert not StoryClassification.objects.exists()


def test_the_log_says_how_many_are_filed_and_how(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ntrl.stages.runner")
    a_match()
    nonsense()

    classify()
    classify()

    embedded = "by keywords, the embedded default: no provider of its chain is set up"
    assert caplog.messages[0] == f"[CLASSIFY] Classifying 2 pending stories {embedded}"
    assert caplog.messages[1].startswith(
        "[CLASSIFY] Complete: total=2, success=1, llm=0, keyword_fallback=0, failed=1, duration_ms="
    )
    assert caplog.messages[2] == f"[CLASSIFY] Classifying 0 pending stories {embedded}"
    assert ClassifyStage().start_line(None) == f"[CLASSIFY] Classifying pending stories {embedded}"
