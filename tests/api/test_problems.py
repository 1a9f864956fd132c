"""Whatever goes wrong is a problem document, and says nothing that it should not."""

from base64 import b64encode
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.pagination import CursorPagination

from narratives import selectors
from ntrl.rest.parsing import MAX_BODY_BYTES
from tests.support.factories import a_source, publishable

pytestmark = pytest.mark.django_db

# The same times as cursors have them; and a time that says not of where, a zero byte, and what is no time.
ODD_CURSORS = [
    b64encode(f"p={quote(position)}".encode()).decode()
    for position in ("0001-01-01 00:00:00+14:00", "9999-12-31 23:59:59-14:00", "2026-03-01 12:00:00", "\0", "None")
]
ID = "00000000-0000-4000-8000-000000000000"


def check(response: Any, status: int) -> dict[str, Any]:
    """The document, whose form must be right."""
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    document: dict[str, Any] = response.json()
    assert {name: type(value) for name, value in document.items()} == {
        "type": str,
        "title": str,
        "status": int,
        "detail": str,
        "instance": str,
        "trace_id": str,
        "errors": list,
    }
    assert document["status"] == status
    assert document["detail"]
    assert document["type"].startswith("urn:ntrl:problem:")
    assert len(document["trace_id"]) == 32
    for error in document["errors"]:
        assert set(error) == {"field", "detail", "code"}
    return document


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status"),
    [
        ("GET", "/v1/nothing", "", "", 404),
        ("GET", "/v1/", "", "", 404),
        ("GET", "/v1", "", "", 404),
        ("POST", "/v1", "{}", "application/json", 404),
        ("POST", "/v1/docs/", "", "", 405),
        ("PUT", "/v1/docs/", "{}", "application/json", 405),
        ("OPTIONS", "/v1/docs/", "", "", 405),
        ("POST", "/v1/schema/", "{}", "application/json", 405),
        ("POST", "/v1/brief/", "{}", "application/json", 404),
        ("GET", "/v1/stories/%00", "", "", 404),
        ("GET", "/v1/stories/not-an-id", "", "", 404),
        ("GET", f"/v1/stories/{ID}", "", "", 404),
        ("GET", f"/v1/stories/{ID}/transparency", "", "", 404),
        ("GET", f"/v1/stories/{ID}/debug", "", "", 404),
        ("GET", f"/v1/stories/{ID}/debug/spans", "", "", 404),
        ("GET", f"/v1/narratives/{ID}", "", "", 404),
        ("GET", "/v1/pipeline/runs/none", "", "", 404),
        ("GET", "/v1/sources/none", "", "", 404),
        ("PATCH", "/v1/sources/none", "{}", "application/json", 404),
        ("POST", "/v1/stories", "{}", "application/json", 405),
        ("DELETE", "/v1/brief", "", "", 405),
        ("GET", "/v1/ingest/run", "", "", 405),
        ("POST", "/v1/classify/run", "limit=3", "application/x-www-form-urlencoded", 415),
        ("POST", "/v1/classify/run", "<limit/>", "text/xml", 415),
        ("POST", "/v1/classify/run", "{", "application/json", 400),
        ("POST", "/v1/classify/run", '{"limit": NaN}', "application/json", 400),
        ("POST", "/v1/classify/run", "[" * 100_000, "application/json", 400),
        ("POST", "/v1/classify/run", b"\xff\xfe", "application/json", 400),
        ("POST", "/v1/classify/run", " " * (MAX_BODY_BYTES + 1), "application/json", 413),
        ("POST", "/v1/classify/run", "[1]", "application/json", 422),
        ("POST", "/v1/classify/run", "null", "application/json", 422),
    ],
)
def test_every_refusal_is_a_problem(
    keyed: Client, method: str, path: str, body: str | bytes, content_type: str, status: int
) -> None:
    a_source()
    check(keyed.generic(method, path, body, content_type), status)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/classify/run", '{"limit": 0}', "limit"),
        ("/v1/classify/run", '{"limit": 1e400}', "limit"),
        ("/v1/classify/run", '{"limit": "many"}', "limit"),
        ("/v1/classify/run", '{"story_ids": ["x"]}', "story_ids.0"),
        ("/v1/classify/run", '{"story_ids": [7]}', "story_ids"),
        ("/v1/classify/run", '{"story_id": []}', "story_id"),
        ("/v1/classify/run", '{"force": "perhaps"}', "force"),
        ("/v1/classify/run", '{"force": 1}', "force"),
        ("/v1/classify/run", '{"limit": "5"}', "limit"),
        ("/v1/classify/run", '{"limit": true}', "limit"),
        ("/v1/neutralize/run", '{"max_workers": 65}', "max_workers"),
        ("/v1/ingest/run", '{"source_slugs": "herald"}', "source_slugs"),
        ("/v1/ingest/run", '{"source_slugs": ["\\u0000"]}', "source_slugs.0"),
        ("/v1/brief/run", '{"cutoff_hours": 999999999999999999999999}', "cutoff_hours"),
        ("/v1/pipeline/scheduled-run", '{"max_items_per_source": -1}', "max_items_per_source"),
        ("/v1/pipeline/scheduled-run-async", '{"cutoff_hours": null}', "cutoff_hours"),
    ],
)
def test_wrong_values_name_the_field(keyed: Client, path: str, body: str, field: str) -> None:
    document = check(keyed.generic("POST", path, body, "application/json"), 422)
    assert field in [error["field"] for error in document["errors"]]
    assert field in document["detail"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/classify/run", f'{{"story_ids": ["{ID}"]}}', "story_ids"),
        ("/v1/neutralize/run", f'{{"story_ids": ["{ID}"]}}', "story_ids"),
        ("/v1/ingest/run", '{"source_slugs": ["none"]}', "source_slugs"),
        ("/v1/ingest/run", '{"source_slugs": ["herald"]}', "source_slugs"),
    ],
)
def test_unknown_ids_are_named(keyed: Client, path: str, body: str, field: str) -> None:
    a_source(is_active=False)
    document = check(keyed.generic("POST", path, body, "application/json"), 404)
    assert [error["field"] for error in document["errors"]] == [field]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("feed_category=gossip", "feed_category"),
        ("published_after=yesterday", "published_after"),
        ("published_before=0000-01-01T00:00:00Z", "published_before"),
        ("manipulative=maybe", "manipulative"),
        ("manipulative=", "manipulative"),
        ("source=", "source"),
        ("source=%00", "source"),
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("page_size=" + "9" * 5000, "page_size"),
    ],
)
def test_wrong_parameters_name_themselves(client: Client, query: str, field: str) -> None:
    document = check(client.get(f"/v1/stories?{query}"), 422)
    assert {error["field"] for error in document["errors"]} == {field}


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
@pytest.mark.parametrize("path", ["stories", "search"])
def test_a_time_that_utc_does_not_have(client: Client, path: str, time: str) -> None:
    for name in ("published_after", "published_before"):
        document = check(client.get(f"/v1/{path}", {name: time}), 422)
        assert {error["field"] for error in document["errors"]} == {name}


def test_a_filter_that_breaks_is_no_cursor(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise OverflowError("a slip of ours")

    monkeypatch.setattr(CursorPagination, "_get_position_from_instance", broken)
    client.raise_request_exception = False
    publishable(a_source())
    publishable()
    check(client.get("/v1/stories?page_size=1"), 500)


@pytest.mark.parametrize(
    "cursor", ["x", "cD0%3D", "cD1oZWxsbw%3D%3D", "cj0xJnA9MjAyNi0wMy0wMVQ5OTk5", "%F0%9F%99%82", *ODD_CURSORS]
)
def test_a_cursor_that_is_none_of_ours(client: Client, cursor: str) -> None:
    check(client.get(f"/v1/stories?cursor={cursor}"), 404)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.sampled_from(["source", "feed_category", "published_after", "cursor", "page_size"]))
def test_whatever_is_asked_is_answered(client: Client, value: str, name: str) -> None:
    for path in ("/v1/stories", "/v1/narratives"):
        assert client.get(path, {name: value.encode("utf-8", "surrogatepass")}).status_code in {200, 404, 422}


def test_a_bug_says_nothing_of_itself(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(selectors, "narrative", broken)
    client.raise_request_exception = False
    document = check(client.get(f"/v1/narratives/{ID}"), 500)
    assert "hunter2" not in str(document)
    assert "Traceback" not in str(document)


def test_other_addresses_keep_their_pages(client: Client) -> None:
    response = client.get("/nothing/")
    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_host_that_is_not_ours(client: Client) -> None:
    check(client.get("/v1/brief", headers={"Host": "evil.example"}), 400)


def test_what_a_method_may_be(keyed: Client) -> None:
    response = keyed.put("/v1/sources", {}, "application/json")
    assert check(response, 405)
    assert response["Allow"] == "GET, HEAD, POST"
