"""Which stored stories are one article, which is its original, and that neither arrival nor threads decide it."""

import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import permutations
from random import Random

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from briefs.models import BriefExclusion
from briefs.services import assemble_brief
from classification.services import classify_pending
from ingestion import twins
from ingestion.inbox import announce
from ingestion.models import BodyBand, Source, StoryBody, StoryRaw
from ingestion.near_duplicates import signature_of
from ingestion.services import ingest
from ingestion.titles import title_hash
from ingestion.urls import story_id, url_hash
from ingestion.versions import Page, add_version
from neutralization.models import Status
from neutralization.services import neutralize_pending
from ntrl.bodies import put_body
from ntrl.newsroom.articles import load_articles
from ntrl.stages.runner import RunOptions
from tests.support.factories import NOON, a_source, a_version, an_entry
from tests.support.fetching import FakeFetcher, a_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bodies")]
DAY = timedelta(days=1)
_chance = Random(8)
# A slice of these and the next slice overlap as much as one wants.
WORDS = ["".join(_chance.choices("abcdefghijklmnop", k=_chance.randint(3, 9))) for _ in range(1000)]


def a_slice(start: int, length: int = 600) -> str:
    return " ".join(WORDS[start : start + length])


# Neighbours share 0.82 of their shingles, others 0.66 and less.
CHAIN = {"a": a_slice(0), "b": a_slice(60), "c": a_slice(120), "d": a_slice(180)}
APART = a_slice(700, 300)


def arrive(
    name: str,
    text: str,
    *,
    source: Source | None = None,
    published_at: datetime = NOON,
    title: str = "",
    canonical: str = "",
    language: str = "en",
    truncated: str = "",
) -> StoryRaw:
    """Store a story with its first body, as the stage's save does."""
    url = f"https://herald.example/{name}"
    key = url_hash(url)
    with transaction.atomic():
        story = StoryRaw.objects.create(
            id=story_id(key),
            source=source or Source.objects.first() or a_source(),
            original_url=url,
            original_title=title or f"About {name}",
            url_hash=key,
            title_hash=title_hash(title or f"About {name}"),
            published_at=published_at,
        )
        read_again(story, text, canonical=canonical, language=language, truncated=truncated)
    return story


def read_again(story: StoryRaw, text: str, *, canonical: str = "", language: str = "en", truncated: str = "") -> int:
    """Store another version of a story's body."""
    page = Page(
        body=put_body(story.id, story.body_version + 1, text),
        version=story.body_version + 1,
        extractor="test",
        truncation_reason=truncated,
        language=language,
        canonical_url_hash=url_hash(canonical) if canonical else "",
        signature=b"" if truncated else signature_of(text),
    )
    with transaction.atomic():
        add_version(story, page, now=NOON)
        return twins.settle(story)


def originals() -> dict[str, str]:
    """Name each duplicate and its original by the last part of their addresses."""
    rows = StoryRaw.objects.filter(is_duplicate=True).values_list("original_url", "duplicate_of__original_url")
    return {one[-1]: other[-1] for one, other in rows}


def empty() -> None:
    StoryRaw.objects.update(duplicate_of=None)
    StoryRaw.objects.all().delete()


def test_the_same_text_under_another_title_is_a_duplicate() -> None:
    first = arrive("a", CHAIN["a"])
    second = arrive("b", CHAIN["b"], published_at=NOON + DAY)

    second.refresh_from_db()
    assert (second.is_duplicate, second.duplicate_of) == (True, first)
    assert list(first.duplicates.all()) == [second]


@pytest.mark.parametrize(
    ("other", "fields"),
    [
        pytest.param(APART, {}, id="another text"),
        pytest.param(CHAIN["b"], {"published_at": NOON + 15 * DAY}, id="two weeks later"),
        pytest.param(CHAIN["b"], {"published_at": NOON - 15 * DAY}, id="two weeks earlier"),
        pytest.param(CHAIN["b"], {"language": "de"}, id="another language"),
        pytest.param(CHAIN["b"], {"truncated": "paywall_notice"}, id="only the beginning"),
        pytest.param(CHAIN["a"][:400], {}, id="too short"),
    ],
)
def test_what_is_not_the_same_article(other: str, fields: dict[str, object]) -> None:
    arrive("a", CHAIN["a"])
    arrive("b", other, **fields)  # type: ignore[arg-type]

    assert originals() == {}


@pytest.mark.parametrize("days", [14, -14])
def test_the_window_reaches_two_weeks_to_both_sides(days: int) -> None:
    arrive("a", CHAIN["a"])
    arrive("b", CHAIN["b"], published_at=NOON + days * DAY)

    assert len(originals()) == 1


@pytest.mark.parametrize("order", list(permutations("abcd")))
def test_a_chain_has_one_original_whatever_the_order(order: Sequence[str]) -> None:
    ranked = {
        name: a_source(f"source-{name}", priority=priority) for name, priority in zip("abcd", (3, 2, 1, 4), strict=True)
    }

    for name in order:
        arrive(name, CHAIN[name], source=ranked[name])

    assert originals() == {"a": "c", "b": "c", "d": "c"}


def test_any_stories_in_any_order_end_alike() -> None:
    chance = Random(5)
    sources = [a_source(f"source-{place}", priority=priority) for place, priority in enumerate((1, 2, 2, 9))]
    for _ in range(6):
        stories = [
            (name, a_slice(60 * chance.randrange(5)), chance.choice(sources), NOON + chance.randrange(3) * DAY, title)
            for name, title in zip("efghij", ("One", "Two", "Two", "", "", ""), strict=True)
        ]
        ends = []
        for _ in range(4):
            chance.shuffle(stories)
            for name, text, source, moment, title in stories:
                arrive(name, text, source=source, published_at=moment, title=title)
            ends.append(originals())
            _check_originals()
            empty()
        assert all(end == ends[0] for end in ends)


def _check_originals() -> None:
    assert not StoryRaw.objects.filter(duplicate_of__is_duplicate=True).exists()


def test_a_story_that_readers_know_stays_though_a_better_one_comes() -> None:
    best, other = a_source("best", priority=1), a_source("other", priority=9)
    shown = arrive("a", CHAIN["a"], source=other)
    a_version(shown)

    arrive("b", CHAIN["b"], source=best)
    arrive("c", CHAIN["c"], source=best)

    assert originals() == {"b": "a", "c": "a"}


@pytest.mark.parametrize("status", [Status.SKIPPED, Status.FAILED_AUDIT])
def test_a_story_whose_neutralization_failed_gives_way_to_a_better_one(status: Status) -> None:
    failed = arrive("a", CHAIN["a"], source=a_source("other", priority=9))
    a_version(failed, status=status)

    arrive("b", CHAIN["b"], source=a_source("best", priority=1))

    assert originals() == {"a": "b"}


def test_two_stories_that_readers_know_both_stay_when_a_third_turns_out_to_be_both() -> None:
    for name in "ac":
        a_version(arrive(name, CHAIN[name], published_at=NOON + (name == "c") * DAY))
    assert originals() == {}

    arrive("b", CHAIN["b"])

    assert originals() == {"b": "a"}


def test_a_whole_text_goes_before_the_beginning_of_one() -> None:
    arrive("a", CHAIN["a"][:900], source=a_source("best", priority=1), title="Same", truncated="paywall_notice")

    arrive("b", CHAIN["b"], source=a_source("other"), title="Same")

    assert originals() == {"a": "b"}


def test_title_address_and_text_join_one_article() -> None:
    arrive("a", CHAIN["a"])
    arrive("b", APART, title="About a", published_at=NOON + DAY)
    # Two thirds of b's text, which alone would not do.
    arrive("c", a_slice(790, 210), canonical="https://herald.example/b", published_at=NOON + 2 * DAY)
    arrive("d", CHAIN["b"], published_at=NOON + 3 * DAY)

    assert originals() == {"b": "a", "c": "a", "d": "a"}


@pytest.mark.parametrize("text", [a_slice(500, 300), "short"])
def test_an_address_that_pages_share_makes_no_duplicates_of_other_texts(text: str) -> None:
    """Some sites' templates name one address for all their articles: none of them may vanish."""
    arrive("a", CHAIN["a"], canonical="https://herald.example/view")
    arrive("b", text, canonical="https://herald.example/view")
    arrive("c", APART, canonical="https://herald.example/a")

    assert originals() == {}


def test_a_new_version_may_make_a_duplicate_and_never_ends_one() -> None:
    first, second = arrive("a", CHAIN["a"]), arrive("b", APART, published_at=NOON + DAY)
    assert originals() == {}

    assert read_again(second, CHAIN["b"]) == 1
    assert originals() == {"b": "a"}
    assert read_again(second, a_slice(400, 400)) == 0
    assert originals() == {"b": "a"}
    # And what repeats its first text is found too.
    arrive("c", APART, published_at=NOON + 2 * DAY)
    assert originals() == {"b": "a", "c": "a"}
    assert first.bodies.count() == 1


def test_a_new_version_of_a_shown_story_leaves_it_where_it_is() -> None:
    shown = arrive("a", CHAIN["a"], published_at=NOON + DAY)
    a_version(shown)
    other = arrive("b", APART)
    a_version(other)

    read_again(shown, APART)

    assert originals() == {}


def test_the_number_of_queries_does_not_grow_with_the_stories() -> None:
    def queries(text: str, name: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            arrive(name, text)
        return len(captured)

    alone = queries(APART, "alone")
    arrive("a", CHAIN["a"])
    one = queries(CHAIN["a"], "one")
    for number in range(20):
        arrive(f"more-{number}", CHAIN["a"])

    assert queries(CHAIN["a"], "last") == one
    # Contenders, and what becomes of them.
    assert one - alone <= 5


def test_a_text_that_hundreds_repeat_is_compared_with_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twins, "MAX_CANDIDATES", 3)

    for number in range(9):
        arrive(f"n{9 - number}", CHAIN["a"], published_at=NOON - number * timedelta(hours=1))

    assert originals() == {str(number): "1" for number in range(2, 10)}


def test_a_deleted_body_takes_its_bands_along() -> None:
    arrive("a", CHAIN["a"])
    assert BodyBand.objects.count() == 25

    StoryBody.objects.all().delete()

    assert not BodyBand.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite runs one writing transaction at a time anyway")
@pytest.mark.django_db(transaction=True)
def test_of_two_twins_stored_by_two_processes_at_once_each_sees_the_other() -> None:
    a_source()
    settled = threading.Event()

    def store_one_and_wait() -> None:
        with transaction.atomic():
            arrive("a", CHAIN["a"])
            settled.set()
            time.sleep(0.3)
        connection.close()

    def store_the_other() -> None:
        settled.wait(timeout=10)
        arrive("b", CHAIN["b"], published_at=NOON + DAY)
        connection.close()

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(store_one_and_wait), pool.submit(store_the_other)]:
            done.result(timeout=30)

    assert originals() == {"b": "a"}


# --- two agencies, from their feeds to the brief -----------------------------------------------------------------


def wires() -> Iterable[tuple[str, Source, str, str, datetime]]:
    """One agency's text in two papers, a third report, and an unrelated one: address, source, title, page, time."""
    articles = {article.slug: article for article in load_articles()}
    agency, paper = a_source("agency", priority=1), a_source("paper")
    for source, slug, hours in (
        (agency, "black-sea-grain-inspections", 2),
        (paper, "grain-ships-single-check", 1),
        (paper, "cebu-ferry-aground", 3),
    ):
        article = articles[slug]
        page = a_page(article.title, paragraphs=article.paragraphs)
        yield f"https://{source.slug}.example/{slug}", source, article.title, page, NOON - timedelta(hours=hours)


@pytest.mark.parametrize("agency_first", [True, False])
def test_two_wires_are_one_story_in_the_brief(agency_first: bool, admin_client: Client) -> None:
    pages = {}
    for url, source, title, page, published_at in wires():
        announce(source, [an_entry(url, title, published_at=published_at)], now=NOON)
        pages[url] = page
    fetcher, options = FakeFetcher(pages), RunOptions(workers=1)
    slugs = ["agency", "paper"] if agency_first else ["paper", "agency"]

    results = [ingest(trace_id="t", options=options, source_slugs=[slug], fetcher=fetcher) for slug in slugs]
    classify_pending(trace_id="t", options=options)
    neutralize_pending(trace_id="t", options=options)
    brief = assemble_brief(trace_id="t", options=options, cutoff_hours=100_000).brief

    shown = StoryRaw.objects.get(source__slug="agency")
    double = StoryRaw.objects.get(duplicate_of__isnull=False)
    assert double.original_url.endswith("grain-ships-single-check")
    assert (double.is_duplicate, double.duplicate_of, double.raw_content_available) == (True, shown, True)
    assert sum(result.reports[1].counts["duplicates"] for result in results) == 1
    assert brief is not None
    in_brief = [story["id"] for section in brief.rendered["sections"] for story in section["stories"]]
    assert str(shown.id) in in_brief
    assert (len(in_brief), str(double.id) in in_brief) == (2, False)
    exclusion = BriefExclusion.objects.get(brief=brief)
    assert (exclusion.story_id, exclusion.detail) == (double.id, f"duplicate of {shown.id}")
    listed = admin_client.get(reverse("admin:ingestion_storyraw_changelist")).content.decode()
    assert f"{shown.original_title} ({shown.source})" in listed
    page = admin_client.get(reverse("admin:ingestion_storyraw_change", args=[shown.pk])).content.decode()
    assert double.original_title in page
