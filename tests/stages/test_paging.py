"""Reading a table newest first, in pages, while it is worked off."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ntrl.rules.models import Rule
from ntrl.stages import paging

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE_ROWS", 3)


def add(*minutes: int) -> None:
    """Make rules, each so many minutes old."""
    for minute in minutes:
        number = Rule.objects.count()
        Rule.objects.create(rule_set="r", key=f"{minute}/{number}", created_at=NOW - timedelta(minutes=minute))


def read() -> Iterator[Rule]:
    return paging.newest_first(Rule.objects.all(), at="created_at", key="id")


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 6, 7])
def test_every_row_comes_once_newest_first(rows: int) -> None:
    add(*range(rows))

    assert [rule.key for rule in read()] == [f"{minute}/{minute}" for minute in range(rows)]


def test_rows_of_one_moment_come_in_the_order_of_their_keys() -> None:
    add(5, 5, 1, 5, 5, 5, 5, 9, 5)

    found = list(read())

    assert len(found) == 9
    assert found == list(Rule.objects.order_by("-created_at", "id"))


def test_rows_that_leave_meanwhile_shift_nothing() -> None:
    add(*range(10))
    seen = []

    for rule in read():
        seen.append(rule.key)
        rule.delete()

    assert seen == [f"{minute}/{minute}" for minute in range(10)]


def test_rows_that_come_meanwhile_do_not_bring_others_back() -> None:
    add(*range(1, 8))
    seen = []

    for rule in read():
        seen.append(rule.key)
        add(0)

    assert len(seen) == len(set(seen)) == 7


def test_a_page_is_read_when_it_is_reached() -> None:
    add(*range(9))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        rows = read()
        assert len(queries) == 0
        next(rows)
        assert len(queries) == 1
        next(rows), next(rows)
        assert len(queries) == 1
        next(rows)
        assert len(queries) == 2
        list(rows)
        assert len(queries) == 4  # a last, empty page: nine rows are three full ones
