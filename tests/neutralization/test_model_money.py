"""A budget that ends in the middle of a story: what was paid for is kept, and no call is paid for twice."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from neutralization import kept_replies
from neutralization.by_model.paid import PaidReply
from neutralization.models import KeptReply
from ntrl.llm.types import Budgets
from ntrl.stages.models import Claim
from tests.neutralization.model_case import LOADED, let_waits_pass, neutralize
from tests.support.factories import a_story
from tests.support.llm import a_gateway
from tests.support.llm_faults import Fault
from tests.support.llm_server import LLMServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept_bodies(bodies: Path) -> Path:
    return bodies


@pytest.mark.parametrize("usd", ["0.0045", "0.0055", "0.0065"])
def test_a_budget_that_ends_in_the_middle_keeps_what_was_paid_for(server: LLMServer, usd: str) -> None:
    a_story(body=LOADED)
    server.reply("detect_spans", '{"phrases": []}')
    server.fault(Fault.RESET, operation="compress_feed")  # each lost call counts at its worst case

    first = neutralize(server, gateway=a_gateway(server, budgets=Budgets(per_run=Decimal(usd))))

    assert "budget" in first.report.stopped
    assert (first.total_processed, Claim.objects.count(), KeptReply.objects.count()) == (0, 0, 2)
    assert server.operations().count("detect_spans") == server.operations().count("synthesize_brief") == 1
    server.heal()
    server.asked.clear()

    second = neutralize(server, gateway=a_gateway(server, trace_id="n" * 32))

    assert (second.total_success, Counter(server.operations())) == (1, Counter(compress_feed=1))
    assert not KeptReply.objects.exists()


def test_the_newer_of_two_replies_is_kept() -> None:
    story = a_story(body=LOADED)
    kept_replies.keep(story, [PaidReply("k", "old", "m")])
    kept_replies.keep(story, [PaidReply("k", "new", "m"), PaidReply("k", "newest", "n"), PaidReply("l", "a\0b", "m")])
    assert set(KeptReply.objects.values_list("key", "text", "model_name")) == {
        ("k", "newest", "n"),
        ("l", "a\ufffdb", "m"),
    }


def test_a_kept_reply_that_no_longer_fits_is_asked_for_anew(server: LLMServer) -> None:
    """As when a new release wants another form of the same prompt's reply."""
    a_story(body=LOADED)
    server.fault(Fault.EMPTY, operation="compress_feed")
    neutralize(server)
    KeptReply.objects.filter(text__contains="phrases").update(text='{"sentences": 1}')
    server.asked.clear()
    let_waits_pass()

    again = neutralize(server)

    assert (again.report.counts["bug"], again.report.counts["retry"]) == (0, 1)
    assert Counter(server.operations()) == Counter(detect_spans=1, compress_feed=2)
    assert KeptReply.objects.filter(text__contains="phrases").count() == 1
    server.heal()
    server.asked.clear()
    let_waits_pass()
    assert neutralize(server).total_success == 1
    assert Counter(server.operations()) == Counter(compress_feed=1)
