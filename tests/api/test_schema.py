"""The OpenAPI document: valid, as the snapshot has it, and true of every endpoint whatever schemathesis sends."""

import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from briefs.services import assemble_brief
from ntrl.rest.idempotency import HEADER as IDEMPOTENCY_HEADER
from ntrl.stages.runner import RunOptions
from ntrl.wsgi import application
from tests.api.conftest import ADMIN_KEY
from tests.conftest import ROOT
from tests.support.factories import a_source, publishable

SNAPSHOT = ROOT / "docs/openapi.yaml"
# Of each endpoint: as many as find a slip, in a few seconds.
EXAMPLES = 8
RUNS = [
    "ingest/run",
    "classify/run",
    "neutralize/run",
    "brief/run",
    "pipeline/scheduled-run",
    "pipeline/scheduled-run-async",
]
ENDPOINTS_OF_RUNS = [(f"/v1/{run}", "post") for run in RUNS]


def described() -> dict[str, Any]:
    """The document without headers by which an answer depends on what was asked before."""
    document: dict[str, Any] = yaml.safe_load(SNAPSHOT.read_text())
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        parameters = operation.get("parameters", [])
        operation["parameters"] = [each for each in parameters if each["in"] != "header"]
    return document


ENDPOINTS = schemathesis.openapi.from_dict(described())
ENDPOINTS.app = application


def test_the_snapshot_is_the_document() -> None:
    written = io.StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=written)
    assert yaml.safe_load(written.getvalue()) == yaml.safe_load(SNAPSHOT.read_text()), (
        "the API has changed: python manage.py spectacular --file docs/openapi.yaml"
    )


def test_what_clients_are_made_from_names_keys_of_requests_and_etags() -> None:
    paths = yaml.safe_load(SNAPSHOT.read_text())["paths"]
    for path, method in ENDPOINTS_OF_RUNS:
        operation = paths[path][method]
        assert IDEMPOTENCY_HEADER in [each["name"] for each in operation["parameters"]], path
        assert {"409", "411", "422", "503"} <= operation["responses"].keys()
    for path in ("/v1/brief", "/v1/brief/{day}", "/v1/stories/{story_id}", "/v1/stories/{story_id}/transparency"):
        operation = paths[path]["get"]
        assert "If-None-Match" in [each["name"] for each in operation["parameters"]], path
        assert "content" not in operation["responses"]["304"]
        assert {"ETag", "Cache-Control"} <= operation["responses"]["200"]["headers"].keys()
        assert "404" in operation["responses"]


def test_it_is_served(client: Client) -> None:
    response = client.get("/v1/schema/")
    assert response.json()["openapi"] == "3.1.0"
    assert response.json()["paths"].keys() == yaml.safe_load(SNAPSHOT.read_text())["paths"].keys()


def test_every_address_is_described() -> None:
    [v1] = [each for each in get_resolver().url_patterns if str(each.pattern) == "v1/"]
    routes = {str(each.pattern) for each in v1.url_patterns} - {"", "schema/", "docs/"}
    assert len(yaml.safe_load(SNAPSHOT.read_text())["paths"]) == len(routes)


def test_the_page_needs_nothing_that_the_policy_forbids(client: Client) -> None:
    response = client.get("/v1/docs/")
    page = response.content.decode()
    assert response.status_code == 200
    assert "<style" not in page
    assert page.count("<script") == page.count("<script src=") == 2
    assert "http" not in page
    assert "'unsafe" not in response["Content-Security-Policy"]
    for line in page.splitlines():
        for address in (part.split('"')[0] for part in line.split('="')[1:]):
            if address.startswith("/static/"):
                assert client.get(address).status_code == 200, address


@pytest.fixture
def stock(db: None, admin_key: str, bodies: Path) -> Iterator[None]:
    """A few rows to be found, over a connection that stays: it is the test's."""
    request_signals = (request_started, request_finished)
    for signal in request_signals:
        signal.disconnect(close_old_connections)
    source = a_source(is_active=False)
    publishable(source, published_at=timezone.now(), ingested_at=timezone.now())
    assemble_brief(trace_id="t", options=RunOptions(workers=1))
    yield
    for signal in request_signals:
        signal.connect(close_old_connections)


# Written as a loop: the library's own parametrization draws data while tests are collected, minutes in each process.
OPERATIONS = [found.ok() for found in ENDPOINTS.get_all_operations()]


@pytest.mark.journey
@pytest.mark.any_database
@pytest.mark.usefixtures("stock")
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_endpoint_is_as_described(operation: Any, mode: GenerationMode) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"X-API-Key": ADMIN_KEY})

    with suppress(Unsatisfiable):  # some can't be asked wrongly, or are too particular to be asked rightly by chance
        ask()
