"""What comes in the body of a request is read as it was sent, or refused: never as something else, never as nothing."""

import io
import logging
from typing import Any

import pytest
from django.test import Client

from narratives import selectors
from ntrl.stages.models import StageRun

pytestmark = pytest.mark.django_db

CLASSIFY = "/v1/classify/run"


def in_chunks(client: Client, path: str, body: bytes, **headers: str) -> Any:
    """Send a body as gunicorn hands over one that came in chunks: to be read to its end, of no length."""
    stream = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    sent = {"Transfer-Encoding": "chunked", **headers}
    return client.generic("POST", path, b"", "application/json", headers=sent, **stream)


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}])
def test_a_body_in_chunks_is_no_empty_one(keyed: Client, headers: dict[str, str]) -> None:
    response = in_chunks(keyed, CLASSIFY, b'{"limit": 0, "story_idz": [1]}', **headers)
    assert response.status_code == 411
    assert response["Content-Type"] == "application/problem+json"
    assert "Content-Length" in response.json()["detail"]
    assert not StageRun.objects.exists()


def test_who_has_no_key_learns_nothing_of_lengths(client: Client) -> None:
    assert in_chunks(client, CLASSIFY, b"{}").status_code == 401


def test_without_a_body_all_fields_are_left_out(keyed: Client) -> None:
    response = keyed.generic("POST", CLASSIFY, b"", "application/json", CONTENT_LENGTH="")
    assert response.status_code == 200


@pytest.mark.parametrize("path", [CLASSIFY, "/v1/sources", "/v1/pipeline/scheduled-run"])
@pytest.mark.parametrize(
    "body",
    [
        rb'{"\ud800": 1}',
        rb'{"\udfff\ud83d": 1}',
        rb'{"name": "\ud83d"}',
        rb'{"story_ids": ["\udc00"]}',
        rb'{"x": {"y": [{"\ud800": 1}]}}',
    ],
)
def test_half_a_character_is_none(keyed: Client, path: str, body: bytes) -> None:
    response = keyed.generic("POST", path, body, "application/json")
    assert response.status_code == 400
    assert response.json()["type"] == "urn:ntrl:problem:parse-error"


def test_both_halves_are_one(keyed: Client) -> None:
    response = keyed.generic("POST", CLASSIFY, rb'{"\ud83d\ude42": 1}', "application/json")
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["🙂"]


def test_what_breaks_while_it_is_written_is_in_the_log_under_its_trace_id(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(selectors, "live_narratives", lambda: selectors.Narrative.objects.none())
    monkeypatch.setattr("ntrl.rest.paging.Pages.get_next_link", lambda self: "\ud800")
    client.raise_request_exception = False
    with caplog.at_level(logging.ERROR, "ntrl.rest.problems"):
        response = client.get("/v1/narratives")
    assert response.status_code == 500
    [record] = [each for each in caplog.records if each.name == "ntrl.rest.problems"]
    assert record.exc_info
    assert response.json()["trace_id"] in record.getMessage()
