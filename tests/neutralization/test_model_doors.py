"""The commands with models, long bodies, and the lexicon in place of models: only when a setting says so."""

import io
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from neutralization.by_model.costs import CHUNK_CHARS, estimated_usd, worst_case_usd
from neutralization.models import KeptReply, Method, Status, StoryNeutralized
from neutralization.types import Mode
from ntrl.llm.chains import default_chains
from ntrl.llm.models import LLMCall, Reservation
from ntrl.llm.types import ProviderName
from ntrl.stages.models import Claim, PipelineLog
from tests.neutralization.model_case import FOUR_CALLS, LOADED, let_waits_pass, neutralize, phrases, the_version
from tests.support.factories import a_story
from tests.support.llm import a_gateway, configs_of
from tests.support.llm_faults import Fault
from tests.support.llm_neutral import article_of, brief_reply, feed_reply, full_reply
from tests.support.llm_server import LLMServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


@pytest.fixture
def with_keys(server: LLMServer, settings: Settings) -> LLMServer:
    """Set up providers as an environment would."""
    settings.LLM_PROVIDERS = configs_of(server, ProviderName.OPENAI, ProviderName.GEMINI)
    settings.LLM_CHAINS = default_chains(settings.LLM_PROVIDERS)
    return server


def call(name: str, *args: str) -> str:
    out = io.StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


# --- neutralize ------------------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_it_would_cost_and_asks_nobody(with_keys: LLMServer) -> None:
    story, other = a_story(body=LOADED), a_story(body=LOADED, language="de")

    document = json.loads(call("neutralize", "--dry-run", "--json"))
    shown = call("neutralize", "--dry-run")

    cost = Decimal(document["estimated_cost_usd"])
    assert Decimal("0.0002") < cost < Decimal("0.003")
    assert f"Estimated cost: {cost:.6f} USD." in shown
    assert f"would neutralize {story.id} by language models for about {cost:.6f} USD" in shown
    assert f"would skip {other.id} (language)" in shown
    assert with_keys.asked == []
    for model in (StoryNeutralized, LLMCall, Reservation, Claim, PipelineLog, KeptReply):
        assert not model._default_manager.exists()  # type: ignore[attr-defined]  # each has one


def test_a_story_that_is_done_is_made_anew_when_it_is_asked_for(with_keys: LLMServer) -> None:
    story, other = a_story(body=LOADED), a_story(body=LOADED)
    call("neutralize")
    with_keys.asked.clear()
    assert "would neutralize" not in call("neutralize", "--dry-run", "--story", str(story.id))
    call("neutralize", "--story", str(story.id))
    assert with_keys.asked == []

    assert f"would neutralize {story.id}" in call("neutralize", "--dry-run", "--story", str(story.id), "--force")
    document = json.loads(call("neutralize", "--story", str(story.id), "--force", "--json"))

    assert (document["total_success"], document["by"]) == (1, "language models")
    assert Counter(with_keys.operations()) == FOUR_CALLS
    assert [row.neutralizations.count() for row in (story, other)] == [2, 1]


def test_estimates_and_bounds_hold_what_is_really_paid(server: LLMServer) -> None:
    gateway = a_gateway(server)
    a_story(body=LOADED)
    estimate, bound = estimated_usd(gateway, len(LOADED)), worst_case_usd(gateway, len(LOADED))
    neutralize(server, gateway=gateway)
    assert estimate is not None
    assert server.billed < bound
    assert estimate / 3 < server.billed < estimate * 3


# --- debug_spans -----------------------------------------------------------------------------------------------------


def test_a_trace_asks_the_models_that_runs_ask_and_saves_the_call_alone(with_keys: LLMServer) -> None:
    story = a_story(body=LOADED)
    named = ("slammed", "loaded_verbs", "replaced", "criticized"), ("debate", "a 15th", "removed", "")
    with_keys.reply("detect_spans", phrases(*named))

    document = json.loads(call("debug_spans", str(story.id), "--json"))
    shown = call("debug_spans", str(story.id))

    assert Counter(with_keys.operations()) == Counter(detect_spans=2)
    row = LLMCall.objects.first()
    assert row is not None
    assert (row.operation, row.story_id, row.model) == ("detect_spans", story.id, "gpt-6-luna")
    assert LLMCall.objects.count() == 2
    assert [span["original_text"] for span in document["spans"]] == ["slammed"]
    assert "gpt-6-luna named 2 phrases" in shown
    assert "[debate] a category that is none of the 14" in shown
    for model in (StoryNeutralized, Claim, PipelineLog, KeptReply, Reservation):
        assert not model._default_manager.exists()  # type: ignore[attr-defined]  # each has one


def test_a_trace_finds_the_spans_that_a_run_stores(with_keys: LLMServer) -> None:
    story = a_story(body=LOADED)
    document = json.loads(call("debug_spans", str(story.id), "--json"))
    call("neutralize")
    traced = [(span["start"], span["end"], span["category"]) for span in document["spans"]]
    assert traced == list(the_version().spans.values_list("start", "end", "category"))


def test_a_trace_without_an_answer_says_why(with_keys: LLMServer) -> None:
    story = a_story(body=LOADED)
    with_keys.fault(Fault.EMPTY)
    with pytest.raises(CommandError, match="llm_empty"):
        call("debug_spans", str(story.id))
    assert LLMCall.objects.count() == 2
    assert not StoryNeutralized.objects.exists()


# --- long bodies -----------------------------------------------------------------------------------------------------

FILLER = "\n\n".join(f"The clerk read part {number} of the minutes aloud to the members." for number in range(400))
LONG = f"{LOADED}\n\n{FILLER}\n\nA member slammed the minutes on Friday."


def test_a_long_body_goes_out_in_pieces_and_comes_back_whole(server: LLMServer) -> None:
    a_story(body=LONG)
    for operation, make in (("synthesize_brief", brief_reply), ("compress_feed", feed_reply)):
        server.reply(operation, make(LOADED))
    server.reply("detect_spans", phrases(("slammed", "loaded_verbs", "replaced", "criticized")))
    server.reply("neutralize_full", lambda asked: article_of(asked).replace("slammed", "criticized"))

    neutralize(server)

    row = the_version()
    assert row.status == Status.SUCCESS, row.failure_detail
    assert row.detail_full == LONG.replace("slammed", "criticized")
    assert [LONG[span.start : span.end] for span in row.spans.all()] == ["slammed"] * 2
    pieces = {name: [article_of(asked) for asked in server.asked if asked.operation == name] for name in FOUR_CALLS}
    assert len(pieces["detect_spans"]) == len(LONG) // CHUNK_CHARS + 1 == 4
    # Only the pieces with a phrase are written out again: the first and the last.
    assert ["slammed" in piece for piece in pieces["neutralize_full"]] == [True, True]
    assert all(len(piece) <= CHUNK_CHARS for name in ("detect_spans", "neutralize_full") for piece in pieces[name])
    assert pieces["synthesize_brief"] == pieces["compress_feed"] == [LONG]


# --- modes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signals", "mode"), [(1, Mode.SPAN_GUIDED), (2, Mode.SYNTHESIS)], ids=["a slip", "an editorial"]
)
def test_an_editorial_is_written_anew(server: LLMServer, signals: int, mode: Mode) -> None:
    nudges = ["We're glad that it voted.", "That is as it should be."][:signals]
    body = "\n\n".join([LOADED, *nudges])
    a_story(body=body)
    named = [
        ("We're glad that", "editorial_voice", "removed", ""),
        ("as it should be", "editorial_voice", "removed", ""),
    ]
    server.reply("detect_spans", phrases(("slammed", "loaded_verbs", "replaced", "criticized"), *named[:signals]))
    written_anew = full_reply(LOADED)
    guided = f"{full_reply(LOADED)}\n\nIt voted."
    server.reply("neutralize_full", written_anew if mode is Mode.SYNTHESIS else guided)
    server.reply("synthesize_brief", brief_reply(LOADED))
    server.reply("compress_feed", feed_reply(LOADED))

    neutralize(server)

    row = the_version()
    assert (row.status, row.mode, row.method) == (Status.SUCCESS, mode, Method.LLM), row.failure_detail


# --- without models, and in place of them ----------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.HTTP_500, Fault.REFUSAL, Fault.EMPTY, Fault.HTTP_401])
def test_what_models_fail_at_is_not_quietly_the_lexicons(server: LLMServer, fault: Fault) -> None:
    a_story(body=LOADED)
    server.fault(fault)
    neutralize(server)
    assert (the_version().method, the_version().is_current, the_version().detail_full) == (Method.LLM, False, "")


@pytest.mark.parametrize(
    ("fail", "reason"),
    [
        (lambda server: server.fault(Fault.HTTP_500, operation="compress_feed"), "llm_http_500"),
        (lambda server: server.fault(Fault.REFUSAL), "llm_refused"),
        (lambda server: server.reply("synthesize_brief", "It costs 987 euros."), "grounding.numbers"),
    ],
)
def test_a_setting_lets_the_lexicon_step_in_and_the_version_says_so(
    server: LLMServer, settings: Settings, fail: Any, reason: str
) -> None:
    settings.NTRL_FALLBACK_TO_LEXICON = True
    a_story(body=LOADED)
    fail(server)

    report = neutralize(server).report

    row = the_version()
    assert (row.status, row.method, row.is_current) == (Status.SUCCESS, Method.LEXICON, True)
    assert (row.model_name, row.prompt_version) == ("", "")
    assert row.disclosure.endswith("by rules, without a language model.")
    assert row.detail_full == full_reply(LOADED)
    assert (report.counts["lexicon_fallback"], report.counts["success"]) == (1, 1)
    log = PipelineLog.objects.get()
    assert (log.status, log.failure_reason) == ("completed", reason)
    assert not KeptReply.objects.exists()


def test_where_the_lexicon_can_not_help_the_models_failure_stands(server: LLMServer, settings: Settings) -> None:
    settings.NTRL_FALLBACK_TO_LEXICON = True
    story = a_story(body="One short line without much in it")
    server.fault(Fault.HTTP_500, operation="synthesize_brief")

    neutralize(server)

    assert (the_version().method, the_version().status) == (Method.LLM, Status.FAILED_LLM)
    assert the_version().failure_reason == "llm_http_500"
    let_waits_pass()
    neutralize(server)
    assert story.neutralizations.count() == 2


def test_without_a_provider_the_lexicon_does_it_and_says_so() -> None:
    a_story(body=LOADED)
    shown = call("neutralize")
    assert "By the lexicon (embedded default: no provider of language models is set up)." in shown
    assert (the_version().method, the_version().status) == (Method.LEXICON, Status.SUCCESS)
    assert the_version().disclosure.endswith("by rules, without a language model.")
