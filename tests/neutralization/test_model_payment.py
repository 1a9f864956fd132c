"""What is paid for, and what is not paid for again: calls are counted where they arrive."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from neutralization.models import KeptReply, Status, StoryNeutralized
from neutralization.stage import MODEL_ATTEMPTS, NeutralizeStage
from ntrl.llm.models import LLMCall
from ntrl.llm.types import ProviderName
from ntrl.rules.loader import load_rules
from ntrl.rules.models import Rule
from ntrl.stages.models import Claim, FailureKind
from tests.neutralization.model_case import FOUR_CALLS, LOADED, PLAIN, let_waits_pass, neutralize, the_version
from tests.support.factories import a_story
from tests.support.llm import a_gateway
from tests.support.llm_faults import Fault
from tests.support.llm_neutral import brief_reply
from tests.support.llm_server import LLMServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


def calls(server: LLMServer) -> Counter[str]:
    """The calls that came since the last time one asked."""
    found = Counter(server.operations())
    server.asked.clear()
    return found


def change_a_rule() -> None:
    shipped = next(iter(load_rules("lexicon").entries))
    Rule.objects.create(rule_set="lexicon", key=shipped, is_enabled=False)


def test_a_story_that_is_done_is_not_paid_for_again(server: LLMServer) -> None:
    story = a_story(body=LOADED)
    neutralize(server)
    assert calls(server) == FOUR_CALLS

    neutralize(server)
    neutralize(server, story)
    neutralize(server, story, dry_run=True)
    change_a_rule()
    neutralize(server)
    neutralize(server, story)
    assert calls(server) == Counter()
    assert LLMCall.objects.count() == 4

    neutralize(server, story, force=True)
    assert calls(server) == FOUR_CALLS


def test_a_story_that_failed_its_audit_is_paid_for_again_when_its_input_is_another(server: LLMServer) -> None:
    a_story(body=LOADED)
    server.reply("synthesize_brief", brief_reply(LOADED) + " It costs 987 euros.")
    neutralize(server)
    assert the_version().status == Status.FAILED_AUDIT
    assert calls(server) == FOUR_CALLS + Counter(synthesize_brief=2)
    assert not KeptReply.objects.exists()

    let_waits_pass()
    neutralize(server)
    assert calls(server) == Counter()
    # Phrases too are asked for again: which of them count is for the rules to say.
    change_a_rule()
    neutralize(server)
    assert calls(server) == FOUR_CALLS + Counter(synthesize_brief=2)
    # Another chain is other input.
    neutralize(server, gateway=a_gateway(server, ProviderName.OPENAI))
    assert calls(server) == FOUR_CALLS + Counter(synthesize_brief=2)


def test_another_prompt_is_other_input(server: LLMServer, monkeypatch: pytest.MonkeyPatch) -> None:
    story = a_story(body=LOADED)
    before = NeutralizeStage(gateway=a_gateway(server)).input_hash(story)
    monkeypatch.setattr("neutralization.by_model.prompts.family_version", lambda: "another")
    assert NeutralizeStage(gateway=a_gateway(server)).input_hash(story) != before


@pytest.mark.parametrize("failing", list(FOUR_CALLS))
def test_the_calls_beside_one_that_failed_are_not_paid_for_again(server: LLMServer, failing: str) -> None:
    a_story(body=LOADED)
    server.fault(Fault.EMPTY, operation=failing)
    neutralize(server)
    first = calls(server)
    assert first[failing] == 2  # one of each provider
    server.heal()
    let_waits_pass()

    neutralize(server)

    assert StoryNeutralized.objects.get(is_current=True).version == 2
    assert StoryNeutralized.objects.get(is_current=True).model_name == "gpt-6-luna"
    second = calls(server)
    assert second[failing] == 1
    paid_well = {operation: first[operation] + second[operation] for operation in FOUR_CALLS if operation != failing}
    assert paid_well == {operation: 1 for operation in FOUR_CALLS if operation != failing}
    assert not KeptReply.objects.exists()


def test_a_repair_that_failed_is_gone_on_with(server: LLMServer) -> None:
    a_story(body=LOADED)
    server.queue("synthesize_brief", brief_reply(LOADED) + " It costs 987 euros.")
    good = server._repliers["synthesize_brief"]

    def broken_repair(asked: Any) -> str:
        return "" if "<review>" in asked.user else good(asked)

    server.reply("synthesize_brief", broken_repair)
    neutralize(server)
    assert the_version().failure_reason == "llm_empty"
    assert calls(server) == FOUR_CALLS + Counter(synthesize_brief=2)
    server.reply("synthesize_brief", good)
    let_waits_pass()
    result = neutralize(server)
    assert (result.total_success, calls(server)) == (1, Counter(synthesize_brief=1))


def test_what_a_failed_save_has_paid_for_is_kept(server: LLMServer, monkeypatch: pytest.MonkeyPatch) -> None:
    a_story(body=LOADED)

    def locked(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr("neutralization.stage.add_version", locked)
        neutralize(server)
    assert not StoryNeutralized.objects.exists()
    assert Claim.objects.get().failure_kind == FailureKind.RETRY
    assert KeptReply.objects.count() == 4
    assert calls(server) == FOUR_CALLS
    let_waits_pass()

    neutralize(server)

    assert (the_version().status, calls(server)) == (Status.SUCCESS, Counter())
    assert LLMCall.objects.count() == 4


def test_within_a_run_the_same_call_is_made_once(server: LLMServer) -> None:
    story = a_story(body=LOADED)
    gateway = a_gateway(server)
    neutralize(server, gateway=gateway)
    neutralize(server, story, gateway=gateway, force=True)
    assert (calls(server), StoryNeutralized.objects.count()) == (FOUR_CALLS, 2)


def test_an_attempt_that_was_killed_is_paid_for_again_and_its_money_counted(server: LLMServer) -> None:
    story = a_story(body=LOADED)
    gateway = a_gateway(server)
    stage = NeutralizeStage(gateway=gateway)
    with gateway.ledger.account(stage="neutralize", story_id=story.id):
        stage.compute(next(stage.pending()))  # and never saved
    neutralize(server)
    assert calls(server) == FOUR_CALLS + FOUR_CALLS
    assert sum(call.cost_usd or 0 for call in LLMCall.objects.all()) >= server.billed


def test_tries_are_bounded_and_nothing_is_kept_after_the_last(server: LLMServer) -> None:
    story = a_story(body=LOADED)
    server.fault(Fault.EMPTY, operation="compress_feed")
    for _ in range(MODEL_ATTEMPTS + 2):
        neutralize(server)
        let_waits_pass()
    made = StoryNeutralized.objects.filter(story=story)
    assert set(made.values_list("status", "failure_reason")) == {(Status.FAILED_GARBLED, "llm_empty")}
    assert made.count() == MODEL_ATTEMPTS
    assert f"gave up after {MODEL_ATTEMPTS} attempts" in made.latest("version").failure_detail
    assert calls(server) == FOUR_CALLS + Counter(compress_feed=2 * MODEL_ATTEMPTS - 1)
    assert Claim.objects.get().failure_kind == FailureKind.QUARANTINE
    assert not KeptReply.objects.exists()


def test_no_money_is_spent_on_what_needs_no_call(server: LLMServer) -> None:
    a_story(body=PLAIN)  # nothing to be rewritten
    a_story(body=LOADED, language="de")
    a_story(body=LOADED, body_is_truncated=True)
    neutralize(server)
    assert calls(server) == FOUR_CALLS - Counter(neutralize_full=1)
