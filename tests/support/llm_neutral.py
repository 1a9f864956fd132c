"""A model that neutralizes well: the loopback server's replies, made by the lexicon and the composer."""

import json
import re
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

from neutralization.lexicon import compile_false_positives, compile_lexicon
from neutralization.lexicon_neutralizer import Neutralized, neutralize_by_lexicon
from ntrl.rules.loader import shipped_entries
from tests.support.llm_protocols import Asked
from tests.support.llm_server import LLMServer

RULES = Path(__file__).resolve().parents[2] / "neutralization" / "rules"
_ARTICLE = re.compile(r"<article>\n(.*)\n</article>", re.DOTALL)


def article_of(asked: Asked) -> str:
    """The article that a call is about."""
    found = _ARTICLE.search(asked.user)
    assert found is not None
    return found[1]


@lru_cache(maxsize=1)
def _rules() -> tuple[object, object]:
    lexicon = compile_lexicon(shipped_entries(RULES / "lexicon.toml"))
    return lexicon, compile_false_positives(shipped_entries(RULES / "false_positives.toml"))


@lru_cache(maxsize=1_000)
def well_made(body: str) -> Neutralized:
    """What a good model makes of a body."""
    lexicon, false_positives = _rules()
    return neutralize_by_lexicon(body, lexicon=lexicon, false_positives=false_positives)  # type: ignore[arg-type]


def phrases_reply(body: str) -> str:
    """The reply of detect_spans."""
    phrases = {
        span.original_text: {
            "phrase": span.original_text,
            "reason": span.category.value,
            "action": span.action.value,
            "replacement": span.replacement,
        }
        for span in well_made(body).spans
    }
    return json.dumps({"phrases": list(phrases.values())})


def feed_reply(body: str, **changed: str) -> str:
    """The reply of compress_feed; some texts may be others."""
    texts = asdict(well_made(body).outputs) | changed
    return json.dumps({name: texts[name] for name in ("feed_title", "feed_summary", "detail_title")})


def brief_reply(body: str) -> str:
    """The reply of synthesize_brief."""
    return well_made(body).outputs.detail_brief


def full_reply(body: str) -> str:
    """The reply of neutralize_full."""
    return well_made(body).outputs.detail_full


REPLIES = {
    "detect_spans": phrases_reply,
    "neutralize_full": full_reply,
    "synthesize_brief": brief_reply,
    "compress_feed": feed_reply,
}


def neutralize_well(server: LLMServer) -> LLMServer:
    """Let a server answer every call of neutralization as a good model does."""

    def answer(asked: Asked) -> str:
        return REPLIES[asked.operation](article_of(asked))

    for operation in REPLIES:
        server.reply(operation, answer)
    return server
