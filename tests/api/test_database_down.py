"""The database away: every endpoint that asks it says 503 and when to ask again, and nothing of why."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from tests.api.test_access import address, routes
from tests.api.test_problems import check

pytestmark = pytest.mark.django_db

# These describe the API, and ask no database.
WITHOUT_DATABASE = {"schema/", "docs/"}
BODIES = {"sources": b'{"name": "Herald", "rss_url": "https://herald.example/feed"}'}
WRITTEN = [route for route in routes() if route.endswith(("run", "run-async")) or route.startswith("sources")]
ASKED = [
    *(("GET", route) for route in routes() if route not in WITHOUT_DATABASE and not route.endswith(("run", "-async"))),
    *(("PATCH" if "<" in route else "POST", route) for route in WRITTEN),
]


def away(*_: Any) -> Any:
    raise OperationalError("connection to server at db.internal failed: password=hunter2")


@pytest.mark.parametrize(("method", "route"), ASKED)
def test_every_endpoint_says_so(keyed: Client, method: str, route: str) -> None:
    cache.clear()
    body = BODIES.get(route, b"{}") if method != "GET" else b""
    with connection.execute_wrapper(away):
        response = keyed.generic(method, address(route), body, "application/json")
    document = check(response, 503)
    assert int(response["Retry-After"]) > 0
    assert "hunter2" not in str(document)


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("connection already closed")])
def test_a_key_that_can_not_be_looked_up(client: Client, error: Exception) -> None:
    def gone(*_: Any) -> Any:
        raise error

    with connection.execute_wrapper(gone):
        check(client.get("/v1/status", headers={"X-API-Key": "prefix12.secret"}), 503)
