"""Adding sources changes none that is there; a list written out makes the same sources again."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from ingestion.models import Source
from ingestion.opml import OpmlError
from ingestion.sources import Refusal, export_opml, forget_health, load_opml, load_sources, starter_sources
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


def opml(*outlines: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="2.0"><body>{"".join(outlines)}</body></opml>'.encode()


def feed(url: str, text: str = "", more: str = "") -> str:
    return f'<outline type="rss" text="{text}" xmlUrl="{url}" {more}/>'


def test_a_readers_list_becomes_sources() -> None:
    result = load_opml(
        opml(
            feed("https://a.example/rss", "The Herald", 'htmlUrl="https://a.example/"'),
            f'<outline text="Europe">{feed("https://b.example/rss?x=1&amp;y=2", "Der Bote")}</outline>',
            feed("https://news.c.example/rss"),
        )
    )

    assert (result.added, result.kept, result.refused) == (("the-herald", "der-bote", "news-c-example"), (), ())
    herald, bote, nameless = (Source.objects.get(slug=slug) for slug in result.added)
    assert (herald.name, herald.homepage_url, herald.priority) == ("The Herald", "https://a.example/", 99)
    assert (bote.rss_url, bote.default_section) == ("https://b.example/rss?x=1&y=2", "Europe")
    assert nameless.name == "news.c.example"
    assert all(source.is_active and not source.health_reason for source in (herald, bote, nameless))


def test_slugs_are_made_unique() -> None:
    a_source("news", rss_url="https://other.example/rss")
    long = "x" * 100
    names = ["News", "News!", "NEWS", "Новости", "新闻", long, long]

    result = load_opml(opml(*(feed(f"https://h{n}.example/rss", name) for n, name in enumerate(names))))

    first, second = "x" * 80, "x" * 78 + "-2"
    assert result.added == ("news-2", "news-3", "news-4", "h3-example", "h4-example", first, second)


def test_a_feed_that_is_there_or_comes_twice_is_kept_as_it_is() -> None:
    a_source("herald", priority=1)
    twice = feed("https://new.example/rss", "New")

    result = load_opml(opml(feed("https://herald.example/feed.xml", "Renamed"), twice, f"<outline>{twice}</outline>"))

    assert (result.added, result.kept) == (("new",), ("herald", "new"))
    assert list(Source.objects.values_list("name", "priority").order_by("slug")) == [("Herald", 1), ("New", 99)]


@pytest.mark.parametrize(
    ("outline", "name", "reason"),
    [
        (feed("ftp://h.example/rss", "Old"), "Old", "cannot be used: scheme 'ftp'"),
        (feed("javascript:alert(1)", ""), "javascript:alert(1)", "scheme 'javascript'"),
        (feed("http://192.168.0.9/rss", "Inside"), "Inside", "not a public address"),
        (feed("http://localhost/rss", "Here"), "Here", "not a public address"),
        (feed("https://u:p@h.example/rss", "Secret"), "Secret", "credentials"),
        (feed("https://exa mple/rss", "Gap"), "Gap", "cannot be used"),
        (feed(f"https://h.example/{'x' * 2000}", "Long"), "Long", "longer than 2000 characters"),
        (feed("", "Nowhere"), "Nowhere", "none is given"),
        (feed("", ""), "(untitled)", "none is given"),
        (feed("https://h.example/r", "Rank", 'ntrl:priority="first"'), "Rank", "priority: "),
        (feed("https://h.example/r", "Rank", 'ntrl:priority="-1"'), "Rank", "priority: "),
        (feed("https://h.example/r", "Far", 'ntrl:home-country="usa"'), "Far", "home_country: "),
        (feed("https://h.example/r", "Slug", 'ntrl:slug="no slug!"'), "Slug", "slug: "),
    ],
)
def test_one_that_cannot_be_a_source_is_named_and_the_others_are_added(outline: str, name: str, reason: str) -> None:
    result = load_opml(opml(feed("https://a.example/", "A"), outline, feed("https://b.example/", "B")))

    assert result.added == ("a", "b")
    [refusal] = result.refused
    assert isinstance(refusal, Refusal)
    assert refusal.source == name
    assert reason in refusal.reason


@pytest.mark.parametrize(
    "site", ["h.example", "javascript:alert(1)", "ftp://h.example/", "http://10.0.0.1/", "https://"]
)
def test_a_careless_word_for_the_site_costs_only_the_site(site: str) -> None:
    result = load_opml(opml(feed("https://h.example/rss", "Herald", f'htmlUrl="{site}"')))

    assert result.added == ("herald",)
    assert Source.objects.get().homepage_url == ""


def test_a_file_that_is_no_list_adds_nothing() -> None:
    broken = opml(feed("https://a.example/rss", "A"))[:-10]
    with pytest.raises(OpmlError):
        load_opml(broken)
    assert not Source.objects.exists()


KEPT = ("name", "slug", "rss_url", "homepage_url", "home_country", "default_section", "priority", "is_active")


def kept() -> list[dict[str, Any]]:
    return list(Source.objects.order_by("slug").values(*KEPT))


def test_what_is_exported_makes_the_same_sources_again() -> None:
    load_sources(starter_sources())
    a_source("odd", name='A "quoted" <b>&amp; name</b> — Новости 🗞', default_section="U.S. / world, politics")
    a_source("off", is_active=False, health_reason="The server said 410 (gone)", priority=0)
    a_source("bare", homepage_url="", home_country="gb", rss_url="https://bare.example/?a=1&b=%20x")
    before = kept()
    exported = export_opml()
    Source.objects.all().delete()

    result = load_opml(exported.document.encode())

    assert kept() == before
    assert len(result.added) == exported.sources == len(before)
    assert Source.objects.get(slug="off").health_reason != ""
    assert export_opml() == exported


def test_loading_an_export_where_it_came_from_changes_nothing() -> None:
    load_sources(starter_sources())
    before = kept()

    result = load_opml(export_opml().document.encode())

    assert (result.added, len(result.kept), kept()) == ((), len(before), before)


def test_nothing_is_exported_as_an_empty_list() -> None:
    exported = export_opml()

    assert exported.sources == 0
    assert load_opml(exported.document.encode()).added == ()


def test_a_source_that_begins_anew_is_due_and_has_no_history() -> None:
    source = a_source(etag='"x"', last_modified="y", consecutive_failures=3, health_reason="The server said 404")

    forget_health(source)

    assert (source.etag, source.last_modified, source.consecutive_failures, source.health_reason) == ("", "", 0, "")
    assert source.next_attempt_at is None
