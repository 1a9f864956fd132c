"""`import_narratives` over the driver's own client on a real socket, and a real server when one is named."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from bson import ObjectId
from django.core.management import CommandError, call_command
from pymongo import MongoClient
from pytest_django.fixtures import Settings

from narratives.models import Narrative
from tests.narratives.test_backfill_mongo import TEST_URI
from tests.support.mongo_server import MongoServer

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["loopback", *(["real"] if TEST_URI else [])])
def database(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Any]:
    """A database of this test's own, which MONGODB_URI leads to."""
    with MongoServer() as server:
        settings.MONGODB_URI = server.uri if request.param == "loopback" else TEST_URI
        client: MongoClient[dict[str, Any]] = MongoClient(settings.MONGODB_URI)
        name = f"ntrl_{uuid4().hex[:12]}"
        yield client[name]
        client.drop_database(name)
        client.close()


def run(database: Any, *args: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("import_narratives", "--database", database.name, *args, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def a_document(number: int, **fields: Any) -> dict[str, Any]:
    seen = datetime(2025, 12, 1 + number % 28, tzinfo=UTC)
    read = {"entities": ["Kraken"], "summary": f"Matter {number} of Kraken.", "first_detected_at": seen}
    return {"_id": ObjectId(), **read, "narrative_focus": f"matter{number} dispute", **fields}


def test_every_document_comes_over_and_a_second_run_changes_nothing(database: Any) -> None:
    database["narratives"].insert_many(a_document(number) for number in range(520))
    before = list(database["narratives"].find())
    status, said = run(database)
    assert (status, Narrative.objects.count()) == (0, 520)
    assert "imported: 520 created; 0 refused" in said
    assert set(Narrative.objects.values_list("imported_id", flat=True)) == {str(each["_id"]) for each in before}
    assert "imported: 520 unchanged; 0 refused" in run(database)[1]
    assert list(database["narratives"].find()) == before


def test_what_is_no_narrative_is_listed_by_id(database: Any) -> None:
    bad = a_document(1, entities=[])
    database["narratives"].insert_many([a_document(0), bad])
    status, said = run(database, "--json")
    assert status == 3
    assert json.loads(said)["refused"] == {str(bad["_id"]): "it names no entity (nucleus_entity, entities)"}
    assert Narrative.objects.count() == 1


def test_a_dry_run_writes_nothing(database: Any) -> None:
    database["narratives"].insert_one(a_document(0))
    assert "would import: 1 created" in run(database, "--dry-run")[1]
    assert not Narrative.objects.exists()


def test_an_empty_collection_is_an_error_that_names_where_narratives_are(database: Any) -> None:
    database["elsewhere_narratives"].insert_one(a_document(0))
    with pytest.raises(CommandError, match=f"Narratives are in: {database.name}.elsewhere_narratives"):
        run(database)


def test_without_an_address_the_cure_is_named(settings: Settings) -> None:
    settings.MONGODB_URI = ""
    with pytest.raises(CommandError, match="MONGODB_URI is not set"):
        call_command("import_narratives")
