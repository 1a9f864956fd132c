"""Adding sources changes none that is there."""

import pytest
from django.core.exceptions import ValidationError

from ingestion.models import Source
from ingestion.sources import load_sources, starter_sources
from tests.support.factories import a_source

pytestmark = pytest.mark.django_db


def test_the_starter_list_is_valid_and_whole() -> None:
    wanted = starter_sources()

    result = load_sources(wanted)

    assert len(result.added) == len(wanted) == Source.objects.count()
    assert result.kept == ()
    names = set(Source.objects.values_list("name", flat=True))
    assert {"Associated Press", "Reuters", "NPR", "PBS NewsHour", "Al Jazeera"} <= names
    assert all(source.home_country and source.homepage_url for source in Source.objects.all())


@pytest.mark.parametrize(("name", "priority"), [("Associated Press", 1), ("Reuters", 2), ("NPR", 4)])
def test_every_feed_of_a_publisher_has_its_priority(name: str, priority: int) -> None:
    load_sources(starter_sources())

    assert set(Source.objects.filter(name=name).values_list("priority", flat=True)) == {priority}


def test_every_feed_of_the_bbc_has_priority_3() -> None:
    load_sources(starter_sources())

    assert set(Source.objects.filter(slug__startswith="bbc").values_list("priority", flat=True)) == {3}
    assert Source.objects.filter(slug__startswith="bbc").count() >= 2


def test_loading_again_adds_nothing_and_changes_nothing() -> None:
    load_sources(starter_sources())
    edited = Source.objects.first()
    assert edited is not None
    Source.objects.filter(pk=edited.pk).update(name="Renamed", is_active=False)
    before = list(Source.objects.order_by("pk").values())

    result = load_sources(starter_sources())

    assert result.added == ()
    assert list(Source.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"slug": "herald", "name": "Other", "rss_url": "https://other.example/feed"},
        {"slug": "other", "name": "Other", "rss_url": "https://herald.example/feed.xml"},
    ],
)
def test_one_with_the_slug_or_the_feed_of_another_is_kept_as_it_is(fields: dict[str, str]) -> None:
    a_source("herald")

    result = load_sources([fields])

    assert (result.added, result.kept) == ((), (fields["slug"],))
    assert Source.objects.get().name == "Herald"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rss_url": "not an address"}, "rss_url"),
        ({"rss_url": "javascript:alert(1)"}, "rss_url"),
        ({"priority": -1}, "priority"),
        ({"name": ""}, "name"),
        ({"slug": "Not a slug!"}, "slug"),
    ],
)
def test_when_one_is_refused_none_is_added(wrong: dict[str, object], field: str) -> None:
    good = {"slug": "good", "name": "Good", "rss_url": "https://good.example/feed"}
    bad = {"slug": "bad", "name": "Bad", "rss_url": "https://bad.example/feed", **wrong}

    with pytest.raises(ValidationError, match=field):
        load_sources([good, bad])

    assert not Source.objects.exists()
