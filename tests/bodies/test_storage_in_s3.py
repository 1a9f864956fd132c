"""Purge, sweep and integrity check over a bucket, and what they say when it can't be reached."""

from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from classification.services import classify_pending
from ingestion import storage
from ingestion.article_stage import ArticlesStage
from ingestion.inbox import announce
from ingestion.models import StoryBody, StoryRaw
from ingestion.storage import check_bodies, purge_bodies, sweep_bodies
from neutralization.services import neutralize_pending
from ntrl.bodies import BodyMissing, delete_body, get_body, put_body
from ntrl.bodies_in_s3 import S3Bodies
from ntrl.stages.runner import RunOptions
from tests.bodies.conftest import use_bucket
from tests.support.factories import BODY, a_source, a_story, an_entry
from tests.support.fetching import PARAGRAPHS, FakeFetcher, a_page
from tests.support.stages import run

pytestmark = pytest.mark.django_db


def test_an_article_goes_through_the_stages_and_onto_its_page(client: Client, bucket: S3Bodies) -> None:
    """Stored by one worker's thread, read by others', shown by a page; then the bucket is gone."""
    url = "https://herald.example/bridge"
    announce(a_source(), [an_entry(url, "City council votes to repair bridge")], now=timezone.now())
    run(ArticlesStage(FakeFetcher({url: a_page()}), max_items_per_source=9))
    classify_pending(trace_id="t", options=RunOptions())
    neutralize_pending(trace_id="t", options=RunOptions())

    story = StoryRaw.objects.get()
    assert story.raw_content_uri == f"raw/{story.id}/body"
    page = f"/stories/{story.id}/original/"
    assert PARAGRAPHS[0][:40] in client.get(page).content.decode()

    bucket.delete(story.raw_content_uri)
    bucket.client.delete_bucket(Bucket=bucket.bucket_name)
    reply = client.get(page)
    assert reply.status_code == 200
    assert "can’t be read just now" in reply.content.decode()


def test_purge(bucket: S3Bodies) -> None:
    old, gone, young = (a_story(body=BODY) for _ in range(3))
    delete_body(gone.raw_content_uri)  # as the bucket's own rule does
    long_ago = timezone.now() - timedelta(days=31)
    StoryBody.objects.filter(story__in=[old, gone]).update(created_at=long_ago)

    assert purge_bodies(now=timezone.now()).counts == {"removed": 2}

    with pytest.raises(BodyMissing):
        get_body(old.raw_content_uri)
    assert get_body(young.raw_content_uri) == BODY
    assert StoryBody.objects.exclude(expired_at=None).count() == 2


def test_sweep(bucket: S3Bodies) -> None:
    story = a_story(body=BODY)
    orphan = put_body(uuid4(), 1, "Nobody's text.").key
    bucket.client.put_object(Bucket=bucket.bucket_name, Key="raw/README", Body=b"not ours")

    assert sweep_bodies(now=timezone.now()).counts == {"named": 1, "recent": 1, "foreign": 1}
    report = sweep_bodies(now=timezone.now() + timedelta(days=2))

    assert report.keys == [orphan]
    assert get_body(story.raw_content_uri) == BODY
    assert bucket.exists("raw/README")


def test_check(bucket: S3Bodies) -> None:
    for _ in range(3):
        a_story(body=BODY)
    missing, damaged = a_story(body=BODY), a_story(body=BODY)
    delete_body(missing.raw_content_uri)
    bucket.client.put_object(Bucket=bucket.bucket_name, Key=damaged.raw_content_uri, Body=b"not gzip")

    report = check_bodies(now=timezone.now())

    assert report.counts == {"intact": 3, "missing": 1, "corrupt": 1}
    assert {problem.story_id for problem in report.problems} == {str(missing.id), str(damaged.id)}


@pytest.mark.parametrize("command", ["purge_bodies", "sweep_bodies", "check_bodies"])
def test_a_service_that_is_down_ends_it_with_a_sentence(command: str, settings: Settings, s3_keys: None) -> None:
    for _ in range(storage.REFUSALS_THAT_TELL):
        a_story()
    StoryBody.objects.update(created_at=timezone.now() - timedelta(days=31))
    use_bucket(settings, "http://127.0.0.1:9")
    with pytest.raises(CommandError, match="can't be reached"):
        call_command(command)
    assert not StoryBody.objects.exclude(expired_at=None).exists()


def test_a_bucket_that_is_not_there_is_no_reason_to_call_all_bodies_expired(no_bucket: S3Bodies) -> None:
    with patch.object(storage, "REFUSALS_THAT_TELL", 1):
        a_story()
        StoryBody.objects.update(created_at=timezone.now() - timedelta(days=31))
        for command in ("purge_bodies", "sweep_bodies", "check_bodies"):
            with pytest.raises(CommandError, match="setup_storage"):
                call_command(command)
    assert not StoryBody.objects.exclude(expired_at=None).exists()
