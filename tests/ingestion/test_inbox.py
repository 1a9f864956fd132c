"""What a feed's reply adds to the inbox, what a run takes from it, and what leaves it as a duplicate."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ingestion import inbox
from ingestion.inbox import Announced, NewEntry, announce, clear_story, count_takeable, take_from_inbox
from ingestion.models import EntryState, FeedEntry, Source
from tests.support.factories import NOON, a_source, a_story, a_story_without_body, an_entry

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def put(source: Source, *entries: NewEntry) -> Announced:
    return announce(source, entries, now=NOON + HOUR)


def taken(*slugs: str, most: int = 25) -> list[str]:
    return [entry.url for entry in take_from_inbox(source_slugs=slugs, max_per_source=most)]


def waiting() -> set[str]:
    return set(FeedEntry.objects.filter(state=EntryState.PENDING).values_list("url", flat=True))


def test_new_entries_wait_and_known_ones_are_counted() -> None:
    source = a_source()
    stored = a_story(source, url="https://herald.example/stored")
    old, new = an_entry("https://herald.example/old"), an_entry("https://herald.example/new")
    assert put(source, old) == Announced(new=1, duplicate=0)

    result = put(source, old, new, new, an_entry(stored.original_url))

    # `old` still waits: it is neither new nor a duplicate. `new` stands in the reply twice.
    assert result == Announced(new=1, duplicate=2)
    assert waiting() == {old.url, new.url}


def test_an_entry_is_kept_as_announced() -> None:
    entry = an_entry(
        "https://herald.example/a", "A title", description="d", author="A. Writer", updated_at=NOON, entry_id="x"
    )
    put(a_source(), entry)

    row = FeedEntry.objects.get()
    assert (row.story_id, row.url_hash, row.title_hash) == (entry.story_id, entry.url_hash, entry.title_hash)
    assert (row.title, row.description, row.author, row.entry_id) == ("A title", "d", "A. Writer", "x")
    assert (row.published_at, row.feed_updated_at, row.seen_at) == (NOON, NOON, NOON + HOUR)


@pytest.mark.parametrize(
    ("published", "kept"),
    [(None, NOON + HOUR), (NOON + 400 * HOUR, NOON + HOUR), (NOON, NOON), (NOON - 9999 * HOUR, NOON - 9999 * HOUR)],
)
def test_a_missing_or_future_date_becomes_the_time_of_arrival(published: object, kept: object) -> None:
    put(a_source(), an_entry("https://herald.example/a", published_at=published))

    assert FeedEntry.objects.get().published_at == kept


def test_the_number_of_queries_does_not_grow_with_the_entries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    source = a_source()
    # Stored stories, entries that wait, stored titles, the insert.
    for number in (2, 60):  # SQLite inserts so many at once
        entries = [an_entry(f"https://herald.example/{number}/{index}") for index in range(number)]
        with django_assert_num_queries(4):
            put(source, *entries)


@pytest.mark.parametrize(
    ("title", "hours_later", "state"),
    [
        ("The bridge reopens", 72, "duplicate"),
        ("THE BRIDGE REOPENS!", 1, "duplicate"),
        ("The bridge reopens", -72, "duplicate"),
        ("The bridge reopens", 73, "pending"),
        ("The bridge closes", 1, "pending"),
    ],
)
def test_the_title_of_a_stored_story_makes_a_duplicate_within_72_hours(
    title: str, hours_later: int, state: str
) -> None:
    story = a_story(original_title="The bridge reopens", published_at=NOON - 100 * HOUR)
    entry = an_entry("https://other.example/x", title, published_at=NOON + (hours_later - 100) * HOUR)

    result = put(a_source("other"), entry)

    row = FeedEntry.objects.get()
    assert row.state == state
    assert row.duplicate_of == (story.id if state == "duplicate" else None)
    assert result == (Announced(0, 1) if state == "duplicate" else Announced(1, 0))


def test_the_title_of_a_story_without_a_body_keeps_nobody_out() -> None:
    a_story_without_body(original_title="The bridge reopens")

    put(a_source("other"), an_entry("https://other.example/x", "The bridge reopens"))

    assert waiting() == {"https://other.example/x"}


def test_entries_without_a_title_are_like_no_other() -> None:
    a_story(original_title="!!!")
    blank = [an_entry(f"https://herald.example/blank/{number}", "…") for number in range(2)]
    assert {entry.title_hash for entry in blank} == {""}

    put(Source.objects.get(), *blank)

    assert len(taken()) == 2


def test_no_more_than_the_newest_of_each_source_are_taken() -> None:
    for slug in ("herald", "times"):
        source = a_source(slug)
        put(source, *(an_entry(f"https://{slug}.example/{age}", published_at=NOON - age * HOUR) for age in range(5)))

    assert taken(most=2) == [
        url
        for _, url in sorted(
            ((age, f"https://{slug}.example/{age}") for slug in ("herald", "times") for age in range(2)),
            key=lambda pair: (pair[0], str(FeedEntry.objects.get(url=pair[1]).story_id)),
        )
    ]
    assert len(taken("times", most=3)) == 3
    assert count_takeable(source_slugs=["times"], max_per_source=99) == 5
    assert count_takeable(source_slugs=[], max_per_source=99) == 10


def test_entries_of_a_source_that_is_switched_off_stay_where_they_are() -> None:
    source = a_source()
    put(source, an_entry("https://herald.example/a"))
    Source.objects.update(is_active=False)

    assert (taken(), count_takeable(source_slugs=[], max_per_source=99)) == ([], 0)
    assert waiting() == {"https://herald.example/a"}


def test_entries_of_a_source_that_its_publisher_has_closed_are_still_taken() -> None:
    source = a_source()
    put(source, an_entry("https://herald.example/a"))
    Source.objects.update(is_active=False, closed_at=NOON)

    assert taken() == taken("herald") == ["https://herald.example/a"]
    assert count_takeable(source_slugs=[], max_per_source=99) == 1


@pytest.mark.parametrize("best_first", [True, False])
def test_of_one_address_in_two_feeds_the_better_sources_is_taken(best_first: bool) -> None:
    best, other = a_source("best", priority=1), a_source("other", priority=2)
    for source in (best, other) if best_first else (other, best):
        put(source, an_entry("https://wire.example/story"))

    (entry,) = take_from_inbox(source_slugs=[], max_per_source=25)

    assert entry.source == best


@pytest.mark.parametrize("best_first", [True, False])
def test_of_one_title_in_two_feeds_the_better_sources_is_taken(best_first: bool) -> None:
    best, other = a_source("best", priority=1), a_source("other", priority=2)
    for source in (best, other) if best_first else (other, best):
        put(source, an_entry(f"https://{source.slug}.example/x", "The bridge reopens"))

    assert taken() == ["https://best.example/x"]


def test_pages_of_the_inbox_are_read_when_they_are_reached(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(inbox, "PAGE_ENTRIES", 2)
    put(a_source(), *(an_entry(f"https://herald.example/{age}", published_at=NOON - age * HOUR) for age in range(5)))
    entries = take_from_inbox(source_slugs=[], max_per_source=25)

    with django_assert_num_queries(2):
        first, second = next(entries), next(entries)
    FeedEntry.objects.filter(url="https://herald.example/2").delete()

    assert [entry.url[-1] for entry in (first, second, *entries)] == ["0", "1", "3", "4"]


def test_a_stored_story_leaves_the_inbox_and_its_doubles_become_duplicates() -> None:
    herald, times, other = a_source("herald"), a_source("times"), a_source("other")
    put(herald, an_entry("https://herald.example/x", "The bridge reopens"))
    put(times, an_entry("https://herald.example/x", "Another headline for it"))
    put(other, an_entry("https://other.example/y", "The bridge reopens"))
    put(other, an_entry("https://other.example/z", "The bridge reopens", published_at=NOON - 80 * HOUR))
    story = a_story(herald, url="https://herald.example/x", original_title="The bridge reopens")

    assert clear_story(story) == 2

    assert waiting() == {"https://other.example/z"}
    assert set(FeedEntry.objects.values_list("url", "state", "duplicate_of")) == {
        ("https://herald.example/x", "duplicate", story.id),
        ("https://other.example/y", "duplicate", story.id),
        ("https://other.example/z", "pending", None),
    }


def test_a_story_without_a_body_leaves_the_inbox_to_others_of_its_title() -> None:
    herald, other = a_source("herald"), a_source("other")
    put(herald, an_entry("https://herald.example/x", "The bridge reopens"))
    put(other, an_entry("https://other.example/y", "The bridge reopens"))
    story = a_story_without_body(herald, url="https://herald.example/x", original_title="The bridge reopens")

    assert clear_story(story) == 0
    assert waiting() == {"https://other.example/y"}


def test_a_duplicate_is_announced_once_more_as_a_duplicate() -> None:
    a_story(original_title="The bridge reopens")
    source, entry = a_source("other"), an_entry("https://other.example/y", "The bridge reopens")
    put(source, entry)

    assert put(source, entry) == Announced(0, 1)
    assert FeedEntry.objects.count() == 1
    assert FeedEntry.objects.get().seen_at < timezone.now()
