"""A good version stays before readers, on every page and in the next brief, whatever becomes of later attempts."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from briefs.services import assemble_brief
from ingestion.models import StoryBody, StoryRaw
from neutralization.models import Method, Status, StoryNeutralized
from neutralization.stage import NeutralizeStage
from ntrl.bodies import put_body
from ntrl.stages.runner import RunOptions
from tests.neutralization.model_case import LOADED, let_waits_pass, neutralize
from tests.support.factories import NOON, a_story, a_version, file_under
from tests.support.llm import a_gateway
from tests.support.llm_faults import Fault
from tests.support.llm_neutral import brief_reply, feed_reply, full_reply
from tests.support.llm_server import LLMServer

pytestmark = pytest.mark.django_db
# What a reader must never see: it was invented by a model on its second try.
INVENTED = "Zyxwv Corp pays 987 euros for it."
CORRECTED = LOADED + "\n\nThe bridge was built in 1911."


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


def assemble() -> None:
    assemble_brief(trace_id="b" * 32, options=RunOptions(workers=1), now=NOON + timedelta(hours=1))


def pages(story: StoryRaw) -> dict[str, str]:
    """All that readers see of a story, but for the brief's own time."""
    views = ("", "full/", "changes/", "original/")
    addresses = ["/", *(f"/stories/{story.id}/{view}" for view in views)]
    responses = {address: Client().get(address) for address in addresses}
    assert {response.status_code for response in responses.values()} == {200}
    return {address: response.content.decode() for address, response in responses.items()}


def publish_a_correction(story: StoryRaw) -> None:
    """Let the story's page have another text."""
    stored = put_body(story.id, 2, CORRECTED)
    StoryRaw.objects.filter(pk=story.pk).update(
        raw_content_uri=stored.key, raw_content_hash=stored.content_hash, body_version=2, body_length=stored.length
    )
    StoryBody.objects.create(
        story=story, version=2, uri=stored.key, content_hash=stored.content_hash, length=stored.length, extractor="test"
    )


def refuse(server: LLMServer) -> None:
    server.fault(Fault.REFUSAL, operation="synthesize_brief")


def go_silent(server: LLMServer) -> None:
    server.fault(Fault.HTTP_500)


def write_nonsense(server: LLMServer) -> None:
    server.reply("neutralize_full", full_reply(LOADED)[::-1])


def invent(server: LLMServer) -> None:
    server.reply("synthesize_brief", brief_reply(LOADED) + " " + INVENTED)
    server.reply("compress_feed", feed_reply(LOADED, feed_title=INVENTED, feed_summary=INVENTED))


@pytest.mark.parametrize("is_corrected", [False, True])
@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (refuse, Status.FAILED_LLM),
        (go_silent, Status.FAILED_LLM),
        (write_nonsense, Status.FAILED_GARBLED),
        (invent, Status.FAILED_AUDIT),
    ],
)
def test_readers_keep_the_good_version(server: LLMServer, spoil: Any, status: Status, is_corrected: bool) -> None:
    story = a_story(body=LOADED)
    file_under(story)
    neutralize(server)
    good = StoryNeutralized.objects.get(is_current=True)
    assemble()
    before = pages(story)
    assert good.feed_title in before["/"]
    assert "<ins" in before[f"/stories/{story.id}/changes/"]
    if is_corrected:
        publish_a_correction(story)

    spoil(server)
    neutralize(server, story, force=not is_corrected)
    assemble()

    failed = StoryNeutralized.objects.get(version=2)
    assert (failed.status, failed.is_current) == (status, False), failed.failure_detail
    assert StoryNeutralized.objects.get(is_current=True) == good
    after = pages(story)
    assert after == before
    assert not any("Zyxwv" in page or "987" in page for page in after.values())


def test_a_later_good_version_takes_its_place_on_every_page(server: LLMServer) -> None:
    story = a_story(body=LOADED)
    file_under(story)
    neutralize(server)
    publish_a_correction(story)
    server.fault(Fault.HTTP_500)
    neutralize(server)
    server.heal()
    let_waits_pass()
    neutralize(server)
    assemble()
    assert list(StoryNeutralized.objects.order_by("version").values_list("status", "is_current")) == [
        ("success", False),
        ("failed_llm", False),
        ("success", True),
    ]
    assert "The bridge was built in 1911." in pages(story)[f"/stories/{story.id}/full/"]


def test_an_editors_version_is_never_given_to_models(server: LLMServer) -> None:
    story = a_story(body=LOADED)
    a_version(story, method=Method.EDITOR, is_locked=True)
    publish_a_correction(story)

    result = neutralize(server)
    named = neutralize(server, story)
    rehearsed = neutralize(server, story, dry_run=True)

    assert (result.total_processed, named.total_processed, rehearsed.report.planned) == (0, 0, [])
    assert server.asked == []


def test_an_editor_who_writes_while_models_do_keeps_the_last_word(server: LLMServer) -> None:
    story = a_story(body=LOADED)
    gateway = a_gateway(server)
    stage = NeutralizeStage(gateway=gateway)
    item = next(stage.pending())
    with gateway.ledger.account(stage="neutralize", story_id=story.id):
        result = stage.compute(item)
    edited = a_version(story, method=Method.EDITOR, is_locked=True)

    assert stage.save(item, result).reason == "locked"

    assert StoryNeutralized.objects.get() == edited
