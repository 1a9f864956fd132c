"""A body that is expired, missing, damaged or out of reach: every reader says so, and nobody stumbles."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from classification.models import StoryClassification
from classification.services import classify_pending
from ingestion.article_stage import ArticlesStage
from ingestion.inbox import announce
from ingestion.models import FeedEntry, StoryBody, StoryRaw
from ingestion.storage import purge_bodies
from neutralization.models import Status, StoryNeutralized
from neutralization.services import neutralize_pending
from ntrl.accounts.models import User
from ntrl.bodies import delete_body, get_body
from ntrl.rules.loader import load_rules
from ntrl.rules.models import Rule
from ntrl.stages.models import Claim
from ntrl.stages.runner import RunOptions
from tests.support.factories import NOON, a_source, a_story, a_version, an_entry, file_under
from tests.support.fetching import PARAGRAPHS, FakeFetcher, a_page
from tests.support.stages import run

pytestmark = pytest.mark.django_db
BODY = "\n\n".join(PARAGRAPHS)


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


def expire(story: StoryRaw, bodies: Path) -> None:
    StoryBody.objects.filter(story=story).update(created_at=timezone.now() - timedelta(days=31))
    purge_bodies(now=timezone.now())


def lose(story: StoryRaw, bodies: Path) -> None:
    delete_body(story.raw_content_uri)


def damage(story: StoryRaw, bodies: Path) -> None:
    (bodies / story.raw_content_uri).write_bytes(b"not gzip")


def cut_off(story: StoryRaw, bodies: Path) -> None:
    bodies.rename(bodies.with_name("elsewhere"))
    bodies.write_text("a file stands where the folder should be")


def bring_back(bodies: Path) -> None:
    bodies.unlink()
    bodies.with_name("elsewhere").rename(bodies)
    Claim.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))


Trouble = Callable[[StoryRaw, Path], None]
TROUBLES = [expire, lose, damage, cut_off]


def neutralize(*, force: bool = False) -> StoryNeutralized | None:
    neutralize_pending(trace_id="t", options=RunOptions(force=force))
    return StoryNeutralized.objects.order_by("version").last()


def classify() -> StoryClassification | None:
    classify_pending(trace_id="t", options=RunOptions())
    return StoryClassification.objects.first()


@pytest.mark.parametrize(
    ("trouble", "reason", "detail", "kind"),
    [
        (expire, "no_body", "body_expired: removed after 30 days", None),
        (lose, "body_unreadable", "not in storage", "quarantine"),
        (damage, "body_unreadable", "incorrect header", "quarantine"),
    ],
)
def test_neutralize_skips_a_story_whose_body_is_gone(
    bodies: Path, trouble: Trouble, reason: str, detail: str, kind: str | None
) -> None:
    trouble(a_story(body=BODY), bodies)

    row = neutralize()

    assert row is not None
    assert (row.status, row.failure_reason, row.is_current) == (Status.SKIPPED, reason, False)
    assert detail in row.failure_detail
    assert list(Claim.objects.values_list("failure_kind", flat=True)) == ([kind] if kind else [])
    neutralize()
    assert StoryNeutralized.objects.count() == 1


def test_neutralize_leaves_a_story_whose_body_is_out_of_reach_for_later(bodies: Path) -> None:
    cut_off(a_story(body=BODY), bodies)

    assert neutralize() is None
    claim = Claim.objects.get()
    assert claim.failure_kind == "retry"
    assert claim.reason.startswith("body_unavailable: ")
    assert "Not a directory" in claim.reason


@pytest.mark.parametrize(
    ("trouble", "reason", "kind"),
    [
        (lose, "body_unreadable", "quarantine"),
        (damage, "body_unreadable", "quarantine"),
        (cut_off, "body_unavailable", "retry"),
    ],
)
def test_classify_leaves_a_story_unfiled_and_says_why(bodies: Path, trouble: Trouble, reason: str, kind: str) -> None:
    trouble(a_story(body=BODY), bodies)
    filed = classify()
    assert filed is not None
    assert (filed.status, filed.failure_reason) == ("failed", reason)
    assert Claim.objects.get().failure_kind == kind


def test_classify_does_not_try_an_expired_body(bodies: Path) -> None:
    expire(a_story(body=BODY), bodies)
    assert classify() is None
    assert not Claim.objects.exists()


def test_what_was_out_of_reach_is_done_when_it_is_back(bodies: Path) -> None:
    cut_off(a_story(body=BODY, original_title="City council votes to repair bridge"), bodies)
    classify()
    neutralize()
    bring_back(bodies)
    filed, version = classify(), neutralize()
    assert filed is not None
    assert filed.status == "classified"
    assert version is not None
    assert (version.status, version.is_current) == (Status.SUCCESS, True)
    assert not Claim.objects.exists()


def test_expiry_opens_no_finished_story_again(bodies: Path) -> None:
    """Neither a success nor a failure under the same rules; a failure under new ones is skipped, once."""
    done, failed = a_story(body=BODY), a_story(body=BODY + " !!!")
    neutralize()
    StoryNeutralized.objects.filter(story=failed).update(
        status=Status.FAILED_AUDIT, failure_reason="grounding.numbers", is_current=False
    )
    for story in (done, failed):
        file_under(story)
        expire(story, bodies)

    neutralize()
    assert StoryNeutralized.objects.count() == 2

    shipped = next(iter(load_rules("lexicon").entries))
    Rule.objects.create(rule_set="lexicon", key=shipped, is_enabled=False)
    for _ in range(2):
        neutralize()
    assert [(row.status, row.failure_reason) for row in StoryNeutralized.objects.filter(story=failed)][1:] == [
        (Status.SKIPPED, "no_body")
    ]
    assert StoryNeutralized.objects.get(story=done).is_current
    assert set(StoryClassification.objects.values_list("status", flat=True)) == {"classified"}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_forced_run_leaves_the_good_version(bodies: Path, trouble: Trouble) -> None:
    story = a_story(body=BODY)
    neutralize()
    trouble(story, bodies)
    neutralize(force=True)
    rows = StoryNeutralized.objects.order_by("version").values_list("status", "is_current")
    assert list(rows) == [("success", True)] + ([("skipped", False)] if trouble is not cut_off else [])


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (expire, "The original text is no longer kept here. It was removed on"),
        (lose, "The original text is no longer kept here."),
        (damage, "The stored original is damaged, so it is not shown."),
        (cut_off, "The original text can’t be read just now; try again later."),
    ],
)
def test_pages_say_it_and_show_the_rest(client: Client, bodies: Path, trouble: Trouble, sentence: str) -> None:
    story = a_story(body=BODY)
    a_version(story)
    trouble(story, bodies)

    original = client.get(f"/stories/{story.id}/original/")
    assert original.status_code == 200
    text = unescape(original.content.decode())
    assert sentence in text
    assert str(bodies) not in text
    for view in ("", "full/"):
        assert client.get(f"/stories/{story.id}/{view}").status_code == 200


@pytest.mark.parametrize("trouble", TROUBLES)
def test_the_admin_shows_the_story(client: Client, bodies: Path, trouble: Trouble) -> None:
    story = a_story(body=BODY)
    a_version(story)
    trouble(story, bodies)
    client.force_login(User.objects.create_superuser("editor", password="x"))
    for address in ("", f"{story.id}/change/"):
        response = client.get(f"/admin/ingestion/storyraw/{address}")
        assert response.status_code == 200
        assert ("body_expired" in response.content.decode()) == (trouble is expire)


def test_an_article_waits_for_a_storage_that_is_out_of_reach(bodies: Path) -> None:
    """The body could not be stored: the article is not lost, and is read again when the storage is back."""
    url = "https://herald.example/bridge"
    announce(a_source(), [an_entry(url, "A bridge is repaired")], now=NOON)
    fetcher = FakeFetcher({url: a_page()})
    bodies.write_text("a file stands where the folder should be")

    run(ArticlesStage(fetcher, max_items_per_source=9))

    assert Claim.objects.get().failure_kind == "retry"
    story = StoryRaw.objects.get()
    assert not story.raw_content_available
    assert story.body_failure_reason.startswith("body_unavailable")

    bodies.unlink()
    Claim.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    run(ArticlesStage(fetcher, max_items_per_source=9))
    story.refresh_from_db()
    assert story.raw_content_available
    assert PARAGRAPHS[0] in get_body(story.raw_content_uri, story.raw_content_hash)


def test_an_expired_story_still_has_its_doubles(bodies: Path) -> None:
    story = a_story(body=BODY)
    expire(story, bodies)
    announce(a_source("wire"), [an_entry("https://wire.example/1", story.original_title)], now=timezone.now())
    assert FeedEntry.objects.get().duplicate_of == story.id
