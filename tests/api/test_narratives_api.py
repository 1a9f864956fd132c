"""`/v1/narratives`: the list with its latest stories, one narrative, and where a merged one leads."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from narratives.models import Narrative
from narratives.selectors import STORIES_IN_LIST
from tests.narratives.make import assign, days, fingerprinted, narrative_of
from tests.support.factories import a_version

pytestmark = pytest.mark.django_db

SHAPE = {
    "id": str,
    "title": str,
    "summary": str,
    "nucleus_entity": str,
    "narrative_focus": str,
    "entities": list,
    "lifecycle_state": str,
    "article_count": int,
    "velocity": float,
    "first_detected_at": str,
    "last_article_at": str,
    "last_updated": str,
    "reactivated_count": int,
    "timeline_data": list,
    "stories": list,
    "facts": list,
}


def a_narrative(nucleus: str = "Tarrant", stories: int = 2) -> Narrative:
    """A narrative of so many stories that readers are shown."""
    made = [fingerprinted(nucleus, "van recall", nucleus, at=days(n / 4)) for n in range(stories)]
    for story in made:
        a_version(story)
    assign()
    return narrative_of(made[0])


def test_shape(client: Client) -> None:
    narrative = a_narrative()
    body = client.get(f"/v1/narratives/{narrative.id}").json()
    assert {name: type(value) for name, value in body.items()} == SHAPE
    assert body["title"] == narrative.shown_title
    assert client.get(f"/v1/narratives/{str(narrative.id).upper()}").json() == body
    assert {name: type(value) for name, value in body["stories"][0].items()} == {
        "id": str,
        "feed_title": str,
        "feed_summary": str,
        "source_name": str,
        "source_url": str,
        "published_at": str,
        "has_manipulative_content": bool,
    }
    assert set(body["timeline_data"][0]) == {"date", "article_count", "entities", "velocity"}
    [listed] = client.get("/v1/narratives").json()["results"]
    assert listed | {"facts": []} == body


def test_a_list_costs_two_queries(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for nucleus in ("Tarrant", "Merrow", "Bellweather"):
        a_narrative(nucleus, STORIES_IN_LIST + 2)
    with django_assert_num_queries(2):  # narratives, their latest stories
        results = client.get("/v1/narratives").json()["results"]
    assert [len(each["stories"]) for each in results] == [STORIES_IN_LIST] * 3
    for each in results:
        times = [story["published_at"] for story in each["stories"]]
        assert times == sorted(times, reverse=True)


def test_only_neutral_stories_are_shown(client: Client) -> None:
    story = fingerprinted("Tarrant", "van recall")
    assign()
    body = client.get(f"/v1/narratives/{narrative_of(story).id}").json()
    assert (body["article_count"], body["stories"]) == (1, [])


def test_a_merged_one_leads_to_its_survivor(client: Client) -> None:
    survivor, gone = a_narrative("Tarrant"), a_narrative("Merrow")
    Narrative.objects.filter(pk=gone.pk).update(state="merged", merged_into=survivor)
    response = client.get(f"/v1/narratives/{gone.id}")
    assert (response.status_code, response["Location"]) == (301, f"/v1/narratives/{survivor.id}")
    assert [each["id"] for each in client.get("/v1/narratives").json()["results"]] == [str(survivor.id)]


def test_filters(client: Client) -> None:
    narrative = a_narrative()
    for query, number in [
        (f"state={narrative.state}", 1),
        ("state=dormant" if narrative.state != "dormant" else "state=hot", 0),
        ("nucleus_entity=Tarrant", 1),
        ("nucleus_entity=Merrow", 0),
    ]:
        assert len(client.get(f"/v1/narratives?{query}").json()["results"]) == number
    assert client.get("/v1/narratives?state=merged").status_code == 422
