"""`/v1/brief`: the rendered brief as bytes, the last hours, past days, and the ETag that spares all of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from briefs.documents import document, only_newest
from briefs.models import DailyBrief
from briefs.services import assemble_brief
from classification.taxonomy import FeedCategory
from ntrl.stages.runner import RunOptions
from tests.support.factories import a_source, publishable

pytestmark = pytest.mark.django_db

STORY = {
    "id": str,
    "feed_title": str,
    "feed_summary": str,
    "source_name": str,
    "source_url": str,
    "publisher_url": str,
    "published_at": str,
    "has_manipulative_content": bool,
    "change_count": int,
    "position": int,
    "detail_title": str,
    "detail_brief": str,
    "detail_full": str,
    "disclosure": type(None),
}


def a_brief(*ages_in_hours: float) -> DailyBrief:
    """The current brief, of stories published so many hours ago."""
    a_source()
    now = timezone.now()
    for age in ages_in_hours:
        published = now - timedelta(hours=age)
        publishable(published_at=published, ingested_at=published)
    brief = assemble_brief(trace_id="t", options=RunOptions(workers=1)).brief
    assert brief is not None
    return brief


def test_no_brief_yet(client: Client) -> None:
    response = client.get("/v1/brief")
    assert response.status_code == 404
    assert response.json()["detail"] == "There is no brief yet."


def test_shape(client: Client) -> None:
    brief = a_brief(1, 2)
    response = client.get("/v1/brief")
    body = response.json()
    assert response["Content-Type"] == "application/json"
    assert {name: type(value) for name, value in body.items()} == {
        "id": str,
        "brief_date": str,
        "cutoff_time": str,
        "assembled_at": str,
        "sections": list,
        "total_stories": int,
        "is_empty": bool,
        "empty_message": type(None),
    }
    assert body["id"] == str(brief.id)
    assert body["assembled_at"].endswith("Z")
    assert [(each["name"], each["order"]) for each in body["sections"]] == [
        (category.value, order) for order, category in enumerate(FeedCategory)
    ]
    world = body["sections"][0]
    assert set(world) == {"name", "display_name", "order", "story_count", "stories"}
    assert world["story_count"] == 2
    assert [{name: type(value) for name, value in story.items()} for story in world["stories"]] == [STORY, STORY]
    assert body == brief.rendered


@pytest.mark.parametrize(("hours", "expected"), [(1, 1), (3, 2), (168, 3)])
def test_only_the_last_hours(client: Client, hours: int, expected: int) -> None:
    a_brief(0.5, 2, 20)
    body = client.get(f"/v1/brief?hours={hours}").json()
    assert body["total_stories"] == body["sections"][0]["story_count"] == expected
    assert [story["position"] for story in body["sections"][0]["stories"]] == list(range(expected))
    assert len(body["sections"]) == 10


def test_nothing_in_the_last_hours(client: Client) -> None:
    a_brief(5)
    body = client.get("/v1/brief?hours=1").json()
    assert (body["total_stories"], body["is_empty"], bool(body["empty_message"])) == (0, True, True)


@pytest.mark.parametrize("hours", ["0", "169", "-1", "1.5", "x", "", "9" * 5000, "\x00"])
def test_hours_that_are_none(client: Client, hours: str) -> None:
    a_brief(1)
    response = client.get("/v1/brief", {"hours": hours})
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["hours"]


def test_past_days(client: Client) -> None:
    brief = a_brief(1)
    assert client.get(f"/v1/brief/{brief.brief_date}").json()["id"] == str(brief.id)
    for day in ("2020-01-01", "2020-02-30", "2020-1-1", "today"):
        response = client.get(f"/v1/brief/{day}")
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"


def test_250_stories_cost_two_queries_at_first_then_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    a_brief(*[1 + number / 100 for number in range(250)])
    with django_assert_num_queries(2):  # the key, the rendered brief
        assert client.get("/v1/brief").json()["total_stories"] == 250
    with django_assert_num_queries(1):  # the key
        client.get("/v1/brief")


def test_the_last_hours_cost_three_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    a_brief(1, 2, 3)
    with django_assert_max_num_queries(3):  # the key, how many stories, the rendered brief
        client.get("/v1/brief?hours=2")


@pytest.mark.parametrize("address", ["/v1/brief", "/v1/brief?hours=3"])
def test_what_the_client_has_is_not_built(
    client: Client, address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    a_brief(1, 2)
    first = client.get(address)
    assert first["Cache-Control"] == "public, max-age=60"
    document.cache_clear()
    with django_assert_max_num_queries(2):  # the key; for hours how many stories: not the rendered brief
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert document.cache_info().misses == 0


def test_a_new_brief_has_another_etag(client: Client) -> None:
    a_brief(1)
    first = client.get("/v1/brief")
    assemble_brief(trace_id="t", options=RunOptions(workers=1))
    assert client.get("/v1/brief", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_unmodified_since(client: Client) -> None:
    a_brief(1)
    first = client.get("/v1/brief")
    assert client.get("/v1/brief", headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    # The last hours shrink by themselves.
    assert not client.get("/v1/brief?hours=3").has_header("Last-Modified")
    failed = client.get("/v1/brief", headers={"If-Match": '"another"'})
    assert (failed.status_code, failed.json()["title"]) == (412, "Precondition Failed")


def test_assembling(keyed: Client) -> None:
    a_source()
    now = timezone.now()
    publishable(published_at=now, ingested_at=now)
    body = keyed.post("/v1/brief/run", {"cutoff_hours": 24, "force": True}, "application/json").json()
    brief = DailyBrief.objects.get(is_current=True)
    assert (body["id"], body["brief_id"]) == (str(brief.id), str(brief.id))
    assert (body["total_stories"], body["sections"]) == (1, 1)


def test_an_empty_brief_is_refused(keyed: Client) -> None:
    a_brief(2)
    response = keyed.post("/v1/brief/run", {"cutoff_hours": 1}, "application/json")
    assert response.status_code == 409
    assert "no story since" in response.json()["detail"]
    allowed = keyed.post("/v1/brief/run", {"cutoff_hours": 1, "allow_empty": True}, "application/json")
    assert (allowed.status_code, allowed.json()["total_stories"]) == (200, 0)


@given(st.lists(st.lists(st.integers(0, 9), max_size=5), min_size=1, max_size=4), st.integers(0, 9))
def test_the_newest_are_those_since_a_time(sections: list[list[int]], since: int) -> None:
    def story(number: int) -> dict[str, Any]:
        return {"published_at": f"2026-03-01T12:00:0{number}Z", "position": 7}

    rendered = {"sections": [{"story_count": 9, "stories": [story(n) for n in numbers]} for numbers in sections]}
    newest = sum(number >= since for numbers in sections for number in numbers)
    made = only_newest(rendered, newest)
    kept = [[story["published_at"][-2] for story in section["stories"]] for section in made["sections"]]
    assert kept == [[str(number) for number in numbers if number >= since] for numbers in sections]
    assert made["total_stories"] == sum(section["story_count"] for section in made["sections"]) == newest
