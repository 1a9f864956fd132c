"""Who may ask what: keys and scopes, and a walk over all addresses with no key, a wrong one, and one out of scope."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django.fixtures import Settings

from ingestion.models import Source
from ntrl.pipeline.models import PipelineRunSummary
from ntrl.rest.access import Scope
from ntrl.rest.keys import BETWEEN_USES_NOTED, caller_of, create_key
from ntrl.rest.models import ApiKey
from ntrl.stages.models import StageRun
from tests.support.factories import a_source, publishable

pytestmark = pytest.mark.django_db

ID = "00000000-0000-4000-8000-000000000000"
VALUES = {
    "<id:story_id>": ID,
    "<id:narrative_id>": ID,
    "<day:day>": "2026-03-01",
    "<slug:slug>": "herald",
    "<slug:trace_id>": "0" * 32,
}
# Everything else under /v1 needs a key.
PUBLIC = {
    "brief",
    "brief/<day:day>",
    "stories",
    "stories/<id:story_id>",
    "stories/<id:story_id>/transparency",
    "sources",
    "sources/<slug:slug>",
    "narratives",
    "narratives/<id:narrative_id>",
    "search",
    "topics/trending",
    "schema/",
    "docs/",
}
# Read by everybody, changed with a key.
READ_PUBLICLY = {"sources", "sources/<slug:slug>"}
CONTENT_TYPES = ["application/json", "text/plain", "multipart/form-data; boundary=x", ""]
WRONG_KEYS = ["", "a" * 10_000, "prefix12.secret", "é", "\x00", "prefix12." + "\x7f"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"]


def routes() -> Iterator[str]:
    """The routes under /v1, but for that which catches what is none."""
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and str(resolver.pattern) == "v1/":
            for pattern in resolver.url_patterns:
                assert isinstance(pattern, URLPattern)
                if route := str(pattern.pattern):
                    yield route


def address(route: str) -> str:
    for variable, value in VALUES.items():
        route = route.replace(variable, value)
    assert "<" not in route, f"what stands for the variable in {route}?"
    return f"/v1/{route}"


def spellings(path: str) -> list[str]:
    """One address as a careless or a cunning client writes it."""
    return [path, f"{path}/", path.upper(), path.replace("/v1/", "/v1//"), f"{path}?x=1", f"{path}%00", f"{path};a"]


def test_the_walk_finds_addresses() -> None:
    assert {"status", "brief/run", "pipeline/runs", "stories/<id:story_id>/debug"} <= set(routes())


@pytest.mark.parametrize("route", [route for route in routes() if route not in PUBLIC])
def test_no_protected_address_answers_without_a_key(client: Client, route: str) -> None:
    a_source()
    plain = address(route)
    tried = [
        *((method, path, "application/json", "wrong") for method in METHODS for path in spellings(plain)),
        *((method, plain, content_type, None) for method in METHODS for content_type in CONTENT_TYPES),
        *((method, plain, "application/json", key) for method in ("GET", "POST") for key in WRONG_KEYS),
    ]
    for method, path, content_type, key in tried:
        headers = {} if key is None else {"X-API-Key": key}
        response = client.generic(method, path, b"{}", content_type, headers=headers)
        if path == plain:
            assert response.status_code == 401, (method, content_type, key)
            assert response["WWW-Authenticate"]
            assert response["Content-Type"] == "application/problem+json"
        else:
            assert response.status_code in {401, 404}, (method, path)
    assert not StageRun.objects.exists()
    assert not PipelineRunSummary.objects.exists()


@pytest.mark.parametrize("route", sorted(READ_PUBLICLY))
def test_nothing_is_changed_without_a_key(client: Client, route: str) -> None:
    source = a_source()
    before = Source.objects.values().get()
    for method in ("POST", "PATCH", "DELETE", "PUT"):
        response = client.generic(method, address(route), b'{"name": "x"}', "application/json")
        assert response.status_code in {401, 405}, method
    assert Source.objects.values().get(pk=source.pk) == before


@pytest.mark.parametrize("route", [route for route in routes() if route not in PUBLIC])
def test_with_a_key_no_address_breaks(keyed: Client, route: str) -> None:
    keyed.raise_request_exception = True
    response = keyed.get(address(route))
    assert response.status_code in {200, 404, 405}


SCOPES = [
    ("GET", "/v1/status", Scope.READ),
    ("GET", "/v1/pipeline/runs", Scope.READ),
    ("GET", "/v1/stories?status=failed_audit", Scope.READ),
    ("GET", "/v1/stories?status=success&source=herald", Scope.READ),
    ("GET", f"/v1/stories/{ID}/debug", Scope.READ),
    ("GET", f"/v1/stories/{ID}/debug/spans", Scope.RUN),
    ("POST", "/v1/ingest/run", Scope.RUN),
    ("POST", "/v1/classify/run", Scope.RUN),
    ("POST", "/v1/neutralize/run", Scope.RUN),
    ("POST", "/v1/brief/run", Scope.RUN),
    ("POST", "/v1/pipeline/scheduled-run", Scope.RUN),
    ("POST", "/v1/pipeline/scheduled-run-async", Scope.RUN),
    ("POST", "/v1/sources", Scope.EDIT),
    ("PATCH", "/v1/sources/herald", Scope.EDIT),
    ("DELETE", "/v1/sources/herald", Scope.EDIT),
]


@pytest.mark.parametrize(("method", "path", "scope"), SCOPES)
def test_a_key_out_of_scope_is_refused(client: Client, method: str, path: str, scope: Scope) -> None:
    _, key = create_key(name="other", scopes=set(Scope) - {scope})
    response = client.generic(method, path, b"{}", "application/json", headers={"X-API-Key": key})
    assert response.status_code == 403
    assert scope.value in response.json()["detail"]


@pytest.mark.parametrize(("method", "path", "scope"), SCOPES)
def test_a_key_in_scope_passes(client: Client, method: str, path: str, scope: Scope) -> None:
    _, key = create_key(name="one", scopes=[scope])
    # A field that there isn't: nothing is run, but who asks has passed.
    response = client.generic(method, path, b'{"no_such_field": 1}', "application/json", headers={"X-API-Key": key})
    assert response.status_code in {200, 404, 422}


def test_keys_are_hashed_and_can_be_revoked(client: Client) -> None:
    row, key = create_key(name="phone", scopes=[Scope.READ])
    stored = ApiKey.objects.values().get()
    assert key not in str(stored)
    assert key.partition(".")[2] not in str(stored)
    assert client.get("/v1/status", headers={"X-API-Key": key}).status_code == 200
    row.revoked = True
    row.save()
    assert client.get("/v1/status", headers={"X-API-Key": key}).status_code == 401


def test_a_key_that_has_expired(client: Client) -> None:
    _, key = create_key(name="phone", scopes=[Scope.READ], expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get("/v1/status", headers={"X-API-Key": key}).status_code == 401


def test_the_last_use_is_noted_once_a_minute() -> None:
    _, key = create_key(name="phone", scopes=[Scope.READ])
    caller_of(key)
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    caller_of(key)
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=first - BETWEEN_USES_NOTED)
    caller_of(key)
    assert ApiKey.objects.get().last_used_at >= first


def test_without_any_key_configured_everything_protected_is_refused(client: Client, settings: Settings) -> None:
    settings.ADMIN_API_KEY = ""
    for headers in ({}, {"X-API-Key": ""}):
        assert client.get("/v1/status", headers=headers).status_code == 401


def test_a_wrong_key_does_not_close_what_is_public(client: Client) -> None:
    assert client.get("/v1/sources", headers={"X-API-Key": "old"}).status_code == 200


def test_failed_stories_are_listed_with_a_key_only(client: Client, reader: Client) -> None:
    publishable()
    assert client.get("/v1/stories?status=failed_audit").status_code == 401
    assert client.get("/v1/stories?status=failed_audit", headers={"X-API-Key": "old"}).status_code == 401
    assert reader.get("/v1/stories?status=failed_audit").json()["results"] == []
    assert len(reader.get("/v1/stories?status=success").json()["results"]) == 1


def test_the_command_makes_a_key_that_works(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_api_key", "phone", "--scope", "read", "--scope", "run")
    key = capsys.readouterr().out.splitlines()[0].removeprefix("X-API-Key: ")
    assert client.get("/v1/status", headers={"X-API-Key": key}).status_code == 200
    assert ApiKey.objects.get().scopes == ["read", "run"]


def test_the_admin_shows_a_key_once(admin_client: Client) -> None:
    form = {"name": "phone", "scopes": ["read"], "expiry_date_0": "", "expiry_date_1": ""}
    response = admin_client.post("/admin/rest/apikey/add/", form, follow=True)
    [message] = [str(each) for each in response.context["messages"] if " is: " in str(each)]
    key = message.partition(" is: ")[2].partition(". Please")[0]
    caller = caller_of(key)
    assert caller is not None
    assert caller.scopes == {Scope.READ}
    changed = admin_client.get(f"/admin/rest/apikey/{ApiKey.objects.get().pk}/change/")
    assert changed.status_code == 200
    assert key not in changed.content.decode()
