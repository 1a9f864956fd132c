"""A model that reads well for narratives: the loopback server's replies."""

import json
import re
from typing import Any

from tests.support.llm_neutral import article_of
from tests.support.llm_protocols import Asked
from tests.support.llm_server import LLMServer

# Of the bodies in tests the longest words with a capital are names, or words that stand in the body all the same.
_CAPITAL = re.compile(r"\b[A-Z][a-z]{2,}\b")
# Nothing that a lexicon flags.
FOCUS = "council decision"


def narrative_reply(asked: Asked, **changed: Any) -> str:
    """The reply of extract_narrative; some fields may be others."""
    body = article_of(asked).partition("\n\n")[2]
    names = sorted(set(_CAPITAL.findall(body)), key=lambda name: (-len(name), name))[:4]
    reply = {
        "actors": names[1:],
        "actor_salience": [3] * len(names[1:]),
        "nucleus_entity": names[0],
        "narrative_focus": FOCUS,
        "actions": ["voted"],
        "tensions": ["what it costs"],
        "summary": "What happened, in a plain sentence or two, as a model would tell it.",
        **changed,
    }
    return json.dumps(reply)


def read_well(server: LLMServer) -> LLMServer:
    """Let a server answer every call about narratives as a good model does."""
    server.reply("extract_narrative", narrative_reply)
    server.reply("narrative_focus_backfill", FOCUS)
    return server
