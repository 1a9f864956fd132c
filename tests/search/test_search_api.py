"""`GET /v1/search` and `GET /v1/topics/trending`: what clients read, and that nothing they send breaks it."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone
from gunicorn.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from classification.taxonomy import FeedCategory
from ingestion.models import StoryRaw
from search.api import MAX_QUERY_CHARS
from tests.search.make import a_shown_story

pytestmark = pytest.mark.django_db
UNLIMITED = {"client": None, "admin": None, "trigger": None}
QUERIES = st.text(
    alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("\"'-OR*:()^+&|!<>\\%_;\0 {}é")), max_size=600
)
VALUES = st.one_of(st.text(max_size=20), st.sampled_from(["world", "10", "recency", "0001-01-01T00:00:00+10:00"]))
NAMES = st.sampled_from(["category", "source", "published_after", "published_before", "sort", "limit", "offset"])


@pytest.fixture(autouse=True)
def _unlimited(settings: Any) -> None:
    settings.NTRL_THROTTLE = UNLIMITED
    cache.clear()


def ask(client: Client, path: str = "/v1/search", **parameters: Any) -> Any:
    response = client.get(path, parameters)
    assert response.status_code == 200, response.content
    return response.json()


def test_the_answer_has_the_fields_that_clients_read(client: Client) -> None:
    story = a_shown_story("Council repairs a bridge", brief="About a bridge.", category=FeedCategory.US)
    answer = ask(client, q="Bridge", limit=5)
    item = answer["items"][0]
    assert isinstance(item.pop("rank"), float)
    assert answer | {"items": [item]} == {
        "query": "Bridge",
        "total": 1,
        "limit": 5,
        "offset": 0,
        "items": [
            {
                "id": str(story.pk),
                "feed_title": "Council repairs a bridge",
                "feed_summary": "Summary.",
                "detail_title": "Council repairs a bridge",
                "detail_brief": "About a bridge.",
                "source_name": "Herald",
                "source_slug": "herald",
                "source_url": story.original_url,
                "feed_category": "us",
                "published_at": "2026-03-01T11:00:00Z",
                "has_manipulative_content": False,
            }
        ],
        "facets": {
            "categories": [{"key": "us", "label": "U.S.", "count": 1}],
            "sources": [{"key": "herald", "label": "Herald", "count": 1}],
        },
        "suggestions": [],
    }


def test_categories_and_sources_may_be_repeated(client: Client) -> None:
    a_shown_story("World bridge")
    a_shown_story("Local bridge", category=FeedCategory.LOCAL)
    a_shown_story("Sports bridge", category=FeedCategory.SPORTS)
    assert ask(client, q="bridge", category=["world", "sports"])["total"] == 2
    assert ask(client, q="bridge", source=["herald", "nobody"])["total"] == 3
    assert ask(client, source="herald", published_after="2026-03-01T11:00:00Z")["total"] == 3
    assert ask(client, published_before="2026-03-01T11:00:00Z")["total"] == 0


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"q": "x" * 10_000}, "q"),
        ({"q": "a\0b"}, "q"),
        ({"category": "gossip"}, "category"),
        ({"published_after": "yesterday"}, "published_after"),
        ({"sort": "price"}, "sort"),
        ({"published_before": ""}, "published_before"),
        ({"limit": ""}, "limit"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": 10**30}, "offset"),
    ],
)
def test_wrong_values_are_named(client: Client, parameters: dict[str, Any], field: str) -> None:
    response = client.get("/v1/search", parameters)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"].startswith(field)


@pytest.mark.parametrize("letter", ["a", "é", "각", "🙂"])
def test_the_longest_query_that_is_allowed_fits_a_request(client: Client, letter: str) -> None:
    query = letter * MAX_QUERY_CHARS
    rest = {"category": "entertainment", "sort": "relevance", "limit": 100, "offset": 10_000}
    line = f"GET /v1/search?{urlencode({'q': query, **rest})} HTTP/1.1"
    assert len(line) <= Config().limit_request_line
    assert ask(client, q=query)["total"] == 0
    assert client.get("/v1/search", {"q": query + letter}).status_code == 422


def test_topics(client: Client) -> None:
    a_shown_story("Storm Alma reaches the coast")
    a_shown_story("Ferries wait for Storm Alma")
    StoryRaw.objects.update(published_at=timezone.now() - timedelta(hours=2))
    answer = ask(client, "/v1/topics/trending", window_hours=3)
    assert answer["window_hours"] == 3
    assert answer["generated_at"].endswith("Z")
    (topic,) = answer["topics"]
    assert topic.pop("sample_headline") in {"Storm Alma reaches the coast", "Ferries wait for Storm Alma"}
    assert topic == {"term": "storm alma", "label": "Storm Alma", "count": 2}
    assert ask(client, "/v1/topics/trending", window_hours=1)["topics"] == []
    assert client.get("/v1/topics/trending", {"window_hours": 169}).status_code == 422


@override_settings(NTRL_THROTTLE=UNLIMITED)
class TestAnything(TestCase):
    """A client may send what it likes."""

    @classmethod
    def setUpTestData(cls) -> None:
        a_shown_story("Council repairs a bridge", full="A word o 1 é.")

    @settings(max_examples=60)
    @given(q=QUERIES, rest=st.dictionaries(NAMES, VALUES, max_size=2))
    def test_it_is_answered_or_refused(self, q: str, rest: dict[str, str]) -> None:
        response = self.client.get(f"/v1/search?{urlencode({'q': q, **rest})}")
        assert response.status_code in {200, 422}, response.content
