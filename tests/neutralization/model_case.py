"""What the tests of neutralization by models share: an article, a run, and what it leaves."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

from django.utils import timezone

from ingestion.models import StoryRaw
from neutralization.models import StoryNeutralized
from neutralization.services import NeutralizeResult, neutralize_pending
from ntrl.llm.gateway import Gateway
from ntrl.stages.models import Claim
from ntrl.stages.runner import RunOptions
from tests.support.fetching import PARAGRAPHS
from tests.support.llm import TRACE, a_gateway
from tests.support.llm_server import LLMServer

PLAIN = "\n\n".join(PARAGRAPHS)
LOADED = PLAIN.replace("The city council voted", "The city council slammed its critics and voted")
FOUR_CALLS = Counter({"detect_spans": 1, "neutralize_full": 1, "synthesize_brief": 1, "compress_feed": 1})


def neutralize(
    server: LLMServer, *stories: StoryRaw, gateway: Gateway | None = None, **options: Any
) -> NeutralizeResult:
    """Run the stage by the server's models, over these stories or all."""
    return neutralize_pending(
        trace_id=TRACE,
        options=RunOptions(**options),
        story_ids=[story.id for story in stories],
        gateway=gateway or a_gateway(server),
    )


def the_version() -> StoryNeutralized:
    """The only version."""
    return StoryNeutralized.objects.get()


def let_waits_pass() -> None:
    """Make every story that waits for another try due."""
    Claim.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def phrases(*named: tuple[str, str, str, str]) -> str:
    """A reply of detect_spans."""
    keys = ("phrase", "reason", "action", "replacement")
    return json.dumps({"phrases": [dict(zip(keys, each, strict=True)) for each in named]})
