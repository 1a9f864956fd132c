"""A provider that fails every story alike costs none of them a try, leaves one row a story, and nothing is lost."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from neutralization.models import Status, StoryNeutralized
from neutralization.stage import MODEL_ATTEMPTS
from ntrl.llm.chains import default_chains
from ntrl.llm.models import LLMAlert
from ntrl.llm.types import ProviderName
from ntrl.stages.models import Claim, FailureKind
from tests.neutralization.model_case import LOADED, let_waits_pass, neutralize
from tests.support.factories import a_story
from tests.support.llm import a_gateway, configs_of
from tests.support.llm_faults import Fault
from tests.support.llm_neutral import well_made
from tests.support.llm_server import LLMServer

pytestmark = pytest.mark.django_db
OPENAI = ProviderName.OPENAI
STORIES = 6


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


@pytest.mark.parametrize("fault", [Fault.HTTP_401, Fault.NO_QUOTA])
def test_a_dead_key_loses_no_story_however_often_it_is_tried(server: LLMServer, fault: Fault) -> None:
    for number in range(STORIES):
        a_story(body=LOADED, url=f"https://herald.example/dead/{number}")
    server.fault(fault)
    for number in range(MODEL_ATTEMPTS + 1):
        neutralize(server, gateway=a_gateway(server, OPENAI, trace_id=f"{number}" * 32), workers=1)
        let_waits_pass()

    claims = Claim.objects.values_list("failure_kind", "attempts")
    assert list(claims) == [(FailureKind.RETRY, 0)] * STORIES
    rows = StoryNeutralized.objects.all()
    assert (rows.count(), {row.status for row in rows}) == (STORIES, {Status.FAILED_LLM})

    server.heal()
    well_made(LOADED)
    healed = neutralize(server, gateway=a_gateway(server, OPENAI, trace_id="h" * 32))
    assert (healed.total_processed, healed.total_success) == (STORIES, STORIES)


def test_a_failure_that_counts_is_a_row_each_time(server: LLMServer) -> None:
    a_story(body=LOADED)
    server.fault(Fault.EMPTY, operation="compress_feed")
    for number in range(2):
        neutralize(server, gateway=a_gateway(server, OPENAI, trace_id=f"{number}" * 32))
        let_waits_pass()
    assert Claim.objects.get().attempts == StoryNeutralized.objects.count() == 2


def test_a_refused_parameter_waits_for_another_model_with_one_alert(server: LLMServer) -> None:
    for number in range(STORIES):
        a_story(body=LOADED, url=f"https://herald.example/parameter/{number}")
    server.fault(Fault.BAD_PARAMETER)

    report = neutralize(server, gateway=a_gateway(server, OPENAI), workers=1).report

    assert (report.status, report.counts["unanswered"], report.counts["quarantine"]) == ("partial", STORIES, 0)
    assert set(Claim.objects.values_list("failure_kind", "attempts")) == {(FailureKind.RETRY, 0)}
    assert len(server.asked) == 2, "each of the first story's two calls, and none of the others'"
    alert = LLMAlert.objects.get()
    assert (alert.code, alert.subject) == ("provider_down", "openai gpt-6-luna")
    assert "unsupported_parameter" in alert.detail


def test_a_reply_that_is_cut_off_is_asked_for_again_another_time(server: LLMServer) -> None:
    a_story(body=LOADED)
    server.fault(Fault.TRUNCATED, times=1, operation="synthesize_brief")
    gateway = a_gateway(server, OPENAI)
    assert neutralize(server, gateway=gateway).report.counts["retry"] == 1
    assert Claim.objects.get().attempts == 1
    let_waits_pass()
    again = neutralize(server, gateway=a_gateway(server, OPENAI, trace_id="n" * 32))
    assert again.total_success == 1


def by_command(*arguments: str) -> tuple[int, str]:
    out, status = io.StringIO(), 0
    try:
        call_command("neutralize", *arguments, stdout=out)
    except SystemExit as end:
        status = int(end.code or 0)
    return status, out.getvalue()


@pytest.mark.parametrize("force", [False, True])
def test_the_command_says_who_dropped_out_and_what_waits_and_is_partial(
    server: LLMServer, settings: Settings, force: bool
) -> None:
    settings.LLM_PROVIDERS = configs_of(server, OPENAI)
    settings.LLM_CHAINS = default_chains(settings.LLM_PROVIDERS)
    story = a_story(body=LOADED)
    server.fault(Fault.HTTP_401)

    status, said = by_command(*(["--story", str(story.id), "--force"] if force else []))

    assert status == 3
    assert "neutralize: partial, failed 1, retry 1, total 1, unanswered 1 (" in said
    assert "Language models: openai dropped out (http_401" in said
    assert "Language models: stories that wait for another try: 1 (llm_http_401)." in said

    status, said = by_command()
    assert (status, "nothing to do" in said) == (0, True)
    assert "Language models: stories that wait for another try: 1 (llm_http_401)." in said

    server.heal()
    let_waits_pass()
    status, said = by_command("--json")
    document = json.loads(said)
    assert (status, document["total_success"], document["notices"]) == (0, 1, [])
