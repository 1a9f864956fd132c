"""Limits: 100 a minute for a client, 10 with a key, 5 for runs, over all processes, and who a client is."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.cache import caches
from django.test import Client
from pytest_django.fixtures import Settings
from rest_framework.settings import api_settings
from rest_framework.test import APIRequestFactory

from ntrl.environment import read_rate
from ntrl.rest.throttling import CACHE, ClientThrottle
from ntrl.rest.views import PublicEndpoint
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db

DEFAULTS = {"client": "100/minute", "admin": "10/minute", "trigger": "5/minute"}


@pytest.fixture
def limits(settings: Settings, tmp_path: Path) -> Settings:
    """The limits as they are by default, counted in a folder of this test's own."""
    settings.CACHES = {**settings.CACHES, CACHE: {**settings.CACHES[CACHE], "LOCATION": tmp_path / "throttle"}}
    settings.NTRL_THROTTLE = dict(DEFAULTS)
    return settings


def statuses(client: Client, method: str, path: str, times: int) -> list[int]:
    return [client.generic(method, path, b'{"x": 1}', "application/json").status_code for _ in range(times)]


@pytest.mark.usefixtures("limits")
def test_a_hundred_a_minute(client: Client) -> None:
    assert statuses(client, "GET", "/v1/brief/2026-03-01", 101) == [404] * 100 + [429]
    response = client.get("/v1/sources")
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    assert response["Content-Type"] == "application/problem+json"
    # Another address is another client.
    assert client.get("/v1/sources", REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.usefixtures("limits")
def test_ten_with_a_key_and_five_runs(keyed: Client) -> None:
    assert statuses(keyed, "GET", "/v1/pipeline/runs/none", 11) == [404] * 10 + [429]
    # Runs are counted by themselves, all together.
    assert statuses(keyed, "POST", "/v1/classify/run", 3) == [422] * 3
    assert statuses(keyed, "POST", "/v1/brief/run", 3) == [422, 422, 429]
    assert keyed.get("/v1/sources").status_code == 200


@pytest.mark.usefixtures("limits")
def test_what_is_public_but_for_a_parameter_counts_with_it(keyed: Client) -> None:
    assert statuses(keyed, "GET", "/v1/stories?status=success", 11) == [200] * 10 + [429]
    assert keyed.get("/v1/stories").status_code == 200


@pytest.mark.usefixtures("limits")
def test_guessing_keys_counts(client: Client) -> None:
    assert {client.get("/v1/status", headers={"X-API-Key": "guess"}).status_code for _ in range(100)} == {401}
    assert client.get("/v1/status", headers={"X-API-Key": "guess"}).status_code == 429


def test_no_limit(limits: Settings, client: Client) -> None:
    limits.NTRL_THROTTLE = dict.fromkeys(DEFAULTS)
    assert set(statuses(client, "GET", "/v1/sources", 120)) == {200}


def test_side_by_side_no_more_than_the_limit_passes(limits: Settings) -> None:
    request = PublicEndpoint().initialize_request(APIRequestFactory().get("/v1/brief"))

    def ask(_: int) -> bool:
        return ClientThrottle().allow_request(request, PublicEndpoint())

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(ask, range(200))) == 100


def test_other_processes_count_too(limits: Settings) -> None:
    folder = limits.CACHES[CACHE]["LOCATION"]
    code = (
        "import django; django.setup()\n"
        "from pathlib import Path\n"
        "from django.conf import settings\n"
        f"settings.CACHES['throttle']['LOCATION'] = Path({str(folder)!r})\n"
        "from rest_framework.test import APIRequestFactory\n"
        "from ntrl.rest.throttling import ClientThrottle\n"
        "from ntrl.rest.views import PublicEndpoint\n"
        "request = PublicEndpoint().initialize_request(APIRequestFactory().get('/'))\n"
        "print(sum(ClientThrottle().allow_request(request, PublicEndpoint()) for _ in range(60)))\n"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "ntrl.settings", "NTRL_DATA_DIR": str(folder.parent), "PATH": "/usr/bin"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "60", done.stderr
    request = PublicEndpoint().initialize_request(APIRequestFactory().get("/"))
    assert sum(ClientThrottle().allow_request(request, PublicEndpoint()) for _ in range(60)) == 40


def test_a_full_disk_closes_nothing(limits: Settings, client: Client, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    limits.CACHES = {**limits.CACHES, CACHE: {**limits.CACHES[CACHE], "LOCATION": tmp_path / "file" / "x"}}
    assert client.get("/v1/sources").status_code == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "sent_from", "expected"),
    [
        (0, "1.1.1.1", "192.0.2.1", "192.0.2.1"),
        (1, "6.6.6.6, 203.0.113.5", "10.0.0.1", "203.0.113.5"),
        (2, "6.6.6.6, 203.0.113.5, 10.0.0.2", "10.0.0.1", "203.0.113.5"),
        (1, "", "192.0.2.1", "192.0.2.1"),
        (0, "", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (0, "", "", ""),
        (1, "\x00 nonsense", "192.0.2.1", "\x00 nonsense"),
    ],
)
def test_who_a_client_is(
    monkeypatch: pytest.MonkeyPatch, proxies: int, forwarded: str, sent_from: str, expected: str
) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", proxies)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = APIRequestFactory().get("/", headers=headers, REMOTE_ADDR=sent_from)
    assert ClientThrottle().client(PublicEndpoint().initialize_request(request)) == expected


@pytest.mark.parametrize(("written", "rate"), [("100/minute", "100/minute"), ("", None), (" 5/day ", "5/day")])
def test_rates(written: str, rate: str | None) -> None:
    assert read_rate("NTRL_THROTTLE_CLIENT", written) == rate


@pytest.mark.parametrize("written", ["many", "0/minute", "5", "5/fortnight", "-1/day", "1.5/minute"])
def test_what_is_no_rate(written: str) -> None:
    with pytest.raises(Exception, match="NTRL_THROTTLE_CLIENT"):
        read_rate("NTRL_THROTTLE_CLIENT", written)


def test_the_cache_is_not_one_of_a_single_process() -> None:
    assert type(caches[CACHE]).__name__ == "FileBasedCache"
