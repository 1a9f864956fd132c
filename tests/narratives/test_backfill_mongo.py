"""The backfill over a MongoDB: the driver's own client on a real socket, and a real server when one is named."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from bson import ObjectId
from pymongo import MongoClient
from pytest_django.fixtures import Settings

from narratives.stores.base import Unfocused
from narratives.stores.connection import connect
from narratives.stores.mongo import MongoStore
from ntrl.stages.models import Claim, PipelineLog, StageRun
from tests.support.backfilling import (
    DECEMBER,
    Scripted,
    a_document,
    always,
    backfill,
    command,
    document_of,
    three_in_ten_fail,
)
from tests.support.mongo_server import MongoServer

pytestmark = pytest.mark.django_db

TEST_URI = os.environ.get("MONGODB_TEST_URI", "")
Document = dict[str, Any]


class Place:
    """A database of this test's own."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.name = f"ntrl_{uuid4().hex[:12]}"
        self.client: MongoClient[Document] = MongoClient(uri, tz_aware=True)
        self.narratives = self.client[self.name]["narratives"]

    def store(self) -> MongoStore:
        return MongoStore(connect(self.uri), host="the test's", since=DECEMBER, database=self.name)

    def command(self, *args: str) -> tuple[int, str]:
        return command("--database", self.name, *args)

    def contents(self) -> dict[str, list[Document]]:
        """All collections of the database, whole."""
        database = self.client[self.name]
        return {name: list(database[name].find(sort=[("_id", 1)])) for name in database.list_collection_names()}

    def foci(self) -> dict[Any, Any]:
        return {each["_id"]: each.get("narrative_focus") for each in self.narratives.find()}


@pytest.fixture(params=["loopback", *(["real"] if TEST_URI else [])])
def place(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Place]:
    with MongoServer() as server:
        place = Place(server.uri if request.param == "loopback" else TEST_URI)
        settings.MONGODB_URI = place.uri
        yield place
        place.client.drop_database(place.name)
        place.client.close()


def test_fifty_documents(place: Place) -> None:
    place.narratives.insert_many(a_document(number) for number in range(50))
    before = place.contents()["narratives"]
    status, said = place.command("--by", "rules")
    assert status == 0, said
    lines = said.splitlines()
    assert lines[0].startswith(f"Store: mongo: {place.name}.narratives at ")
    assert lines[1] == "Found 50 narratives without a focus"
    assert "Processed 50/50 narratives" in lines
    assert "50 filled, 0 filled by others meanwhile, 0 failed; 0 still without a focus" in said
    after = place.contents()
    assert list(after) == ["narratives"], "nothing was paid, so nothing is noted"
    for old, new in zip(before, after["narratives"], strict=True):
        focus = new.pop("narrative_focus")
        assert 2 <= len(focus.split()) <= 5
        assert focus == focus.lower()
        assert new == old


@pytest.mark.parametrize("focus", [None, "", " ", "\n\t ", "\u00a0\u3000", "\u2003"])
def test_what_counts_as_missing(place: Place, focus: str | None) -> None:
    place.narratives.insert_one(a_document(1, narrative_focus=focus))
    assert place.command("--by", "rules")[0] == 0
    assert place.foci()[a_document(1)["_id"]]


@pytest.mark.parametrize("focus", ["price surge", "x", " kept as it is ", "unknown", 7, False])
def test_what_is_there_stays(place: Place, focus: object) -> None:
    place.narratives.insert_one(a_document(1, narrative_focus=focus))
    assert "Found 0 narratives" in place.command("--by", "rules")[1]
    assert place.foci()[a_document(1)["_id"]] == focus


EARLIER, LATER = DECEMBER - timedelta(milliseconds=1), DECEMBER


@pytest.mark.parametrize(
    ("dates", "is_filled"),
    [
        ({"first_detected_at": LATER}, True),
        ({"first_detected_at": EARLIER}, False),
        ({"first_detected_at": EARLIER, "first_seen": LATER}, False),
        ({"first_detected_at": LATER, "first_seen": EARLIER}, True),
        ({"first_detected_at": None, "first_seen": LATER}, True),
        ({"first_detected_at": None, "first_seen": EARLIER}, False),
        ({"first_detected_at": None}, False),
        ({"first_detected_at": "2026-01-01"}, False),
    ],
)
def test_nothing_from_before_december_is_touched(place: Place, dates: Document, is_filled: bool) -> None:
    document = {name: value for name, value in {**a_document(1), **dates}.items() if value is not None}
    place.narratives.insert_one(document)
    status, said = place.command("--by", "rules")
    assert status == 0
    assert bool(place.foci()[document["_id"]]) == is_filled
    has_no_date = "first_seen" not in dates and not hasattr(dates["first_detected_at"], "year")
    assert ("1 without a focus have no date" in said) == has_no_date


def test_since_moves_the_line(place: Place) -> None:
    place.narratives.insert_many([a_document(0), a_document(48)])
    assert place.command("--by", "rules", "--since", "2025-12-03")[0] == 0
    assert [bool(focus) for focus in place.foci().values()] == [False, True]


def test_a_focus_goes_into_a_fingerprint_that_is_kept_beside(place: Place) -> None:
    fingerprint = {"nucleus_entity": "SEC", "top_actors": ["Binance"]}
    place.narratives.insert_many([a_document(1, fingerprint=fingerprint), a_document(2, fingerprint=None)])
    assert place.command("--by", "rules")[0] == 0
    first, second = place.contents()["narratives"]
    assert first["fingerprint"] == {**fingerprint, "narrative_focus": first["narrative_focus"]}
    assert second["fingerprint"] is None
    assert second["narrative_focus"]


def test_a_dry_run_writes_nothing_and_says_what_it_would_do(place: Place) -> None:
    place.narratives.insert_many(a_document(number) for number in range(120))
    place.narratives.insert_one(a_document(120, summary=" "))
    place.narratives.insert_one(a_document(121, title="\x1b[2J a title\nof two lines"))
    before = place.contents()
    status, said = place.command("--by", "rules", "--dry-run")
    assert status == 0
    assert place.contents() == before
    assert "122 narratives would be done, nothing is written" in said
    assert [line for line in said.splitlines() if line.startswith("  - ")] == [
        f"  - {number:024x}: Narrative {number}" for number in range(5)
    ]
    assert "1 of them have no summary and would fail" in said
    assert "0 tokens in, 0 out, 0.0000 USD" in said
    assert not StageRun.objects.exists()
    assert not PipelineLog.objects.exists()
    found = document_of("--database", place.name, "--dry-run")
    assert (found["planned"], found["found"], found["cost_usd"], len(found["first"])) == (122, 122, None, 5)
    assert "\x1b" not in place.command("--dry-run", "--since", "2025-12-06T01:00")[1]


def test_rules_do_not_write_to_a_foreign_store_unasked(place: Place) -> None:
    place.narratives.insert_one(a_document(1))
    before = place.contents()
    status, said = place.command()
    assert (status, "--by rules" in said) == (2, True)
    assert place.contents() == before
    assert place.command("--dry-run")[0] == 0


def test_a_wrong_database_is_an_error_that_says_where_narratives_are(place: Place) -> None:
    place.narratives.insert_one(a_document(1))
    place.client[place.name]["articles"].insert_one({"title": "no narrative"})
    for args in (["--dry-run"], ["--by", "rules"]):
        status, said = command(*args, "--database", f"{place.name}_x")
        assert status == 1
        assert f"{place.name}_x.narratives" in said
        assert f"{place.name}.narratives" in said
        assert "articles" not in said
    assert command("--by", "rules", "--database", "no/name")[0] == 1


def test_an_empty_server_is_an_error(place: Place) -> None:
    status, said = place.command("--by", "rules")
    assert status == 1
    assert "holds no documents" in said


def test_a_narrative_without_a_summary_fails_by_its_id(place: Place) -> None:
    summaries: list[Any] = [None, "", "  \n", 5, "It was. He is.", a_document(1)["summary"]]
    place.narratives.insert_many(a_document(number, summary=each) for number, each in enumerate(summaries))
    status, said = place.command("--by", "rules")
    assert status == 1
    assert "1 filled" in said
    for number in range(5):
        assert f"  failed: {number:024x}: " in said
    assert "run it again" in said


def test_thirty_percent_of_failing_calls(place: Place) -> None:
    place.narratives.insert_many(a_document(number) for number in range(200))
    result = backfill(place.store(), Scripted(three_in_ten_fail))
    missing = {str(key) for key, focus in place.foci().items() if not focus}
    assert 30 < len(missing) < 100
    assert result.tally.failed.keys() == missing
    assert set(result.tally.failed.values()) == {"http_500: the provider is ill"}
    assert (result.tally.filled, result.missing) == (200 - len(missing), len(missing))
    again = Scripted(always)
    assert backfill(place.store(), again).missing == 0
    assert set(again.asked) == missing, "what is done is not asked for again"
    assert not Claim.objects.exists()


def test_a_bug_in_one_call_is_that_narratives_alone(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place.narratives.insert_many(a_document(number) for number in range(10))

    def odd(narrative: Unfocused) -> str:
        if narrative.title == "Narrative 3":
            raise ZeroDivisionError("odd")
        return "fund approval"

    result = backfill(place.store(), Scripted(odd))
    assert result.tally.failed == {f"{3:024x}": "bug: ZeroDivisionError: odd"}
    assert result.tally.filled == 9
    assert "Traceback" in caplog.text


def test_what_is_edited_meanwhile_is_not_overwritten(place: Place) -> None:
    place.narratives.insert_many(a_document(number) for number in range(20))
    edited = a_document(7)["_id"]

    def slow(narrative: Unfocused) -> str:
        if narrative.key == edited:
            place.narratives.update_one({"_id": edited}, {"$set": {"narrative_focus": "an editor's", "title": "New"}})
        return "fund approval"

    result = backfill(place.store(), Scripted(slow))
    assert (result.tally.filled, result.tally.filled_by_others, result.missing) == (19, 1, 0)
    document = place.narratives.find_one({"_id": edited}) or {}
    assert (document["narrative_focus"], document["title"]) == ("an editor's", "New")


def test_ids_of_several_types_are_all_met(place: Place) -> None:
    keys: list[Any] = [3, "b", ObjectId(), b"raw", 2.5, "a", ObjectId(), DECEMBER]
    place.narratives.insert_many(a_document(number, _id=key) for number, key in enumerate(keys))
    result = backfill(place.store(), Scripted(always), batch_size=2)
    assert (result.tally.filled, result.missing) == (8, 0)
    assert len(result.tally.failed) == 0


@pytest.mark.parametrize("summary", ["", "Kraken applied for a bank charter."])
def test_an_id_that_is_null_is_met_once(place: Place, summary: str) -> None:
    place.narratives.insert_many([a_document(1, _id=None, summary=summary), a_document(2), a_document(3, _id=7)])
    result = backfill(place.store(), Scripted(always), batch_size=1)
    assert (result.tally.filled, len(result.tally.failed)) == ((2, 1) if not summary else (3, 0))


def test_a_focus_that_stands_inside_a_fingerprint_alone_is_copied_and_nobody_asked(place: Place) -> None:
    kept = {"nucleus_entity": "Kraken", "narrative_focus": "bank charter bid"}
    insides = [kept, {"narrative_focus": " "}, {"narrative_focus": 7}]
    place.narratives.insert_many(a_document(number, fingerprint=inside) for number, inside in enumerate(insides))
    place.narratives.insert_one(a_document(3, fingerprint=kept, summary=""))
    asked: list[str] = []

    def answer(narrative: Unfocused) -> str:
        asked.append(narrative.label)
        return "fund approval"

    result = backfill(place.store(), Scripted(answer))
    assert (result.tally.filled, result.missing, len(asked)) == (4, 0, 2)
    rows = [
        (row["narrative_focus"], row["fingerprint"]["narrative_focus"])
        for row in place.narratives.find(sort=[("_id", 1)])
    ]
    charter = ("bank charter bid", "bank charter bid")
    assert rows == [charter, ("fund approval", "fund approval"), ("fund approval", 7), charter]


def test_a_focus_that_comes_into_a_fingerprint_meanwhile_stays(place: Place) -> None:
    place.narratives.insert_one(a_document(1, fingerprint={}))

    def answer(narrative: Unfocused) -> str:
        place.narratives.update_one({}, {"$set": {"fingerprint.narrative_focus": "bank charter bid"}})
        return "fund approval"

    assert backfill(place.store(), Scripted(answer)).missing == 1
    assert backfill(place.store(), Scripted(always)).missing == 0
    assert set(place.foci().values()) == {"bank charter bid"}


def test_limit_and_batches(place: Place) -> None:
    place.narratives.insert_many(a_document(number) for number in range(30))
    status, said = place.command("--by", "rules", "--limit", "12", "--batch-size", "5")
    assert status == 1, "some are still missing"
    assert "12 processed, 12 filled" in said
    assert "18 still without a focus" in said
    assert sum(map(bool, place.foci().values())) == 12
    assert place.command("--by", "rules")[0] == 0
