"""Strict schemas, replies that fit them and those that do not, and what failures mean."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from ntrl.llm.errors import CallFailed, Remedy
from ntrl.llm.providers.failures import of_status, retry_after
from ntrl.llm.replies import read_reply
from ntrl.llm.schemas import strict_schema
from ntrl.llm.types import Ending, Reply
from tests.support.llm import Filed


class Colour(StrEnum):
    RED = "red"


class Inner(BaseModel):
    """Something inside."""

    score: float = Field(ge=0, le=1, description="from 0 to 1")
    colour: Colour = Colour.RED


class Outer(BaseModel):
    name: str = Field(min_length=1, max_length=5)
    inner: Inner
    more: list[Inner] = []
    note: str | None = None


def test_a_schema_is_strict_all_the_way_down() -> None:
    schema = strict_schema(Outer)

    assert schema["required"] == ["name", "inner", "more", "note"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["name"] == {"type": "string"}
    assert schema["properties"]["inner"] == {"$ref": "#/$defs/Inner"}
    assert schema["properties"]["more"]["items"] == {"$ref": "#/$defs/Inner"}
    inner = schema["$defs"]["Inner"]
    assert inner["additionalProperties"] is False
    assert inner["properties"]["score"] == {"type": "number", "description": "from 0 to 1"}
    assert inner["properties"]["colour"] == {"$ref": "#/$defs/Colour"}
    assert strict_schema(Outer) is schema


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        ("I think it is sports.", "invalid_reply"),
        ('{"domain": "sports"', "invalid_reply"),
        ('{"domain": "sports"}', "invalid_reply"),
        ('{"domain": 7, "confidence": 1}', "invalid_reply"),
        ('{"domain": "a", "confidence": 1} and {"domain": "b", "confidence": 1}', "invalid_reply"),
        ("}{", "invalid_reply"),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, "invalid_reply"),
    ],
)
def test_replies_that_are_no_use(text: str, reason: str) -> None:
    with pytest.raises(CallFailed) as raised:
        read_reply(Reply(text, Ending.COMPLETE, None), Filed)
    assert raised.value.reason == reason


@given(st.text())
def test_a_reply_is_read_or_refused_never_more(text: str) -> None:
    with contextlib.suppress(CallFailed):
        read_reply(Reply(text, Ending.COMPLETE, None), Filed)


@pytest.mark.parametrize(
    ("status", "body", "remedy"),
    [
        (400, "", Remedy.OTHER_INPUT),
        (422, "", Remedy.OTHER_INPUT),
        (302, "", Remedy.OTHER_INPUT),
        (400, '{"error": {"code": "unsupported_parameter"}}', Remedy.REPLACE_REQUEST),
        (400, '{"error": {"code": "Unknown_Parameter", "param": "reasoning_effort"}}', Remedy.REPLACE_REQUEST),
        (400, '{"error": {"code": "context_length_exceeded"}}', Remedy.OTHER_INPUT),
        (400, '{"error": {"message": "unsupported_parameter"}}', Remedy.OTHER_INPUT),
        (401, "", Remedy.REPLACE_PROVIDER),
        (402, "", Remedy.REPLACE_PROVIDER),
        (403, "", Remedy.REPLACE_PROVIDER),
        (404, "", Remedy.REPLACE_MODEL),
        (408, "", Remedy.REPEAT),
        (429, "", Remedy.REPEAT),
        (500, "", Remedy.REPEAT),
        (529, "", Remedy.REPEAT),
        (429, '{"error": {"code": "insufficient_quota"}}', Remedy.REPLACE_PROVIDER),
        (429, '[{"error": {"details": [{"quotaId": "GenerateRequestsPerDayPerModel"}]}}]', Remedy.REPLACE_PROVIDER),
        (429, '[{"error": {"details": [{"quotaId": "GenerateRequestsPerMinute"}]}}]', Remedy.REPEAT),
        (400, '{"error": {"message": "Your credit balance is too low"}}', Remedy.REPLACE_PROVIDER),
        (400, '[{"error": {"message": "API key not valid.", "status": "INVALID_ARGUMENT"}}]', Remedy.REPLACE_PROVIDER),
    ],
)
def test_what_a_status_means(status: int, body: str, remedy: Remedy) -> None:
    assert of_status(status, {}, body).remedy == remedy


ARTICLE = "Your credit balance is too low, the bank told Ms Brown. insufficient_quota, perday, api key not valid."


@pytest.mark.parametrize(
    ("status", "document", "remedy"),
    [
        (422, {"detail": [{"type": "value_error", "input": ARTICLE}]}, Remedy.OTHER_INPUT),
        (422, {"error": {"message": ARTICLE}}, Remedy.OTHER_INPUT),
        (400, {"error": {"message": f"this is not allowed: {ARTICLE}"}}, Remedy.OTHER_INPUT),
        (400, {"error": {"message": f"no: {ARTICLE}", "code": "filtered", "input": ARTICLE}}, Remedy.OTHER_INPUT),
        (400, {"error": ARTICLE}, Remedy.OTHER_INPUT),
        (400, [{"error": {"details": [{"description": ARTICLE}]}}], Remedy.OTHER_INPUT),
        (400, ARTICLE, Remedy.OTHER_INPUT),
        (400, [], Remedy.OTHER_INPUT),
        (500, {"error": {"message": ARTICLE, "code": "insufficient_quota"}}, Remedy.REPEAT),
    ],
)
def test_an_article_that_an_error_repeats_switches_no_provider_off(
    status: int, document: object, remedy: Remedy
) -> None:
    assert of_status(status, {}, json.dumps(document)).remedy == remedy
    assert of_status(status, {}, "words: " + json.dumps(document)).remedy == remedy


@given(st.text())
def test_any_body_of_an_error_is_judged(body: str) -> None:
    assert of_status(400, {}, body).reason == "http_400"


def test_a_body_of_brackets_is_judged() -> None:
    for body in ("[" * 100_000, '{"error":' * 100_000, '{"error":{"a":' + "[" * 990 + "]" * 990 + "}}"):
        assert of_status(400, {}, body).remedy == Remedy.OTHER_INPUT


def test_of_an_errors_text_only_its_codes_are_kept() -> None:
    body = '{"error": {"message": "Incorrect API key sk-1234", "code": "invalid_api_key", "type": "auth error sk-1"}}'
    failure = of_status(401, {}, body)
    assert str(failure) == "http_401: invalid_api_key"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), (" 1.5 ", 1.5), ("0", 0.0), ("999999999", 86_400.0), ("", None), ("soon", None), ("-5", None)],
)
def test_how_long_to_wait(header: str, seconds: float | None) -> None:
    assert retry_after(header) == seconds


def test_a_date_to_wait_for() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)
    assert retry_after(soon) == pytest.approx(300, abs=60)
    assert retry_after("Thu, 01 Jan 1970 00:00:00 GMT") == 0.0


@given(st.text(max_size=60))
def test_any_header_is_read_or_not(header: str) -> None:
    seconds = retry_after(header)
    assert seconds is None or 0 <= seconds <= 86_400
