"""What a search finds, in which order, and how it counts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from classification.taxonomy import FeedCategory
from search.matching import POSTGRESQL, Sort
from search.selectors import SearchRequest, search
from search.suggesting import Kind
from tests.search.make import a_shown_story
from tests.support.factories import NOON, a_source

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_kept_topics() -> None:
    cache.clear()


def found(query: str = "", **narrowed: Any) -> list[str]:
    return [hit.version.feed_title for hit in search(SearchRequest(query, **narrowed), now=NOON).hits]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("bridge", ["Council repairs a bridge", "A bridge in Zürich"]),
        ("BRIDGES", ["Council repairs a bridge", "A bridge in Zürich"]),
        ("repairing bridge", ["Council repairs a bridge"]),
        ("zurich", ["A bridge in Zürich"]),
        ("Zürich", ["A bridge in Zürich"]),
        ("bridge -zurich", ["Council repairs a bridge"]),
        ('"repairs a bridge"', ["Council repairs a bridge"]),
        ('"bridge repairs"', []),
        ("council OR tunnel", ["Council repairs a bridge", "The tunnel opens"]),
        ("full-time", ["The tunnel opens"]),
        ("U.S.", ["The tunnel opens"]),
        ("bridge nowhere", []),
        ("-bridge", []),
        ("🙂", []),
    ],
)
def test_words(query: str, titles: list[str]) -> None:
    a_shown_story("Council repairs a bridge", hours_ago=1)
    a_shown_story("A bridge in Zürich", hours_ago=2)
    a_shown_story("The tunnel opens", full="Full-time work in the U.S. has ended.", hours_ago=3)
    assert found(query, sort=Sort.RECENCY) == titles


def test_a_headline_goes_before_a_brief_and_that_before_the_text() -> None:
    a_shown_story("A text", full="About a bridge.", hours_ago=1)
    a_shown_story("A brief", brief="About a bridge.", hours_ago=2)
    a_shown_story("A bridge", hours_ago=3)
    assert found("bridge") == ["A bridge", "A brief", "A text"]
    assert found("bridge", sort=Sort.RECENCY) == ["A text", "A brief", "A bridge"]
    ranks = [hit.rank for hit in search(SearchRequest("bridge"), now=NOON).hits]
    assert all(rank is not None and rank > 0 for rank in ranks)


def test_without_a_query_there_are_all_stories_the_newest_first() -> None:
    a_shown_story("Older", hours_ago=2)
    a_shown_story("Newer", hours_ago=1)
    result = search(SearchRequest("  "), now=NOON)
    assert [(hit.version.feed_title, hit.rank) for hit in result.hits] == [("Newer", None), ("Older", None)]


def test_categories_sources_and_times_narrow() -> None:
    herald, other = a_source("herald"), a_source("other")
    a_shown_story("World bridge", source=herald, hours_ago=3)
    a_shown_story("Local bridge", source=herald, category=FeedCategory.LOCAL, hours_ago=2)
    a_shown_story("Sports bridge", source=other, category=FeedCategory.SPORTS, hours_ago=1)
    a_shown_story("Unfiled bridge", source=other, category=None, hours_ago=4)
    newest = {"sort": Sort.RECENCY}
    assert found("bridge", categories=("world", "sports"), **newest) == ["Sports bridge", "World bridge"]
    assert found("bridge", source_slugs=("herald",), **newest) == ["Local bridge", "World bridge"]
    assert found("bridge", source_slugs=("herald", "nobody"), **newest) == ["Local bridge", "World bridge"]
    assert found("bridge", source_slugs=("nobody",)) == []
    since, until = NOON - timedelta(hours=3), NOON - timedelta(hours=1)
    assert found("bridge", after=since, before=until, **newest) == ["Local bridge", "World bridge"]
    assert found("", categories=("local",)) == ["Local bridge"]


def test_facets_count_the_whole_result() -> None:
    herald, other = a_source("herald"), a_source("other")
    for number in range(3):
        a_shown_story(f"Bridge {number}", source=herald, category=FeedCategory.SPORTS)
    a_shown_story("Bridge", source=other)
    a_shown_story("Bridge of nobody", source=other, category=None)
    result = search(SearchRequest("bridge", limit=1, offset=1), now=NOON)
    assert (result.total, len(result.hits)) == (5, 1)
    assert [(facet.key, facet.label, facet.count) for facet in result.categories] == [
        ("world", "World", 1),
        ("sports", "Sports", 3),
    ]
    assert [(facet.key, facet.label, facet.count) for facet in result.sources] == [
        ("herald", "Herald", 3),
        ("other", "Other", 2),
    ]


def test_pages_hold_every_story_once(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = set()
    for number in range(7):
        a_shown_story(f"Story {number}", full="A bridge. " * (number % 3 + 1), hours_ago=number)
        expected.add(f"Story {number}")
    a_shown_story("The old bridge", hours_ago=100)
    monkeypatch.setattr("search.matching.POSTGRESQL", replace(POSTGRESQL, block=4))
    pages = [found("bridge", limit=3, offset=offset) for offset in range(0, 12, 3)]
    assert [len(page) for page in pages] == [3, 3, 2, 0]
    assert pages[0][0] == "The old bridge"
    assert {title for page in pages for title in page} == expected | {"The old bridge"}


def test_a_search_takes_so_many_queries_however_much_there_is(django_assert_num_queries: Any) -> None:
    for number in range(30):
        a_shown_story(f"Bridge {number}")
    # Sources, counts, page, versions.
    search(SearchRequest("bridge"), now=NOON)
    with django_assert_num_queries(4):
        assert len(search(SearchRequest("bridge"), now=NOON).hits) == 20


def test_suggestions() -> None:
    herald = a_source("herald", name="Sporting Herald")
    a_shown_story("Storm Spora reaches the coast", source=herald)
    a_shown_story("Ferries wait for Storm Spora", source=herald, category=FeedCategory.SPORTS)
    suggestions = search(SearchRequest("Spor"), now=NOON).suggestions
    assert [(each.type, each.value, each.label, each.count) for each in suggestions] == [
        (Kind.SECTION, "sports", "Sports", 1),
        (Kind.PUBLISHER, "herald", "Sporting Herald", 2),
        (Kind.RECENT, "storm spora", "Storm Spora", 2),
    ]
    assert search(SearchRequest("s"), now=NOON).suggestions == ()
    assert search(SearchRequest(""), now=NOON).suggestions == ()
