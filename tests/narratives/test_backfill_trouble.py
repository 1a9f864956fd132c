"""A MongoDB that is down, refuses, or dies: one clear line, no word of the credentials, and the next run goes on."""

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from pytest_django.fixtures import Settings

from narratives.stores import connection
from narratives.stores.connection import connect
from narratives.stores.mongo import MongoStore
from ntrl.stages.models import Claim, RunStatus, StageRun
from tests.support.backfilling import DECEMBER, Scripted, a_document, always, backfill, command
from tests.support.mongo_server import HungUp, MongoServer, Refused
from tests.support.ports import free_port

pytestmark = pytest.mark.django_db

PASSWORD = "s3cret/of@me"
SECRETS = (PASSWORD, quote(PASSWORD, safe=""), "s3cret", "of@me")
UNAUTHORIZED = 13


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is not there is given up soon."""
    monkeypatch.setattr(connection, "SELECTION_SECONDS", 0.5)


@pytest.fixture
def server() -> Iterator[MongoServer]:
    with MongoServer({"reader": PASSWORD}) as server:
        yield server


def uri(server: MongoServer, password: str = PASSWORD) -> str:
    return f"mongodb://reader:{quote(password, safe='')}@{server.address}/?authMechanism=PLAIN"


def fill(server: MongoServer, number: int) -> None:
    server.collection("backdrop", "narratives").insert_many([a_document(each) for each in range(number)])


def assert_nothing_is_given_away(*texts: str) -> None:
    for text in texts:
        assert not [secret for secret in SECRETS if secret in text], text


def test_no_credentials_in_any_line(server: MongoServer, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.MONGODB_URI = uri(server)
    fill(server, 60)
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="pymongo"):
        status, said = command("--by", "rules")
    assert status == 0
    assert f"at {server.address}," in said
    assert_nothing_is_given_away(said, caplog.text, *map(str, StageRun.objects.values()))


@pytest.mark.parametrize(
    "written",
    [
        "nonsense",
        "http://reader:s3cret@host/",
        "mongodb://reader:s3cret/of@me@host:27017/",
        "mongodb://reader:s3cret@host:of@me/",
        "mongodb://reader:s3cret@:27017",
        "mongodb://reader:s3cret",
        "mongodb://reader:s3cret@host:99999/",
        "mongodb://",
        "mongodb://reader:s3cret@host/?authSource=",
    ],
)
def test_an_address_that_is_none(settings: Settings, written: str, caplog: pytest.LogCaptureFixture) -> None:
    settings.MONGODB_URI = written
    status, said = command("--by", "rules")
    assert status == 1
    assert "MONGODB_URI" in said
    assert_nothing_is_given_away(said, caplog.text)


def test_no_address(settings: Settings) -> None:
    settings.MONGODB_URI = ""
    status, said = command("--by", "rules", "--store", "mongo")
    assert (status, "MONGODB_URI is not set" in said) == (1, True)


def test_a_server_that_is_down(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    address = f"127.0.0.1:{free_port()}"
    settings.MONGODB_URI = f"mongodb://reader:s3cret@{address}/?serverSelectionTimeoutMS=200"
    status, said = command("--by", "rules")
    assert status == 1
    assert f"MongoDB at {address} does not answer" in said
    assert_nothing_is_given_away(said, caplog.text)


def test_a_wrong_password(server: MongoServer, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.MONGODB_URI = uri(server, password="s3cret of@me")
    status, said = command("--by", "rules")
    assert status == 1
    assert "refuses the user or the password of MONGODB_URI" in said
    assert_nothing_is_given_away(said, caplog.text)


def test_a_user_without_rights(server: MongoServer, settings: Settings) -> None:
    def refuse(command: dict[str, Any]) -> None:
        if "find" in command or "listDatabases" in command:
            raise Refused(UNAUTHORIZED, f"not authorized, {PASSWORD}")

    settings.MONGODB_URI = uri(server)
    fill(server, 1)
    server.on_command = refuse
    status, said = command("--by", "rules")
    assert status == 1
    assert "does not let the user of MONGODB_URI read and write backdrop.narratives" in said
    assert_nothing_is_given_away(said)


def test_databases_that_may_not_be_listed(server: MongoServer, settings: Settings) -> None:
    def refuse(command: dict[str, Any]) -> None:
        if "listDatabases" in command:
            raise Refused(UNAUTHORIZED, "not authorized")

    settings.MONGODB_URI = uri(server)
    server.on_command = refuse
    status, said = command("--by", "rules")
    assert status == 1
    assert "holds no documents" in said
    assert "can't be listed" in said


@pytest.mark.parametrize("name", ["find", "update", "aggregate"])
def test_a_server_that_dies_on_the_way(server: MongoServer, settings: Settings, name: str) -> None:
    """The driver asks once more by itself, so the server stays silent from there on."""
    asked = 0

    def die(command: dict[str, Any]) -> None:
        nonlocal asked
        asked += name in command
        if asked > 2 or (asked and name == "aggregate"):
            raise HungUp

    settings.MONGODB_URI = uri(server)
    fill(server, 100)
    server.on_command = die
    status, said = command("--by", "rules", "--batch-size", "10")
    assert status == 1
    assert f"MongoDB at {server.address}" in said
    assert "Traceback" not in said
    server.on_command = None
    assert command("--by", "rules", "--batch-size", "10")[0] == 0
    assert not Claim.objects.exists()
    assert not StageRun.objects.filter(status=RunStatus.RUNNING).exists()


def test_an_update_that_is_refused_is_that_documents_alone(server: MongoServer) -> None:
    fill(server, 5)
    server.refused_ids = {a_document(3)["_id"]}
    store = MongoStore(connect(uri(server)), host="here", since=DECEMBER)
    result = backfill(store, Scripted(always))
    assert result.tally.failed == {f"{3:024x}": "MongoDB refuses the update (code 28)"}
    assert (result.tally.filled, result.tally.filled_by_others, result.missing) == (4, 0, 1)


def test_no_cursor_stays_open_and_no_page_is_read_by_number(server: MongoServer) -> None:
    fill(server, 130)
    backfill(MongoStore(connect(uri(server)), host="here", since=DECEMBER), Scripted(always), batch_size=120)
    names = [next(iter(each)) for each in server.commands]
    assert "getMore" not in names
    pages = [each for each in server.commands if "find" in each and each.get("sort")]
    assert all(each["limit"] <= 120 and "skip" not in each for each in pages)
    updates = [each for each in server.commands if "update" in each]
    assert [len(each["updates"]) for each in updates] == [120, 10]
    assert all("$or" in update["q"] for each in updates for update in each["updates"])
