"""A compiled statement asks and writes what Django's own would; its SQL is built once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from django.db.models import Q
from django.db.models.functions import Coalesce

from ntrl.stages.compiled import Parameter, Statement, delete, existence, insert, insert_alike, insert_one, update
from ntrl.stages.models import Claim, LogStatus, PipelineLog, RunStatus, StageRun

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONE, TWO = UUID(int=1), UUID(int=2)

pytestmark = pytest.mark.django_db


def a_row(key: str = "a", **fields: Any) -> PipelineLog:
    usual = {"trace_id": "t", "stage": "fake", "status": LogStatus.COMPLETED, "started_at": NOW, "finished_at": NOW}
    return PipelineLog(**{**usual, "item_key": key, "story_raw_id": ONE, "duration_ms": 5, **fields})


def keys() -> list[str]:
    return sorted(PipelineLog.objects.values_list("item_key", flat=True))


def parameter(field: str, name: str = "") -> Parameter:
    return Parameter(name or field, PipelineLog, field)


CONDITIONS: list[tuple[Any, dict[str, Any], list[str]]] = [
    (lambda: Q(story_raw_id=parameter("story_raw_id")), {"story_raw_id": TWO}, ["b"]),
    (lambda: ~Q(story_raw_id=parameter("story_raw_id")), {"story_raw_id": TWO}, ["a", "c"]),
    (lambda: Q(item_key__in=[parameter("item_key", f"k{n}") for n in range(2)]), {"k0": "c", "k1": "%s'"}, ["c"]),
    (
        lambda: Q(finished_at__range=(parameter("finished_at", "since"), parameter("finished_at", "until"))),
        {"since": NOW, "until": NOW + HOUR},
        ["a", "b"],
    ),
    (lambda: Q(item_key=parameter("item_key")) | Q(status="failed"), {"item_key": "a"}, ["a", "c"]),
    (lambda: Q(duration_ms__gt=parameter("duration_ms")), {"duration_ms": 5}, []),
]


@pytest.mark.parametrize(("condition", "values", "expected"), CONDITIONS)
def test_it_finds_what_django_finds(condition: Any, values: dict[str, Any], expected: list[str]) -> None:
    insert([a_row(), a_row("b", story_raw_id=TWO, finished_at=NOW + HOUR)])
    insert([a_row("c", status=LogStatus.FAILED, finished_at=NOW - HOUR)])
    rows = PipelineLog.objects.order_by("item_key").filter

    assert Statement(lambda: rows(condition()).values_list("item_key")).rows(**values) == [(key,) for key in expected]
    assert Statement(lambda: existence(rows(condition()))).exists(**values) is bool(expected)
    assert Statement(lambda: update(rows(condition()), error_message="x")).run(**values) == len(expected)
    assert sorted(PipelineLog.objects.filter(error_message="x").values_list("item_key", flat=True)) == expected
    assert Statement(lambda: delete(rows(condition()))).run(**values) == len(expected)
    assert keys() == sorted({"a", "b", "c"} - set(expected))


def test_values_come_back_as_django_gives_them() -> None:
    insert([a_row()])
    columns = ("story_raw_id", "started_at", "duration_ms", Coalesce("story_raw_id", "story_raw_id"))
    rows = PipelineLog.objects.values_list(*columns)

    assert Statement(lambda: rows.all()).rows() == list(rows) == [(ONE, NOW, 5, ONE)]


def test_it_is_built_once_and_takes_new_values_each_time() -> None:
    built = []

    def build() -> Any:
        built.append(1)
        return PipelineLog.objects.filter(item_key=parameter("item_key")).values_list("item_key")

    statement = Statement(build)
    insert([a_row(), a_row("b")])

    assert [statement.rows(item_key=key) for key in "abc"] == [[("a",)], [("b",)], []]
    assert len(built) == 1


def test_documents_can_be_written() -> None:
    run = StageRun.objects.create(stage="fake", owner="me", started_at=NOW, heartbeat_at=NOW, status=RunStatus.RUNNING)
    rows = StageRun.objects.filter(pk=Parameter("pk", StageRun, "id"))

    Statement(lambda: update(rows, counts=Parameter("counts", StageRun, "counts"))).run(pk=run.pk, counts={"a": 1})

    run.refresh_from_db()
    assert run.counts == {"a": 1}


def test_a_value_must_be_given_and_not_be_none() -> None:
    statement = Statement(lambda: existence(PipelineLog.objects.filter(story_raw_id=parameter("story_raw_id"))))

    with pytest.raises(KeyError, match="story_raw_id"):
        statement.exists()
    with pytest.raises(ValueError, match="story_raw_id is None"):
        statement.exists(story_raw_id=None)


def test_inserted_rows_are_as_django_inserts_them() -> None:
    odd = {"entry_url": "%s 'x' \N{SNOWMAN}", "story_raw_id": None, "retry_count": 3}
    a_row(**odd).save()
    insert([a_row(**odd), a_row(**odd)])
    insert([])

    first, *others = PipelineLog.objects.order_by("pk").values()
    assert len(others) == 2
    assert all({**other, "id": first["id"]} == first for other in others)


def test_rows_that_differ_in_one_field_are_written_together() -> None:
    row = a_row(entry_url="%s")

    insert_alike(row, "item_key", ["b", "c", "b"])
    insert_alike(row, "item_key", [])
    row.save()

    last, *others = PipelineLog.objects.order_by("-pk").values()
    assert [other["item_key"] for other in others] == ["b", "c", "b"]
    assert all({**other, "id": last["id"], "item_key": "a"} == last for other in others)


def a_claim(**fields: Any) -> Claim:
    return Claim(stage="fake", item_key="a", owner="me", until=NOW, **fields)


def test_one_row_gets_its_number() -> None:
    claim = a_claim(token=uuid4())

    assert insert_one(claim)
    claim.reason = "saved again"
    claim.save()
    assert Claim.objects.get() == claim


def test_of_two_alike_the_second_is_left_out_or_refused() -> None:
    assert insert_one(a_claim(), unless_there=True)
    second = a_claim()

    assert not insert_one(second, unless_there=True)
    assert second.pk is None
    with pytest.raises(IntegrityError):
        insert_one(second)


def test_a_row_that_breaks_a_check_is_refused_whatever_is_there() -> None:
    with pytest.raises(IntegrityError):
        insert_one(a_claim(failure_kind="nonsense"), unless_there=True)
