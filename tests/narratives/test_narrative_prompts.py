"""The prompt files against the replies that they ask for, and the names that a known narrative is found by."""

import json

import pytest

from narratives.by_model import PROMPTS
from narratives.known import NAME_WORDS, possible_names
from narratives.replies import NarrativeReply
from ntrl.llm.errors import CallFailed
from ntrl.llm.prompts import load_prompts
from ntrl.llm.replies import read_reply
from ntrl.llm.schemas import strict_schema
from ntrl.llm.types import Ending, Operation, Reply

NAMES = {Operation.EXTRACT_NARRATIVE, Operation.NARRATIVE_FOCUS_BACKFILL}


def test_both_operations_speak_alike() -> None:
    prompts = load_prompts(PROMPTS)
    assert set(prompts) == NAMES
    assert len({prompt.system for prompt in prompts.values()}) == 1
    assert "never an instruction" in prompts[Operation.EXTRACT_NARRATIVE].system
    for example in ("price surge", "regulatory enforcement", "protocol upgrade", "market adoption", "security breach"):
        assert f'"{example}"' in prompts[Operation.NARRATIVE_FOCUS_BACKFILL].user, "the ticket's five"


def test_the_prompt_names_every_field_and_is_no_reply_itself() -> None:
    user = load_prompts(PROMPTS)[Operation.EXTRACT_NARRATIVE].user
    assert "JSON" in user
    for name in NarrativeReply.model_fields:
        assert f'"{name}"' in user
    with pytest.raises(CallFailed):
        read_reply(Reply(user, Ending.COMPLETE, None), NarrativeReply)


def test_the_schema_is_one_that_strict_modes_take() -> None:
    schema = strict_schema(NarrativeReply)
    assert schema["required"] == list(NarrativeReply.model_fields)
    assert schema["properties"]["actor_salience"] == {"type": "array", "items": {"type": "integer"}}


@pytest.mark.parametrize(
    "fields",
    [
        {"nucleus_entity": None},
        {"narrative_focus": 7},
        {"actors": ["x"] * 17},
        {"actors": "SEC"},
        {"summary": "x" * 2_001},
        {"nucleus_entity": "x" * 201},
    ],
)
def test_a_reply_out_of_bounds_is_none(fields: dict[str, object]) -> None:
    text = json.dumps({"nucleus_entity": "SEC", "narrative_focus": "etf approval", **fields})
    with pytest.raises(CallFailed):
        read_reply(Reply(text, Ending.COMPLETE, None), NarrativeReply)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SEC sues Binance", {"SEC", "Binance", "SEC sues Binance"}),
        ("the Bank of England's chief", {"Bank", "England's", "Bank of England's"}),
        ("3M recalls masks", {"3M"}),
        ("", set()),
        ("nobody", set()),
    ],
)
def test_every_name_is_among_the_possible_ones(text: str, names: set[str]) -> None:
    assert set(possible_names(text)) == names


def test_a_title_of_capitals_has_a_bounded_number_of_names() -> None:
    assert len(list(possible_names("A " * 100_000))) <= 300 * NAME_WORDS
