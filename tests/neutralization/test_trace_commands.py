"""`debug_spans` and `explain_spans`: what production does, shown and not stored."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from ingestion.models import StoryRaw
from neutralization.models import Method, Status, StoryNeutralized
from neutralization.services import neutralize_pending
from neutralization.tracing import NotTraceable, explain_spans, trace_story
from ntrl.bodies import delete_body
from ntrl.stages.models import Claim, PipelineLog
from ntrl.stages.runner import RunOptions
from tests.support.factories import a_story, a_version
from tests.support.fetching import PARAGRAPHS

pytestmark = pytest.mark.django_db
PLAIN = "\n\n".join(PARAGRAPHS)
LOADED = PLAIN.replace("The city council voted", "The city council slammed its critics and voted")


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


def call(name: str, *args: str) -> str:
    out = io.StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


def test_a_trace_is_what_a_run_then_stores() -> None:
    story = a_story(body=LOADED)
    trace = trace_story(story_id=story.id)
    assert not StoryNeutralized.objects.exists()
    assert not Claim.objects.exists()
    assert not PipelineLog.objects.exists()
    neutralize_pending(trace_id="t", options=RunOptions(), story_ids=[story.id])
    stored = StoryNeutralized.objects.get()
    assert stored.status == trace.outcome.status
    assert stored.detail_full == trace.made.outputs.detail_full
    assert stored.rule_hashes == trace.rule_hashes
    spans = [(span.start, span.end, span.original_text) for span in trace.made.spans]
    assert list(stored.spans.values_list("start", "end", "original_text")) == spans


def test_the_trace_is_readable() -> None:
    story = a_story(body=LOADED, original_title="A vote\x1b[2J")
    shown = call("debug_spans", str(story.id))
    for words in ("positions: ", "quotes: ", "removals: ", "[slammed]", "“slammed” becomes “criticized”", "feed_title"):
        assert words in shown
    assert "Redline: changes 1, unattributed 0" in shown
    assert "“slammed” became “criticized”: span 0" in shown
    assert "A run would store\na version with status success" in shown
    assert "\x1b[2J" not in shown


def test_the_trace_is_one_document_for_machines() -> None:
    story = a_story(body=LOADED)
    document = json.loads(call("debug_spans", str(story.id), "--json"))
    assert [step["name"] for step in document["steps"]] == [
        "positions",
        "quotes",
        "false_positives",
        "overlaps",
        "removals",
    ]
    span = document["spans"][0]
    assert LOADED[span["start"] : span["end"]] == span["original_text"] == "slammed"
    assert span["before"].endswith("city council")
    assert document["redline"]["unattributed"] == 0
    [change] = document["redline"]["changes"]
    assert (change["old"], change["new"], change["spans"]) == ("slammed", "criticized", [0])
    assert document["would_store"]["status"] == Status.SUCCESS
    assert {verdict["passed"] for verdict in document["verdicts"]} == {True}


def test_a_locked_story_says_that_nothing_would_be_stored() -> None:
    story = a_story(body=LOADED)
    a_version(story, method=Method.EDITOR, is_locked=True)
    assert "an editor's version is current" in call("debug_spans", str(story.id))


def without_row(_: StoryRaw) -> str:
    return str(uuid4())


def without_object(story: StoryRaw) -> str:
    delete_body(story.raw_content_uri)
    return str(story.id)


def changed(**fields: Any) -> Callable[[StoryRaw], str]:
    def change(story: StoryRaw) -> str:
        StoryRaw.objects.filter(pk=story.pk).update(**fields)
        return str(story.id)

    return change


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (without_row, r"there is no such story \(unknown\)"),
        (without_object, r"\(body_unreadable\)"),
        (changed(raw_content_available=False), r"nobody has read its page yet \(no_body\)"),
        (
            changed(raw_content_available=False, body_failure_reason="body_expired: removed after 30 days"),
            r"body_expired: removed after 30 days \(no_body\)",
        ),
        (changed(language="de"), r"the article is in de; the rules are for English \(language\)"),
        (changed(body_is_truncated=True), r"the body is cut off.* \(truncated\)"),
    ],
)
def test_a_story_that_cannot_be_traced_says_why(prepare: Callable[[StoryRaw], str], message: str) -> None:
    story_id = prepare(a_story(body=LOADED))
    with pytest.raises(CommandError, match=message):
        call("debug_spans", story_id)
    with pytest.raises(CommandError, match=message):
        call("explain_spans", "--story", story_id)


def test_a_refused_trace_names_its_story_and_reason() -> None:
    with pytest.raises(NotTraceable) as refused:
        trace_story(story_id=uuid4())
    assert refused.value.reason == "unknown"


TEXT = "A mayor slammed the plan. “She slammed it,” he said."


def a_file(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    return str(path)


def test_each_phrase_is_explained_with_its_rule(tmp_path: Path) -> None:
    shown = call("explain_spans", a_file(tmp_path, TEXT.encode()))
    assert "8–15  A mayor [slammed] the plan." in shown
    assert "+ accepted\n      loaded_verbs, replaced by “criticized”, rule loaded_verbs/slam\n      example: " in shown
    assert "- dropped by quotes: in a quotation" in shown


def test_a_text_may_come_through_standard_input_or_from_a_story(monkeypatch: pytest.MonkeyPatch) -> None:
    story = a_story(body=LOADED)
    from_story = json.loads(call("explain_spans", "--story", str(story.id), "--json"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LOADED.encode())))
    assert json.loads(call("explain_spans", "--json")) == from_story
    assert [hit["original_text"] for hit in from_story["hits"] if hit["accepted"]] == ["slammed"]


@pytest.mark.parametrize(
    ("phrase", "answer"),
    [
        ("slammed", "“slammed” is in the text 2 times; accepted in 1 of 2 places."),
        ("She slammed it", "“She slammed it” is in the text once, and every rule that names it was dropped"),
        ("mayor", "“mayor” is in the text once, and no rule names it."),
        ("lamm", "“lamm” is not in the text as whole words. No rule names it either."),
        ("slams", "“slams” is not in the text as whole words. A rule names it."),
    ],
)
def test_a_phrase_is_asked_for(phrase: str, answer: str) -> None:
    assert explain_spans(text=TEXT, phrase=phrase).answer.startswith(answer)


def test_a_phrase_without_a_rule_brings_those_written_like_it() -> None:
    explained = explain_spans(text="He slamed it.", phrase="slamed")
    assert explained.hits == ()
    assert "slammed" in explained.similar


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff\xfe\xff", "can't be read"), (b" \n", "There is no text"), (b"a" * 5_000_001, "more than 5,000,000 bytes")],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call("explain_spans", a_file(tmp_path, content))


def test_a_missing_file_or_two_texts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be read"):
        call("explain_spans", str(tmp_path / "absent.txt"))
    with pytest.raises(CommandError, match="not both"):
        call("explain_spans", "x.txt", "--story", str(uuid4()))
